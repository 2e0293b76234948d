// Who reads. Everything that depends on rights asks may(): the hub's own table, as it was told with the session.
import { batch, computed, effect, signal, untracked } from "@preact/signals";
import { chooseLanguage, preferLanguage } from "~/base/words.ts";
import { draftsBelongTo } from "~/base/drafts.ts";
import { zone } from "~/base/time.ts";
import { api, csrf, customer } from "./client.ts";
import { forgetAll, invalidateAll } from "./cache.ts";
import { restartStream, startStream, stopStream } from "./stream.ts";
import type { Session } from "./types.ts";

export const session = signal<Session | undefined>(undefined); // undefined: not known yet
export const signedIn = computed(() => session.value?.signed_in === true);
export const staff = computed(() => ["agent", "lead", "operator", "admin"].includes(session.value?.role ?? ""));

export function may(permission: string): boolean {
  return session.value?.may?.includes(permission) ?? false;
}

// What a tab knows of one reader is none of the next one's business.
export function forgetWithAccount(forget: () => void) {
  let owner: number | undefined;
  effect(() => {
    const account = session.value?.account?.id;
    if (account === owner) return;
    if (owner !== undefined) untracked(forget);
    owner = account;
  });
}

function take(fresh: Session) {
  batch(() => {
    csrf.value = fresh.csrf ?? "";
    session.value = fresh;
    draftsBelongTo(String(fresh.account?.id ?? ""));
    preferLanguage(fresh.account?.language);
    zone.value = fresh.account?.zone ?? undefined;
  });
  // What the account prefers, unless this browser was told otherwise.
  if (fresh.account && !localStorage.getItem("ombud.theme")) showTheme(fresh.account.theme, false);
  if (fresh.signed_in) startStream();
  else stopStream();
}

// With `onlyIfSignedIn` a session that is no more leaves what is known as it is: somebody may be about to sign in again.
export async function loadSession(options: { onlyIfSignedIn?: boolean } = {}) {
  const remembered = localStorage.getItem("ombud.customer");
  if (remembered) customer.value = remembered;
  try {
    const fresh = await api.get<Session>("session");
    if (fresh.signed_in || !options.onlyIfSignedIn) take(fresh);
  } catch (failed) {
    if (!remembered) throw failed;
    localStorage.removeItem("ombud.customer"); // he may have left that organisation
    customer.value = "";
    take(await api.get<Session>("session"));
  }
}

export async function signIn(email: string, password: string, code?: string) {
  const before = session.peek()?.account?.id;
  let fresh = await api.post<Session>("session", { email, password, ...(code && { code }) });
  // That answer speaks for nobody in particular; whom the reader chose is asked anew.
  if (customer.peek()) fresh = await api.get<Session>("session");
  if (fresh.account?.id !== before) forgetAll();
  take(fresh);
  // The same person again: what is on the screen stays there while it is read anew.
  if (fresh.account?.id === before) {
    invalidateAll();
    restartStream();
  }
}

export async function signOut() {
  await api.delete("session");
  localStorage.removeItem("ombud.customer");
  forgetAll();
  customer.value = "";
  await loadSession();
}

// Speaks for another of the reader's organisations; "" as staff.
export async function speakFor(chosen: string) {
  customer.value = chosen;
  if (chosen) localStorage.setItem("ombud.customer", chosen);
  else localStorage.removeItem("ombud.customer");
  forgetAll();
  await loadSession();
  restartStream();
}

export async function choose(preferences: { language?: "sv" | "en"; zone?: string; theme?: "system" | "light" | "dark" }) {
  if (preferences.language) chooseLanguage(preferences.language);
  if (preferences.zone) zone.value = preferences.zone;
  if (preferences.theme) showTheme(preferences.theme);
  if (signedIn.value) await api.patch("account", preferences);
}

export function showTheme(theme: "system" | "light" | "dark", remember = true) {
  if (theme === "system") {
    localStorage.removeItem("ombud.theme");
    delete document.documentElement.dataset.theme;
  } else {
    if (remember) localStorage.setItem("ombud.theme", theme);
    document.documentElement.dataset.theme = theme;
  }
}
