// Where the reader is in the list, and what is selected: outlives the list itself, so that "back" finds it as it was.
import { computed, signal } from "@preact/signals";
import type { TicketRow } from "~/api/types.ts";

export const shownRows = signal<readonly TicketRow[]>([]);
export const cursor = signal<number | null>(null); // a ticket
export const selected = signal<ReadonlySet<number>>(new Set());
export const selectedCount = computed(() => selected.value.size);
let anchor: number | null = null; // where a range begins

export function toggle(id: number, on = !selected.peek().has(id)) {
  const next = new Set(selected.peek());
  if (on) next.add(id);
  else next.delete(id);
  selected.value = next;
  anchor = id;
}
// From the last one touched to this one.
export function selectTo(id: number) {
  const ids = shownRows.peek().map((row) => row.id);
  const from = ids.indexOf(anchor ?? cursor.peek() ?? id);
  const to = ids.indexOf(id);
  if (from < 0 || to < 0) {
    toggle(id, true);
    return;
  }
  const next = new Set(selected.peek());
  for (const each of ids.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(each);
  selected.value = next;
}
export function selectNone() {
  selected.value = new Set();
  anchor = null;
}
export function selectAll() {
  selected.value = new Set(shownRows.peek().map((row) => row.id));
}
// The ticket `step` rows from the cursor; the ends hold.
export function neighbour(step: number): number | null {
  const rows = shownRows.peek();
  if (rows.length === 0) return null;
  const at = rows.findIndex((row) => row.id === cursor.peek());
  if (at < 0) return rows[step > 0 ? 0 : rows.length - 1]?.id ?? null;
  return rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.id ?? null;
}

// What the reader has seen, up to which version: a list that was asked for before the hub knew it does not say "unread".
const seen = signal<ReadonlyMap<number, number>>(new Map());
export function sawTicket(id: number, version: number) {
  if ((seen.peek().get(id) ?? 0) < version) seen.value = new Map(seen.peek()).set(id, version);
}
export function isUnread(row: TicketRow): boolean {
  return row.unread === true && (seen.value.get(row.id) ?? 0) < row.version;
}

// A person's name, from the rows that are his.
export function requesterName(id: string): string {
  return shownRows.value.find((row) => String(row.requester) === id)?.requester_name ?? "";
}
