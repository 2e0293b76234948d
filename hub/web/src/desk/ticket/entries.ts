// One story out of many kinds of event: messages, files and what happened, in the order in which it did. A message, a
// file and a hand-over have the number of the event that made them, so one order serves all.
import type { Attachment, Delegation, LoggedEvent, Message, TicketDetail } from "~/api/types.ts";
import type { Audience, Delivery } from "../types.ts";

export type Leg = "user" | "internal" | `supplier:${number}`;

export type Entry =
  | { kind: "message"; id: number; at: string; leg: Leg; message: Message; files: Attachment[]; writer: string; deliveries: Delivery[]; seen: boolean }
  | { kind: "files"; id: number; at: string; leg: Leg; files: Attachment[] }
  | { kind: "handover"; id: number; at: string; leg: Leg; delegation: Delegation; actor: string; deliveries: Delivery[]; seen: boolean }
  | { kind: "event"; id: number; at: string; leg: Leg | null; event: LoggedEvent };

export function legOf(visibility: Message["visibility"], delegation: number | null): Leg {
  return visibility === "supplier" ? `supplier:${delegation ?? 0}` : visibility;
}
export function delegationOf(audience: Audience | Leg): number {
  return audience.startsWith("supplier:") ? Number(audience.slice("supplier:".length)) : 0;
}

// What left for somebody at the very moment a message was written is that message on its way.
function left(deliveries: readonly Delivery[], delegation: number | null, op: string, at: string): Delivery[] {
  return deliveries.filter((each) => each.op === op && each.created_at === at && each.delegation === delegation);
}

const spoken = new Set(["message_added", "attachment_added", "delegated", "attributed"]);

export function timelineOf(ticket: TicketDetail, events: readonly LoggedEvent[], deliveries: readonly Delivery[]): Entry[] {
  const byId = new Map(events.map((each) => [each.id, each]));
  // The last sign of life from each supplier: what was sent before it has been seen.
  const heard = new Map<number, number>();
  for (const message of ticket.messages) {
    if (message.from === "supplier" && message.delegation) heard.set(message.delegation, Math.max(heard.get(message.delegation) ?? 0, message.id));
  }
  for (const event of events) {
    const id = Number(event.data.delegation ?? 0);
    if (event.type === "delegation_changed" && event.data.external_status && id) heard.set(id, Math.max(heard.get(id) ?? 0, event.id));
  }
  const seenBy = (delegation: number | null, id: number) => delegation !== null && (heard.get(delegation) ?? 0) > id;

  const entries: Entry[] = [];
  const loose: Attachment[] = [];
  for (const file of ticket.attachments) if (file.message === null) loose.push(file);
  for (const message of ticket.messages) {
    entries.push({
      kind: "message",
      id: message.id,
      at: message.at,
      leg: legOf(message.visibility, message.delegation),
      message,
      files: ticket.attachments.filter((each) => each.message === message.id),
      writer: byId.get(message.id)?.actor ?? "",
      deliveries: message.from === "desk" && message.visibility !== "internal" ? left(deliveries, message.delegation, "add_comment", message.at) : [],
      seen: seenBy(message.delegation, message.id),
    });
  }
  for (const file of loose) {
    const leg = legOf(file.visibility, file.delegation);
    const last = entries.at(-1);
    if (last?.kind === "files" && last.leg === leg && last.files[0]?.from === file.from && file.id - (last.files.at(-1)?.id ?? 0) < 3) last.files.push(file);
    else entries.push({ kind: "files", id: file.id, at: file.at, leg, files: [file] });
  }
  for (const delegation of ticket.delegations) {
    entries.push({
      kind: "handover",
      id: delegation.id,
      at: delegation.created_at,
      leg: `supplier:${delegation.id}`,
      delegation,
      actor: byId.get(delegation.id)?.actor ?? "",
      deliveries: left(deliveries, delegation.id, "put_ticket", delegation.created_at),
      seen: !["draft", "sent"].includes(delegation.state),
    });
  }
  for (const event of events) {
    if (spoken.has(event.type)) continue;
    const delegation = Number(event.data.delegation ?? 0);
    // The first message has the number of the registration; half a step earlier is before it.
    entries.push({ kind: "event", id: event.type === "registered" ? event.id - 0.5 : event.id, at: event.at, leg: delegation ? `supplier:${delegation}` : null, event });
  }
  return entries.sort((a, b) => a.id - b.id);
}

export type DeliveryWord = "waiting" | "sent" | "seen" | "doubt" | "failed" | "parked" | "cancelled";
export function deliveryWord(delivery: Delivery, seen: boolean): DeliveryWord {
  if (delivery.doubt) return "doubt";
  switch (delivery.state) {
    case "done":
      return seen ? "seen" : "sent";
    case "dead":
      return "failed";
    case "parked":
      return "parked";
    case "cancelled":
      return "cancelled";
    default:
      return "waiting";
  }
}
