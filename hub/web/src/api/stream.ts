// What happens elsewhere, as it happens. One WebSocket per tab; it comes back by itself, and after a gap everything
// shown is read again, so that nothing is missed.
import { signal } from "@preact/signals";
import { invalidate, invalidateAll } from "./cache.ts";
import { customer } from "./client.ts";

export interface Presence {
  name: string;
  agent: string;
  writing: string | null; // null, "user", "internal" or "supplier:<delegation>"
}
export type StreamMessage =
  | { type: "hello" }
  | { type: "ticket"; id: number; version: number; customer?: string; event?: string }
  | { type: "link"; id: string }
  | { type: "notice"; id: number }
  | { type: "notification" }
  | { type: "presence"; ticket: number; people: Presence[] }
  | { type: "resync" }
  | { type: "pong" };

export const live = signal<"connecting" | "live" | "away">("connecting");
export const presence = signal<ReadonlyMap<number, Presence[]>>(new Map());

const listeners = new Set<(message: StreamMessage) => void>();
export function onStream(hear: (message: StreamMessage) => void): () => void {
  listeners.add(hear);
  return () => listeners.delete(hear);
}

let socket: WebSocket | undefined;
let failures = 0;
let wanted = false;
let everOpen = false;
let timer: ReturnType<typeof setTimeout> | undefined;
let looking: { ticket: number; writing: string | null } | undefined;

function hear(message: StreamMessage) {
  switch (message.type) {
    case "ticket":
      invalidate(`ticket:${message.id}`, "tickets");
      break;
    case "link":
      invalidate(`link:${message.id}`, "links");
      break;
    case "notice":
      invalidate(`notice:${message.id}`, "notices");
      break;
    case "notification":
      invalidate("notifications");
      break;
    case "presence": {
      const next = new Map(presence.value);
      if (message.people.length) next.set(message.ticket, message.people);
      else next.delete(message.ticket);
      presence.value = next;
      break;
    }
    case "resync":
      invalidateAll();
      break;
    default:
  }
  for (const each of listeners) each(message);
}

function connect() {
  clearTimeout(timer);
  const url = new URL("/api/v1/stream", window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (customer.peek()) url.searchParams.set("customer", customer.peek());
  const mine = new WebSocket(url);
  socket = mine;
  mine.onopen = () => {
    failures = 0;
    live.value = "live";
    if (everOpen) invalidateAll();
    everOpen = true;
    if (looking) say({ type: "look", ...looking });
  };
  mine.onmessage = (event) => {
    let message: StreamMessage;
    try {
      message = JSON.parse(String(event.data)) as StreamMessage;
    } catch {
      return; // a newer hub's words
    }
    hear(message);
  };
  mine.onclose = () => {
    if (socket !== mine) return;
    socket = undefined;
    live.value = "away";
    presence.value = new Map();
    failures += 1;
    if (!wanted) return;
    // Spread, so that a hub that comes back is not met by everybody in the same second.
    const wait = Math.min(30_000, 500 * 2 ** Math.min(failures, 6)) * (0.5 + Math.random());
    timer = setTimeout(connect, wait);
  };
}

function say(words: unknown) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(words));
}

export function startStream() {
  if (wanted) return;
  wanted = true;
  connect();
}
export function stopStream() {
  wanted = false;
  clearTimeout(timer);
  socket?.close();
  socket = undefined;
}
export function restartStream() {
  if (!wanted) return;
  stopStream();
  startStream();
}
window.addEventListener("online", () => {
  if (wanted && !socket) connect();
});
setInterval(() => {
  if (looking) say({ type: "look", ...looking });
}, 20_000);

// Tells others that this reader looks at a ticket, and to whom he writes.
export function look(ticket: number, writing: string | null) {
  looking = { ticket, writing };
  say({ type: "look", ...looking });
}
export function lookAway(ticket: number) {
  if (looking?.ticket !== ticket) return;
  looking = undefined;
  say({ type: "leave", ticket });
}
