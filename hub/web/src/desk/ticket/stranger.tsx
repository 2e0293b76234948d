// A ticket of nobody known: who wrote, as his mail says, and how he becomes somebody who can be answered.
import { useSignal } from "@preact/signals";
import { UserPlus, UserSearch } from "lucide";
import { asProblem } from "~/api/client.ts";
import { useGet, type Page } from "~/api/cache.ts";
import type { Person, TicketDetail } from "~/api/types.ts";
import { Combobox } from "~/ui/combobox.tsx";
import { Icon } from "~/ui/icon.tsx";
import { toast } from "~/ui/toast.tsx";
import type { Directory } from "../directory.ts";
import { changeTicket } from "../undo.ts";
import { useLater } from "./ticket_find.tsx";
import { t } from "./words.ts";

export function Stranger({ ticket, directory }: { ticket: TicketDetail; directory: Directory }) {
  const choosing = useSignal(false);
  const busy = useSignal(false);
  const text = useSignal("");
  const asked = useLater(text.value);
  const people = useGet<Page<Person>>(choosing.value && asked.length > 1 ? "people" : null, [], { q: asked, customer: ticket.customer, limit: 10 }).data?.items ?? [];
  const contact = ticket.contact ?? null;
  const forged = contact?.verdict === "fail";
  const customer = ticket.customer_name ?? directory.customer(ticket.customer);
  const set = async (requester: number | { email: string; name?: string }, name: string) => {
    busy.value = true;
    try {
      await changeTicket(ticket.id, "PATCH", `tickets/${ticket.id}`, { requester }, t.requesterSet(name));
    } catch (failed) {
      toast(asProblem(failed).message, { tone: "danger" });
    } finally {
      busy.value = false;
    }
  };
  return (
    <div class="side-stranger">
      <p class="side-person">
        <strong>{contact ? t.senderUnknown : t.noUser}</strong>
        {contact && (
          <>
            <br />
            <bdi>{contact.name ?? ""}</bdi> <bdi class="quiet">{contact.address}</bdi>
          </>
        )}
        <br />
        {customer}
      </p>
      {contact && <p class="quiet small">{forged ? t.senderForged : t.senderUnknownHelp}</p>}
      <div class="side-do">
        {contact && !forged && (
          <button type="button" disabled={busy.value} onClick={() => void set({ email: contact.address, ...(contact.name && { name: contact.name }) }, contact.name || contact.address)}>
            <Icon of={UserPlus} size={14} /> {t.addAsPerson}
          </button>
        )}
        <button type="button" disabled={busy.value} aria-expanded={choosing.value} onClick={() => (choosing.value = !choosing.value)}>
          <Icon of={UserSearch} size={14} /> {t.choosePerson}
        </button>
      </div>
      {choosing.value && (
        <Combobox
          label={t.participantFind}
          hideLabel
          prompt={t.participantFind}
          text={text}
          autoFocus
          options={people.map((each) => ({ id: String(each.id), label: each.name, about: each.email }))}
          choose={(id) => {
            const person = people.find((each) => String(each.id) === id);
            if (person) void set(person.id, person.name);
          }}
        />
      )}
    </div>
  );
}
