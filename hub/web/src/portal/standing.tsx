// Where a ticket stands, in the user's words: what happens now, and whose turn it is. Who does the work for the desk is
// the desk's affair: a ticket that waits for a supplier is one that the desk works on.
import { CircleCheck, CircleX, ClipboardCheck, Clock, Hourglass, Inbox, MessageCircleQuestion, type IconNode } from "lucide";
import { session } from "~/api/session.ts";
import type { Ticket, TicketDetail, TicketRow } from "~/api/types.ts";
import type { Tone } from "~/ui/domain.tsx";
import { approverNames, decider, waitsForMe, waitsForYes } from "~/ui/approval.ts";
import { t as approvals } from "./approval_words.ts";
import { t } from "./words.ts";

export interface Standing {
  tone: Tone;
  icon: IconNode;
  text: string;
  next: string;
  yours: boolean; // the reader must act
}

export function isOwn(ticket: Ticket): boolean {
  const person = session.value?.person;
  return ticket.requester === null || person === null || person === undefined || ticket.requester === person;
}

export function standing(ticket: TicketRow | TicketDetail): Standing {
  const own = isOwn(ticket);
  const who = "next" in ticket && ticket.next ? ticket.next.who : undefined;
  const row = "waiting_for" in ticket ? ticket.waiting_for : undefined;
  if (ticket.status === "closed") return { tone: "neutral", icon: CircleCheck, text: t.sClosed, next: t.sClosedNext, yours: false };
  const refused = ticket.status === "resolved" && ticket.approval?.state === "rejected" ? ticket.approval : undefined;
  if (refused) {
    const by = decider(refused);
    return { tone: "warning", icon: CircleX, text: by ? approvals.sRejected(by) : approvals.sRejectedBare, next: own ? approvals.sRejectedNext : approvals.sRejectedOther, yours: false };
  }
  if (ticket.status === "resolved" && "may" in ticket && !mayIn(ticket, "close") && own) {
    return { tone: "ok", icon: CircleCheck, text: t.sResolved, next: t.sResolvedSoon, yours: false };
  }
  if (ticket.status === "resolved") return { tone: "ok", icon: CircleCheck, text: t.sResolved, next: own ? t.sResolvedNext : t.sResolvedOther, yours: own };
  // An approver who came after another had answered.
  if (!own && ticket.approval?.state === "approved" && "may" in ticket && !mayIn(ticket, "reply")) {
    const by = decider(ticket.approval);
    return { tone: "ok", icon: ClipboardCheck, text: by ? approvals.factApproved(by) : approvals.factApprovedBare, next: approvals.sApprovedOther, yours: false };
  }
  if (waitsForMe(ticket)) return { tone: "warning", icon: ClipboardCheck, text: approvals.sYours, next: approvals.sYoursNext, yours: true };
  if (ticket.approval && waitsForYes(ticket) && ticket.status !== "waiting_user") {
    const names = approverNames(ticket.approval, approvals.others);
    return { tone: "info", icon: Hourglass, text: names ? approvals.sWaits(names) : approvals.sWaitsNobody, next: approvals.sWaitsNext, yours: false };
  }
  const waitsForUser = who === "you" || who === "user" || (ticket.status === "waiting_user" && who !== "desk" && row !== "desk");
  if (waitsForUser && own) return { tone: "warning", icon: MessageCircleQuestion, text: t.sYou, next: t.sYouNext, yours: true };
  if (waitsForUser) return { tone: "info", icon: Clock, text: t.sOther(ticket.requester_name ?? t.theReporter), next: t.sOtherNext, yours: false };
  if (ticket.status === "new") return { tone: "info", icon: Inbox, text: t.sNew, next: t.sNewNext, yours: false };
  return { tone: "info", icon: Clock, text: t.sWork, next: t.sWorkNext, yours: false };
}

// What the reader may do now. A hub that does not say leaves it to its own refusal.
export function mayIn(ticket: TicketDetail, what: string): boolean {
  return ticket.may === undefined || ticket.may.includes(what);
}
