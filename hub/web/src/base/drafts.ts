// What somebody has begun to write and not sent: kept in this browser under a name, until it is sent or thrown
// away. Belongs to one account: another who signs in here does not see it.
import { signal, type Signal } from "@preact/signals";

const prefix = "ombud.draft.";
let owner = "";
const open = new Map<string, Signal<string>>();

export function draftsBelongTo(account: string) {
  if (account === owner) return;
  owner = account;
  open.clear();
}

export function draft(name: string): Signal<string> {
  const key = `${prefix}${owner}.${name}`;
  let text = open.get(key);
  if (!text) {
    text = signal(localStorage.getItem(key) ?? "");
    let timer: ReturnType<typeof setTimeout> | undefined;
    let first = true;
    const kept = text;
    kept.subscribe((value) => {
      if (first) {
        first = false;
        return;
      }
      clearTimeout(timer);
      if (!value) localStorage.removeItem(key);
      else timer = setTimeout(() => localStorage.setItem(key, value), 150);
    });
    window.addEventListener("pagehide", () => {
      if (kept.peek()) localStorage.setItem(key, kept.peek());
    });
    open.set(key, text);
  }
  return text;
}

export function forgetDraft(name: string) {
  draft(name).value = "";
}

// Names of the drafts that hold something, for "you have an unsent reply".
export function draftNames(): string[] {
  const start = `${prefix}${owner}.`;
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(start))
    .map((key) => key.slice(start.length));
}
