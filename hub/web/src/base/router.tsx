// Where the reader is. State that a person may want to share or come back to stands in the address: paths name
// things, parameters name filters. Links are plain <a href>; this catches their clicks.
import { computed, effect, signal } from "@preact/signals";

const address = signal(new URL(window.location.href));
export const path = computed(() => address.value.pathname);
export const parameters = computed(() => address.value.searchParams);

let scrolls: Record<string, number> = {};
try {
  scrolls = JSON.parse(sessionStorage.getItem("ombud.scrolls") ?? "{}") as Record<string, number>;
} catch {
  scrolls = {}; // somebody else's text: begin anew
}
history.scrollRestoration = "manual";

function entryKey(): string {
  return (history.state as { key?: string } | null)?.key ?? "first";
}
function rememberScroll() {
  scrolls[entryKey()] = window.scrollY;
  sessionStorage.setItem("ombud.scrolls", JSON.stringify(scrolls));
}
// Pages call this when what they show is there, so that "back" ends where the reader was.
export function restoreScroll() {
  const y = scrolls[entryKey()];
  if (y) window.scrollTo(0, y);
}

const guards = new Set<() => boolean>();
// While it answers true, leaving asks first. Returns how to take it away.
export function guardLeaving(unsaved: () => boolean): () => void {
  guards.add(unsaved);
  return () => guards.delete(unsaved);
}
window.addEventListener("beforeunload", (event) => {
  rememberScroll();
  if ([...guards].some((unsaved) => unsaved())) event.preventDefault();
});

// A path of these pages from somebody else's words (a parameter): "" when it would lead elsewhere.
export function ownPath(text: string): string {
  if (!text.startsWith("/") || !URL.canParse(text, window.location.origin)) return "";
  const url = new URL(text, window.location.origin);
  return url.origin === window.location.origin ? url.pathname + url.search + url.hash : "";
}

// Goes to a path within these pages. With `replace` the step back skips the present address.
export function go(to: string, options: { replace?: boolean; keepScroll?: boolean } = {}) {
  const next = new URL(to, window.location.href);
  if (next.origin !== window.location.origin) throw new Error(`not a path of these pages: ${to}`);
  rememberScroll();
  const changed = next.pathname !== address.value.pathname;
  const state = { key: Math.random().toString(36).slice(2) };
  if (options.replace) history.replaceState(state, "", next);
  else history.pushState(state, "", next);
  address.value = next;
  if (changed && !options.keepScroll) window.scrollTo(0, 0);
}

// Changes parameters and leaves the rest; null takes one away. Replaces the present step by default, as filters do.
export function setParameters(changes: Record<string, string | null | undefined>, options: { push?: boolean } = {}) {
  const next = new URL(address.value);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === "") next.searchParams.delete(name);
    else next.searchParams.set(name, value);
  }
  go(next.pathname + next.search + next.hash, { replace: !options.push, keepScroll: true });
}

window.addEventListener("popstate", () => {
  address.value = new URL(window.location.href);
});
document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest?.("a");
  if (!link || !link.href || link.target || link.hasAttribute("download") || link.origin !== window.location.origin) return;
  if (/^\/(api|auth)\//.test(link.pathname)) return;
  if (link.pathname === window.location.pathname && link.search === window.location.search && link.hash) return;
  event.preventDefault();
  go(link.pathname + link.search + link.hash);
});

// match("/tickets/:id", "/tickets/17") → {id: "17"}; null when it does not fit. A final /* takes any rest.
export function match(pattern: string, at: string): Record<string, string> | null {
  const wanted = pattern.split("/").filter(Boolean);
  const given = at.split("/").filter(Boolean);
  const found: Record<string, string> = {};
  for (let i = 0; i < wanted.length; ++i) {
    const part = wanted[i]!;
    if (part === "*") return found;
    const here = given[i];
    if (here === undefined) return null;
    if (part.startsWith(":")) found[part.slice(1)] = decodeURIComponent(here);
    else if (part !== here) return null;
  }
  return wanted.length === given.length ? found : null;
}

// The title of the page; screen readers hear it when it changes.
export const title = signal("");
// How much waits to be read, before it: a tab in the background says so.
export const titleCount = signal(0);
effect(() => {
  const name = title.value ? `${title.value} – Ombud` : "Ombud";
  document.title = titleCount.value > 0 ? `(${titleCount.value}) ${name}` : name;
});
