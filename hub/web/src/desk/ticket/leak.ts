// Words that are about to reach somebody they were not written for: a passage of an internal note, or of what is said
// with another supplier, in a text to the user or to a supplier; and facts that the agreement holds back.
import { signal } from "@preact/signals";
import type { TicketDetail } from "~/api/types.ts";
import type { Audience } from "../types.ts";
import { legOf, type Leg } from "./entries.ts";

export interface Leak {
  from: Leg | "withheld";
  passage: string;
}

const passageMin = 18; // letters; shorter ones are everybody's words

function plain(text: string): string {
  return text.toLowerCase().replace(/[\s>]+/g, " ").trim();
}
// Sentences and lines: what a person copies.
function passages(text: string): string[] {
  return text
    .split(/\n+|(?<=[.!?])\s+/)
    .map((each) => each.trim())
    .filter((each) => plain(each).length >= passageMin);
}

// What was last copied from a part of the page that says whose words it holds (data-leg, data-ticket).
export const copied = signal<{ leg: string; ticket: number; text: string } | null>(null);
document.addEventListener("copy", () => {
  const selection = document.getSelection();
  const node = selection?.anchorNode;
  const place = (node instanceof Element ? node : node?.parentElement)?.closest<HTMLElement>("[data-leg]");
  const text = selection?.toString() ?? "";
  copied.value = place?.dataset.leg && text ? { leg: place.dataset.leg, ticket: Number(place.dataset.ticket ?? 0), text } : null;
});

// May readers of `to` see what stands in `from`? Internal notes are for the desk alone; a supplier's leg for it and the desk.
function mayRead(to: Audience, from: Leg): boolean {
  return to === "internal" || from === "user" || from === to;
}

export function leaksIn(text: string, to: Audience, ticket: TicketDetail, except: number | null): Leak[] {
  if (to === "internal" || !text.trim()) return [];
  const said = plain(text);
  const found: Leak[] = [];
  const open = new Set(ticket.messages.filter((each) => mayRead(to, legOf(each.visibility, each.delegation))).flatMap((each) => passages(each.text).map(plain)));
  for (const message of ticket.messages) {
    const from = legOf(message.visibility, message.delegation);
    if (mayRead(to, from) || message.id === except) continue;
    for (const passage of passages(message.text)) {
      if (said.includes(plain(passage)) && !open.has(plain(passage))) found.push({ from, passage });
    }
  }
  const last = copied.value;
  if (last && !found.length && last.ticket === ticket.id && plain(last.text).length >= 6 && said.includes(plain(last.text))) {
    const source = ticket.messages.find((each) => each.id === except);
    const relayed = source !== undefined && legOf(source.visibility, source.delegation) === last.leg;
    if (!relayed && !mayRead(to, last.leg as Leg)) found.push({ from: last.leg as Leg, passage: last.text.trim() });
  }
  if (last && last.ticket !== ticket.id && last.leg !== "user" && plain(last.text).length >= passageMin && said.includes(plain(last.text))) {
    found.push({ from: last.leg as Leg, passage: last.text.trim() });
  }
  if (to !== "user") {
    const leg = ticket.delegations.find((each) => to === `supplier:${each.id}`);
    const person = ticket.requester_detail;
    const facts: [string, string | undefined][] = [
      ["user.name", person?.name ?? ticket.requester_name ?? undefined],
      ["user.email", person?.email],
      ["user.phone", person?.phone],
      ["customer.name", ticket.customer_name],
    ];
    for (const [field, fact] of facts) {
      if (fact && fact.length > 2 && leg?.withheld.includes(field) && said.includes(plain(fact))) found.push({ from: "withheld", passage: fact });
    }
  }
  return found;
}
