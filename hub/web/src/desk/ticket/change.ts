// Small changes of a ticket: shown in the same frame, told to the hub, and taken back when it says no.
import { expectTagged, invalidate, type Page } from "~/api/cache.ts";
import { asProblem } from "~/api/client.ts";
import type { Ticket, TicketDetail, TicketRow } from "~/api/types.ts";
import { toast } from "~/ui/toast.tsx";
import { changeTicket } from "../undo.ts";

type Change = Partial<Pick<Ticket, "subject" | "team" | "priority" | "kind"> & { agent: string; service: string }>;

function shown<T extends Ticket>(ticket: T, change: Change): T {
  return { ...ticket, ...change, ...(change.team !== undefined && { team_name: undefined }), ...(change.agent !== undefined && { agent: change.agent || null, agent_name: undefined }), ...(change.service !== undefined && { service: change.service || null, service_name: undefined }) };
}

export async function quickly(ticket: Ticket, change: Change, about: string) {
  expectTagged(`ticket:${ticket.id}`, (data) => ((data as TicketDetail).messages && (data as TicketDetail).id === ticket.id ? shown(data as TicketDetail, change) : data));
  expectTagged("tickets", (data) => {
    const page = data as Page<TicketRow>;
    return page.items?.some((each) => each.reference && each.id === ticket.id) ? { ...page, items: page.items.map((each) => (each.id === ticket.id ? shown(each, change) : each)) } : data;
  });
  try {
    const assign = change.agent !== undefined || change.team !== undefined;
    await changeTicket(ticket.id, assign ? "POST" : "PATCH", assign ? `tickets/${ticket.id}/assign` : `tickets/${ticket.id}`, change, about);
  } catch (failed) {
    invalidate(`ticket:${ticket.id}`, "tickets");
    toast(asProblem(failed).message, { tone: "danger" });
  }
}
