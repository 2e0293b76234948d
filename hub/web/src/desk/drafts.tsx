// What the reader has begun to write to somebody and not sent.
import { computed, signal } from "@preact/signals";
import { PenLine } from "lucide";
import { useGet } from "~/api/cache.ts";
import type { TicketDetail } from "~/api/types.ts";
import { draft, draftNames, forgetDraft } from "~/base/drafts.ts";
import { title } from "~/base/router.tsx";
import { Empty } from "~/ui/states.tsx";
import { canUndo } from "./undo.ts";
import type { Audience } from "./types.ts";
import { t } from "./words.ts";

export function draftName(ticket: number, audience: Audience): string {
  return `ticket.${ticket}.${audience}`;
}
// Looked at again when something was written, sent or thrown away.
export const draftsChanged = signal(0);
window.addEventListener("storage", () => (draftsChanged.value += 1)); // another tab writes

export interface UnsentDraft {
  name: string;
  ticket: number;
  audience: Audience;
}
export const unsentDrafts = computed<UnsentDraft[]>(() => {
  void draftsChanged.value;
  return draftNames().flatMap((name) => {
    const found = /^ticket\.(\d+)\.(user|internal|supplier:\d+)$/.exec(name);
    return found ? [{ name, ticket: Number(found[1]), audience: found[2] as Audience }] : [];
  });
});

function DraftRow({ unsent }: { unsent: UnsentDraft }) {
  const ticket = useGet<TicketDetail>(`tickets/${unsent.ticket}`, [`ticket:${unsent.ticket}`]).data;
  const text = draft(unsent.name).value;
  const leg = unsent.audience.startsWith("supplier:") ? ticket?.delegations.find((each) => each.id === Number(unsent.audience.slice(9))) : undefined;
  const who = unsent.audience === "user" ? (ticket?.requester_name ?? t.draftUser) : unsent.audience === "internal" ? t.draftInternal : (leg?.supplier ?? t.draftSupplier);
  const tone = unsent.audience.startsWith("supplier:") ? "supplier" : unsent.audience;
  return (
    <li class={`draft-row to-${tone}`}>
      <a href={`/desk/tickets/${unsent.ticket}?write=${encodeURIComponent(unsent.audience)}`}>
        {ticket ? `${ticket.reference} ${ticket.subject}` : `#${unsent.ticket}`}
      </a>
      <p class="small draft-to">{t.draftTo(who)}</p>
      <p class="draft-text">{text}</p>
      <button
        type="button"
        onClick={() => {
          forgetDraft(unsent.name);
          draftsChanged.value += 1;
          canUndo(t.thrownAway, () => {
            draft(unsent.name).value = text;
            setTimeout(() => (draftsChanged.value += 1), 200); // the draft is written a moment later
            return Promise.resolve();
          });
        }}
      >
        {t.throwAway}
      </button>
    </li>
  );
}

export function DraftsPage() {
  title.value = t.drafts;
  const all = unsentDrafts.value;
  return (
    <div class="page page-narrow">
      <h1>{t.drafts}</h1>
      {all.length === 0 ? (
        <Empty icon={PenLine} title={t.draftsEmpty}>
          <p>{t.draftsEmptyText}</p>
        </Empty>
      ) : (
        <ul class="plain-list draft-list">
          {all.map((each) => (
            <DraftRow key={each.name} unsent={each} />
          ))}
        </ul>
      )}
    </div>
  );
}
