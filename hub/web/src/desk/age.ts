// How old something is, in as few letters as a dense list has room for: "4 min", "3 tim", "2 d".
import { now } from "~/base/time.ts";
import { number, words } from "~/base/words.ts";

const t = words({
  justNow: { sv: "nyss", en: "now" },
  minutes: { sv: (n: string) => `${n} min`, en: (n: string) => `${n} min` },
  hours: { sv: (n: string) => `${n} tim`, en: (n: string) => `${n} h` },
  days: { sv: (n: string) => `${n} d`, en: (n: string) => `${n} d` },
});

export function shortAge(at: string): string {
  return worded(Math.max(0, Math.floor((now.value - new Date(at).getTime()) / 60_000)));
}
// How far away, before or after.
export function shortSpan(at: string): string {
  return worded(Math.floor(Math.abs(now.value - new Date(at).getTime()) / 60_000));
}

function worded(minutes: number): string {
  if (minutes < 1) return t.justNow;
  if (minutes < 60) return t.minutes(number(minutes));
  if (minutes < 48 * 60) return t.hours(number(Math.floor(minutes / 60)));
  return t.days(number(Math.floor(minutes / 1440)));
}
