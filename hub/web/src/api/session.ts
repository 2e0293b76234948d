// Who reads. Everything that depends on rights asks may(): the hub's own table, as it was told with the session.
import { batch, computed, signal } from "@preact/signals";
import { chooseLanguage, preferLanguage } from "~/base/words.ts";
import { draftsBelongTo } from "~/base/drafts.ts";
import { zone } from "~/base/time.ts";
import { api, csrf, customer } from "./client.ts";
import { forgetAll } from "./cache.ts";
import { restartStream, startStream, stopStream } from "./stream.ts";
import type { Session } from "./types.ts";

export const session = signal<Session | undefined>(undefined); // undefined: not known yet
export const signedIn = computed(() => session.value?.signed_in === true);
export const staff = computed(() => ["agent", "lead", "operator", "admin"].includes(session.value?.role ?? ""));

export function may(permission: string): boolean {
  return session.value?.may?.includes(permission) ?? false;
}

function take(fresh: Session) {
  batch(() => {
    csrf.value = fresh.csrf ?? "";
    session.value = fresh;
    draftsBelongTo(fresh.account?.id ?? "");
    preferLanguage(fresh.account?.language);
    zone.value = fresh.account?.zone ?? undefined;
  });
  if (fresh.signed_in) startStream();
  else stopStream();
}

export async function loadSession() {
  const remembered = localStorage.getItem("ombud.customer");
  if (remembered) customer.value = remembered;
  try {
    take(await api.get<Session>("session"));
  } catch (failed) {
    if (!remembered) throw failed;
    localStorage.removeItem("ombud.customer"); // he may have left that organisation
    customer.value = "";
    take(await api.get<Session>("session"));
  }
}

export async function signIn(email: string, password: string, code?: string) {
  const fresh = await api.post<Session>("session", { email, password, ...(code && { code }) });
  forgetAll();
  take(fresh);
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

export function showTheme(theme: "system" | "light" | "dark") {
  if (theme === "system") {
    localStorage.removeItem("ombud.theme");
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem("ombud.theme", theme);
    document.documentElement.dataset.theme = theme;
  }
}
