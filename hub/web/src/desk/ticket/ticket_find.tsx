// Finds another ticket by number or by words.
import { useSignal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useGet, type Page } from "~/api/cache.ts";
import type { TicketRow } from "~/api/types.ts";
import { statusWord } from "~/ui/domain.tsx";
import { Combobox } from "~/ui/combobox.tsx";
import { t } from "./words.ts";

export interface FoundTicket {
  id: number;
  reference: string;
  subject: string;
}

// What was typed, a moment later: so that not every letter asks the hub.
export function useLater(text: string, wait = 180): string {
  const later = useSignal(text);
  useEffect(() => {
    const timer = setTimeout(() => (later.value = text), wait);
    return () => clearTimeout(timer);
  }, [text]);
  return later.value;
}

// "OMB-17" or "17" → 17
export function numberIn(text: string): number | null {
  const found = /^\s*(?:[a-zåäö]+-)?(\d{1,12})\s*$/i.exec(text);
  return found ? Number(found[1]) : null;
}
export function openWords(text: string): string {
  const words = text.trim();
  return words && !/[*"]$/.test(words) ? `${words}*` : words;
}

export function TicketFind({ label, found, except, error }: { label: string; found: Signal<FoundTicket | null>; except: number; error?: string | undefined }) {
  const text = useSignal(found.value ? `${found.value.reference} ${found.value.subject}` : "");
  const asked = useLater(text.value);
  const number = numberIn(asked);
  const one = useGet<TicketRow>(number ? `tickets/${number}` : null, number ? [`ticket:${number}`] : []).data;
  const many = useGet<Page<TicketRow>>(!number && asked.length > 1 && !found.value ? "tickets" : null, ["tickets"], { q: openWords(asked), limit: 12 }).data?.items ?? [];
  const all = [...(number && one ? [one] : []), ...(number ? [] : many)].filter((each) => each.id !== except);
  return (
    <Combobox
      label={label}
      name="ticket"
      text={text}
      error={error}
      none={asked.length > 1 && !found.value ? t.noSimilar : undefined}
      options={found.value ? [] : all.map((each) => ({ id: String(each.id), label: `${each.reference} ${each.subject}`, about: statusWord(each.status) }))}
      choose={(id) => {
        const ticket = all.find((each) => String(each.id) === id);
        if (!ticket) return;
        found.value = ticket;
        text.value = `${ticket.reference} ${ticket.subject}`;
        const stop = text.subscribe((value) => {
          if (value === `${ticket.reference} ${ticket.subject}`) return;
          found.value = null;
          stop();
        });
      }}
    />
  );
}
