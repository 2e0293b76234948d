// An order and its own organisation's yes: whom it waits for, what was answered, and what the desk can do about it.
import { useSignal } from "@preact/signals";
import { CircleCheck, CircleX, ClipboardCheck, Hourglass, MinusCircle, TriangleAlert, type IconNode } from "lucide";
import { api, asProblem } from "~/api/client.ts";
import { invalidate, useGet } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import type { Approval, LoggedEvent, Person, Ticket, TicketDetail, TicketRow } from "~/api/types.ts";
import { dateAndTime, now, relative } from "~/base/time.ts";
import { approverNames, decider, deciders, waitsForYes } from "~/ui/approval.ts";
import { Dialog, DialogFoot } from "~/ui/dialog.tsx";
import { Badge, type Tone } from "~/ui/domain.tsx";
import { Form, TextArea, useForm } from "~/ui/form.tsx";
import { Icon } from "~/ui/icon.tsx";
import { toast } from "~/ui/toast.tsx";
import { t as ui } from "~/ui/words.ts";
import { recount } from "../counts.ts";
import { t } from "./approval_words.ts";

function isLate(approval: Approval): boolean {
  return Boolean(approval.due_at) && Date.parse(approval.due_at ?? "") < now.value;
}

function look(ticket: TicketDetail, approval: Approval): { tone: Tone; icon: IconNode; text: string } {
  const by = decider(approval);
  switch (approval.state) {
    case "needed": {
      const names = approverNames(approval, t.others);
      if (!names) return { tone: "danger", icon: TriangleAlert, text: approval.approvers[0] ? t.waitsWriter(approval.approvers[0].name) : t.waitsNobody };
      return { tone: waitsForYes(ticket) ? "warning" : "neutral", icon: Hourglass, text: t.waits(names) };
    }
    case "approved":
      return { tone: "ok", icon: CircleCheck, text: by ? t.approved(by) : t.approvedBare };
    case "rejected":
      return { tone: "danger", icon: CircleX, text: by ? t.rejected(by) : t.rejectedBare };
    case "not_needed":
      return approval.decided_at ? { tone: "neutral", icon: MinusCircle, text: t.waived } : { tone: "neutral", icon: ClipboardCheck, text: t.never };
  }
}

export function ApprovalLine({ ticket }: { ticket: TicketDetail }) {
  const waiving = useSignal(false);
  const busy = useSignal(false);
  const approval = ticket.approval;
  if (!approval) return null;
  const shown = look(ticket, approval);
  const can = (what: string) => may("ticket.work") && (ticket.may?.includes(what) ?? false);
  const waits = waitsForYes(ticket);
  const nobody = deciders(approval).length === 0;
  // An order that nobody was asked about and nobody could approve is the usual one of many customers: no button.
  const askable = can("request_approval") && !(nobody && approval.state !== "approved" && approval.state !== "rejected");
  const ask = async () => {
    if (busy.peek()) return;
    busy.value = true;
    try {
      await api.post<Ticket>(`tickets/${ticket.id}/approval/request`, {}, { ifMatch: ticket.version });
      toast(t.asked, { tone: "ok" });
    } catch (failed) {
      toast(asProblem(failed).message, { tone: "danger" });
    } finally {
      busy.value = false;
      invalidate(`ticket:${ticket.id}`, "tickets");
      recount();
    }
  };
  return (
    <div class={`approval-line approval-${approval.state}`} role="status">
      <p class="approval-words">
        <Badge tone={shown.tone} icon={shown.icon}>
          <span dir="auto">{shown.text}</span>
        </Badge>
        {approval.state === "not_needed" && !approval.decided_at && nobody && <span class="quiet">{t.nobody}</span>}
        {waits && nobody && <span class="quiet">{t.nobodyNext}</span>}
        {waits && approval.due_at && (
          <span class={isLate(approval) ? "approval-late" : "quiet"} title={dateAndTime(approval.due_at)}>
            {isLate(approval) ? t.late(relative(approval.due_at)) : t.due(relative(approval.due_at))}
            {approval.reminded_at && `, ${t.reminded(relative(approval.reminded_at))}`}
          </span>
        )}
        {approval.comment && (
          <span class="approval-comment" dir="auto">
            ”{approval.comment}”
          </span>
        )}
      </p>
      <span class="approval-do no-print">
        {askable && (
          <button type="button" aria-disabled={busy.value} onClick={() => void ask()}>
            {waits || approval.state === "rejected" || approval.state === "approved" ? t.askAgain : t.ask}
          </button>
        )}
        {can("waive_approval") && (
          <button type="button" onClick={() => (waiving.value = true)}>
            {t.waive}
          </button>
        )}
      </span>
      {waiving.value && <WaiveDialog ticket={ticket} close={() => (waiving.value = false)} />}
    </div>
  );
}

function WaiveDialog({ ticket, close }: { ticket: TicketDetail; close: () => void }) {
  const form = useForm();
  const reason = useSignal("");
  const submit = async () => {
    const went = await form.submit(
      () => (reason.peek().trim() ? [] : [{ name: "reason", text: t.waiveMissing }]),
      async () => {
        await api.delete(`tickets/${ticket.id}/approval`, { reason: reason.peek().trim() });
        invalidate(`ticket:${ticket.id}`, "tickets");
        recount();
      },
    );
    if (!went) return;
    close();
    toast(t.waiveDone, { tone: "ok" });
  };
  return (
    <Dialog title={t.waiveTitle} close={close}>
      <Form state={form} onSubmit={() => void submit()}>
        <p>{t.waiveAbout}</p>
        <TextArea value={reason} name="reason" label={t.waiveReason} rows={2} maxLength={4000} error={form.error("reason")} />
        <DialogFoot close={close} form={form} word={t.waive} />
      </Form>
    </Dialog>
  );
}

// In a list.
export function ApprovalSign({ row }: { row: TicketRow }) {
  if (!row.approval || !waitsForYes(row)) return null;
  const late = isLate(row.approval) || deciders(row.approval).length === 0;
  return (
    <Badge tone={late ? "danger" : "warning"} icon={late ? TriangleAlert : Hourglass}>
      {late ? t.shortLate : t.short}
    </Badge>
  );
}
export function ApprovalBall() {
  return (
    <span class="ball ball-user">
      <Icon of={ClipboardCheck} size={14} /> {t.ball}
    </span>
  );
}

// The log has the number of who decided; his name is the directory's.
export function Decided({ event }: { event: LoggedEvent }) {
  const person = Number(event.data.person);
  const approver = Number(event.data.for);
  const read = may("person.read");
  const by = useGet<Person>(read && person > 0 ? `people/${person}` : null, ["people"]).data?.name;
  const instead = useGet<Person>(read && approver > 0 ? `people/${approver}` : null, ["people"]).data?.name;
  return <>{approvalSentence(event, "", by && instead ? ui.standsFor(by, instead) : by)}</>;
}

// What the log says of it, in a sentence; nothing for other events.
export function approvalSentence(event: LoggedEvent, who: string, name = t.anApprover): string {
  const comment = [event.data.comment, event.data.reason].find((each) => typeof each === "string" && each !== "");
  const said = typeof comment === "string" ? `: ”${comment}”` : "";
  switch (event.type) {
    case "approval_requested":
      if (event.data.occasion === "reminder") return t.evReminded;
      return event.data.occasion === "asked" ? t.evAskedAgain(who) : t.evAsked;
    case "approval_decided":
      return (event.data.decision === "approve" ? t.evApproved(name) : t.evRejected(name)) + said;
    case "approval_waived":
      return t.evWaived + said;
    default:
      return "";
  }
}
