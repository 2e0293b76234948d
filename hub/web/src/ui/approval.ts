// Orders that wait for a yes of their own organisation, as every place speaks of them.
import { useGet, type Page } from "~/api/cache.ts";
import { may, session, staff } from "~/api/session.ts";
import type { Approval, Ticket, TicketRow } from "~/api/types.ts";
import { locale } from "~/base/words.ts";
import { t } from "./words.ts";

export function waitsForYes(ticket: Ticket & { approval?: Approval | null }): boolean {
  return ticket.approval?.state === "needed" && ticket.status !== "resolved" && ticket.status !== "closed";
}

// Whose yes would do: whoever wrote the order for somebody else is asked about it in vain.
export function deciders(approval: Approval): Approval["approvers"] {
  return approval.approvers.filter((each) => each.may_decide !== false);
}

// "Karin Ek", "Karin Ek eller Nils Nord"; of many only the first ones.
const namesMax = 3;
export function approverNames(approval: Approval, others: (n: number) => string): string {
  const names = deciders(approval).map((each) => (each.for ? t.standsFor(each.name, each.for.name) : each.name));
  const shown = names.length > namesMax ? [...names.slice(0, namesMax - 1), others(names.length - namesMax + 1)] : names;
  return new Intl.ListFormat(locale(), { type: "disjunction" }).format(shown);
}

// Does it wait for the reader's own yes?
export function waitsForMe(ticket: Ticket & { approval?: Approval | null; may?: string[] }): boolean {
  if (!waitsForYes(ticket)) return false;
  if (ticket.may) return ticket.may.includes("approve");
  const person = session.value?.person;
  return may("order.approve") && ticket.requester !== person && (ticket.approval ? deciders(ticket.approval).some((each) => each.person === person) : false);
}

// Who answered, and in whose place.
export function decider(approval: Approval): string | undefined {
  const by = approval.decided_by?.name;
  return by && approval.decided_for ? t.standsFor(by, approval.decided_for.name) : by;
}

export function mayApprove(): boolean {
  return !staff.value && may("order.approve");
}
export const approvalsAtOnce = 50;
// What waits for the reader; nothing is asked for who approves nothing.
export function useApprovals() {
  return useGet<Page<TicketRow>>(mayApprove() ? "tickets" : null, ["tickets"], { approval: "mine", order: "asc", limit: approvalsAtOnce });
}
