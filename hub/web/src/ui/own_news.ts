// What has changed in an agent's own tickets since he read them: the hub's read marks, asked for anew a moment after
// something happened to a ticket.
import { effect, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { invalidate, useGet, type Got, type Page } from "~/api/cache.ts";
import { forgetWithAccount } from "~/api/session.ts";
import { onStream } from "~/api/stream.ts";
import type { TicketRow } from "~/api/types.ts";
import { go, path } from "~/base/router.tsx";
import { t } from "./bell_words.ts";

export const newsAtOnce = 50;
const tag = "own-news";
const atMostEvery = 2_000; // milliseconds: a busy desk is not asked about at each event

let timer: ReturnType<typeof setTimeout> | undefined;
export function askAgain() {
  timer ??= setTimeout(() => {
    timer = undefined;
    invalidate(tag);
  }, atMostEvery);
}
onStream((message) => {
  if (message.type === "ticket") askAgain();
});

export function pathOf(row: TicketRow): string {
  return `/desk/tickets/${row.id}`;
}
// What the reader is looking at is being read.
export function isOnScreen(row: TicketRow): boolean {
  return path.value === pathOf(row) && document.visibilityState === "visible";
}

export function useOwnNews(): Got<Page<TicketRow>> {
  const got = useGet<Page<TicketRow>>("tickets", [tag], { agent: "me", unread: true, statuses: "new,in_progress,waiting_user,waiting_supplier,resolved", sort: "updated", limit: newsAtOnce });
  useEffect(() => {
    if (got.data) announce(got.data.items);
  }, [got.data]);
  useEffect(askAgain, [path.value]); // who comes from a ticket has read it
  return got;
}

// On the desktop, too, where the reader has chosen so in this browser, and only while he looks at something else.
const kept = "ombud.desktop-news";
export const canAnnounce = "Notification" in window && window.isSecureContext;
export const announcing = signal(canAnnounce && Notification.permission === "granted" && localStorage.getItem(kept) === "on");
effect(() => {
  if (announcing.value) localStorage.setItem(kept, "on");
  else localStorage.removeItem(kept);
});
// False: the browser has been told not to let this page.
export async function chooseAnnouncing(on: boolean): Promise<boolean> {
  announcing.value = on && (await Notification.requestPermission()) === "granted";
  return announcing.value === on;
}

let known: ReadonlyMap<number, number> | undefined; // version by ticket; undefined: what stood there at first is no news
forgetWithAccount(() => (known = undefined));
function announce(rows: readonly TicketRow[]) {
  const before = known;
  known = new Map(rows.map((row) => [row.id, row.version]));
  if (!before || !announcing.peek() || document.visibilityState === "visible") return;
  for (const row of rows) {
    if ((before.get(row.id) ?? 0) >= row.version) continue;
    const shown = new Notification(`${row.reference} ${row.subject}`, { body: wordsOf(row), tag: `ombud-${row.id}` });
    shown.onclick = () => {
      window.focus();
      go(pathOf(row));
      shown.close();
    };
  }
}

// Who spoke last; what else has changed stands in the ticket.
export function wordsOf(row: TicketRow): string {
  const last = row.last_message;
  if (!last) return t.ownChanged;
  if (last.from === "user") return t.ownByUser(last.author);
  return last.from === "supplier" ? t.ownBySupplier(last.author) : t.ownByDesk;
}
