// Yes or no to somebody else's order. Two buttons, and a no says why; an answer is not taken back, so it is confirmed
// where it was given.
import { useSignal } from "@preact/signals";
import { CircleCheck, CircleX } from "lucide";
import { useEffect, useRef } from "preact/hooks";
import { api, asProblem } from "~/api/client.ts";
import { invalidate } from "~/api/cache.ts";
import type { Ticket, TicketDetail } from "~/api/types.ts";
import { draft } from "~/base/drafts.ts";
import { dateAndTime } from "~/base/time.ts";
import { decider, useApprovals, waitsForMe } from "~/ui/approval.ts";
import { Form, SubmitButton, TextArea, useForm } from "~/ui/form.tsx";
import { Icon } from "~/ui/icon.tsx";
import { PlainText } from "~/ui/text.tsx";
import { toast } from "~/ui/toast.tsx";
import { AnswerBy } from "./approvals.tsx";
import { t } from "./approval_words.ts";

export const decisionId = "approval-box";

type Answer = "approve" | "reject";

// What of an order is approved: its words. A file that is added is announced by the conversation.
function wordsOf(ticket: TicketDetail): string {
  return JSON.stringify([ticket.subject, ticket.service, ticket.messages.filter((each) => each.visibility === "user").length, ticket.attachments.length]);
}

export function Decision({ ticket, reload }: { ticket: TicketDetail; reload: () => Promise<void> }) {
  const answered = useSignal<Answer | null>(null);
  const asked = waitsForMe(ticket);
  if (answered.value) return <Answered answer={answered.value} ticket={ticket} />;
  return asked ? <Asking ticket={ticket} reload={reload} done={(answer) => (answered.value = answer)} /> : null;
}

function Asking({ ticket, reload, done }: { ticket: TicketDetail; reload: () => Promise<void>; done: (answer: Answer) => void }) {
  const form = useForm();
  const busy = useSignal(false);
  const why = draft(`approval.${ticket.id}`);
  const refusing = useSignal(why.peek() !== "");
  const seen = useRef(wordsOf(ticket));
  const changed = wordsOf(ticket) !== seen.current;
  const send = async (answer: Answer) => {
    const comment = answer === "reject" ? { comment: why.peek().trim() } : {};
    await api.post<Ticket>(`tickets/${ticket.id}/approval`, { decision: answer, ...comment }, { ifMatch: ticket.version });
    why.value = "";
    done(answer);
    invalidate("tickets");
    await reload();
  };
  const approve = async () => {
    if (busy.peek()) return;
    busy.value = true;
    try {
      await send("approve");
    } catch (failed) {
      toast(asProblem(failed).message, { tone: "danger" });
      void reload();
    } finally {
      busy.value = false;
    }
  };
  const reject = () =>
    form.submit(
      () => (why.peek().trim() ? [] : [{ name: "comment", text: t.whyMissing }]),
      () => send("reject"),
    );
  return (
    <section id={decisionId} class="decision no-print" aria-labelledby="decision">
      <h2 id="decision">{t.question}</h2>
      <p class="quiet small">
        {t.questionText} {ticket.approval?.due_at && <AnswerBy at={ticket.approval.due_at} />}
      </p>
      <p role="status" class={changed ? "decision-changed" : "sr-only"}>
        {changed ? t.changed : ""}
      </p>
      {!refusing.value && (
        <div class="buttons decision-buttons">
          <button type="button" class="primary" aria-disabled={busy.value} onClick={() => void approve()}>
            <Icon of={CircleCheck} /> {t.approve}
          </button>
          <button type="button" onClick={() => (refusing.value = true)}>
            <Icon of={CircleX} /> {t.reject}
          </button>
        </div>
      )}
      {refusing.value && (
        <Form state={form} onSubmit={() => void reject()} label={t.reject}>
          <TextArea value={why} name="comment" label={t.why} hint={t.whyHint} rows={3} autofocus maxLength={4000} error={form.error("comment")} />
          <div class="buttons">
            <SubmitButton state={form} danger>
              {t.sendNo}
            </SubmitButton>
            <button
              type="button"
              onClick={() => {
                refusing.value = false;
                why.value = "";
              }}
            >
              {t.cancel}
            </button>
          </div>
        </Form>
      )}
    </section>
  );
}

function Answered({ answer, ticket }: { answer: Answer; ticket: TicketDetail }) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.focus(), []);
  const rest = (useApprovals().data?.items ?? []).filter((each) => each.id !== ticket.id);
  const next = rest[0];
  const yes = answer === "approve";
  return (
    <section ref={box} id={decisionId} class={`decision decision-${yes ? "yes" : "no"} no-print`} tabIndex={-1} role="status">
      <p class="decision-done">
        <Icon of={yes ? CircleCheck : CircleX} size={20} /> <strong>{yes ? t.approvedNow : t.rejectedNow}</strong>
      </p>
      <p>{yes ? t.approvedNowText : t.rejectedNowText}</p>
      {next && (
        <a class="button" href={`/tickets/${next.id}`}>
          {t.next(rest.length)}
        </a>
      )}
    </section>
  );
}

// Why an order was refused, in the refuser's own words, right below where it stands.
export function Refused({ ticket }: { ticket: TicketDetail }) {
  const approval = ticket.approval;
  if (approval?.state !== "rejected" || !approval.comment) return null;
  return (
    <section class="refused" aria-labelledby="refused">
      <h2 id="refused" class="aside-title">
        {t.whyNot}
      </h2>
      <PlainText text={approval.comment} />
    </section>
  );
}

// Beside the ticket, once it is decided.
export function ApprovalFact({ ticket }: { ticket: TicketDetail }) {
  const approval = ticket.approval;
  if (!approval || approval.state === "needed") return null;
  const name = decider(approval);
  const words = { approved: name ? t.factApproved(name) : t.factApprovedBare, rejected: name ? t.sRejected(name) : t.sRejectedBare, not_needed: t.factWaived }[approval.state];
  return (
    <>
      <dt>{t.fact}</dt>
      <dd dir="auto">
        {words}
        {approval.decided_at && approval.state !== "not_needed" && <span class="quiet small approval-when"> {dateAndTime(approval.decided_at)}</span>}
        {approval.comment && approval.state === "approved" && <PlainText text={approval.comment} />}
      </dd>
    </>
  );
}
