// Everything a reader reads, in Swedish and English. A room of pages keeps its sentences in one catalogue:
//
//   const t = words({
//     send: { sv: "Skicka till användaren", en: "Send to user" },
//     waiting: { sv: (n: number) => many(n, "väntar", "väntar"), en: (n: number) => many(n, "waits", "wait") },
//   });
//   <button>{t.send}</button> … t.waiting(3)
//
// Reading an entry while a component renders makes it follow the reader's choice of language.
import { effect, signal } from "@preact/signals";

export type Language = "sv" | "en";
export const languages: readonly Language[] = ["sv", "en"];

function preferred(): Language {
  const chosen = localStorage.getItem("ombud.language");
  if (chosen === "sv" || chosen === "en") return chosen;
  for (const tag of navigator.languages) {
    if (/^(sv|nb|nn|no|da)\b/i.test(tag)) return "sv";
    if (/^en\b/i.test(tag)) return "en";
  }
  return "sv";
}

export const language = signal<Language>(preferred());
effect(() => {
  document.documentElement.lang = language.value;
});

export function chooseLanguage(wanted: Language) {
  localStorage.setItem("ombud.language", wanted);
  language.value = wanted;
}

// What an account prefers, unless this browser was told otherwise.
export function preferLanguage(wanted: Language | null | undefined) {
  if (wanted && !localStorage.getItem("ombud.language")) language.value = wanted;
}

type Entry = { sv: unknown; en: unknown };
type Catalogue<T extends Record<string, Entry>> = { readonly [K in keyof T]: T[K]["sv"] };

export function words<T extends Record<string, Entry>>(
  entries: T & { [K in keyof T]: { sv: T[K]["sv"]; en: T[K]["sv"] extends string ? string : T[K]["sv"] } },
): Catalogue<{ [K in keyof T]: { sv: T[K]["sv"] extends string ? string : T[K]["sv"]; en: unknown } }> {
  const catalogue = {};
  for (const [key, entry] of Object.entries(entries)) {
    Object.defineProperty(catalogue, key, { enumerable: true, get: () => (entry as Entry)[language.value] });
  }
  return catalogue as never;
}

// "1 ärende", "3 ärenden", with the digits grouped as the reader groups them.
export function many(count: number, one: string, other: string): string {
  return `${number(count)} ${count === 1 ? one : other}`;
}

export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
}

export function locale(): string {
  return language.value === "sv" ? "sv-SE" : "en-GB";
}
