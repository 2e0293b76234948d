// Keyboard shortcuts. A page registers its own while it is shown; the list of them is what "?" and the palette show.
import { signal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";

export interface Shortcut {
  keys: string; // "j", "Enter", "mod+k", "g i" (one after the other)
  about: string;
  group?: string;
  run: () => void;
  evenWhileTyping?: boolean;
}

export const shortcuts = signal<Shortcut[]>([]);

// In the layout's effect: a key that follows the one before at once must meet what that one has changed.
export function useShortcuts(list: Shortcut[], dependencies: readonly unknown[]) {
  useLayoutEffect(() => {
    shortcuts.value = [...shortcuts.value, ...list];
    return () => {
      shortcuts.value = shortcuts.value.filter((each) => !list.includes(each));
    };
  }, dependencies);
}

function typing(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return !!element?.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
}

function name(event: KeyboardEvent): string {
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push("mod");
  if (event.altKey) parts.push("alt");
  if (event.shiftKey && event.key.length > 1) parts.push("shift");
  parts.push(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  return parts.join("+");
}

let before = "";
let beforeAt = 0;
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const pressed = name(event);
  const pair = Date.now() - beforeAt < 900 ? `${before} ${pressed}` : "";
  const dialogOpen = document.querySelector("dialog[open]") !== null;
  for (const shortcut of [...shortcuts.peek()].reverse()) {
    if (shortcut.keys !== pressed && shortcut.keys !== pair) continue;
    if (!shortcut.evenWhileTyping && (typing(event.target) || dialogOpen)) continue;
    // Enter and Space on something that has a meaning of its own are its own.
    if ((pressed === "Enter" || pressed === " ") && (event.target as Element).closest?.("a, button, summary")) continue;
    event.preventDefault();
    before = "";
    shortcut.run();
    return;
  }
  before = pressed;
  beforeAt = Date.now();
});

const apple = /Mac|iPhone|iPad/.test(navigator.platform);
// "Ctrl K", "⌘ K", "G then I" as a person reads it.
export function shown(keys: string): string[] {
  return keys.split(/[+ ]/).map((key) => (key === "mod" ? (apple ? "⌘" : "Ctrl") : key.length === 1 ? key.toUpperCase() : key));
}
