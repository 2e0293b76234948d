// What somebody has begun to write and not sent: kept in this browser under a name, until it is sent or thrown
// away. Belongs to one account: another who signs in here does not see it.
import { signal, type Signal } from "@preact/signals";

const prefix = "ombud.draft.";
let owner = "";
const open = new Map<string, Signal<string>>();

// What another tab wrote or sent is so here, too.
let heard = "";
window.addEventListener("storage", (event) => {
  const here = event.key ? open.get(event.key) : undefined;
  if (!here || !event.key) return;
  heard = event.key;
  here.value = event.newValue ?? "";
  heard = "";
});

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
      timer = undefined;
      if (key === heard) return;
      if (!value) localStorage.removeItem(key);
      else
        timer = setTimeout(() => {
          timer = undefined;
          localStorage.setItem(key, value);
        }, 150);
    });
    window.addEventListener("pagehide", () => {
      if (timer !== undefined) localStorage.setItem(key, kept.peek()); // not what another tab has sent meanwhile
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

// A text put aside for a while under the owner of this moment, at once and in this browser: whoever signs in meanwhile
// neither sees it nor can lose it.
export interface PutAside {
  take: () => void; // it is no longer needed
}
export function putAside(name: string, text: string): PutAside {
  const key = `${prefix}${owner}.${name}`;
  localStorage.setItem(key, text);
  return { take: () => localStorage.removeItem(key) };
}
export function asides(pattern: RegExp): { found: RegExpExecArray; text: string; aside: PutAside }[] {
  return draftNames().flatMap((name) => {
    const found = pattern.exec(name);
    const key = `${prefix}${owner}.${name}`;
    return found ? [{ found, text: localStorage.getItem(key) ?? "", aside: { take: () => localStorage.removeItem(key) } }] : [];
  });
}
