// Times as the reader reads them: his zone, his language.
import { signal } from "@preact/signals";
import { language, locale, number, words } from "./words.ts";

export const zone = signal<string | undefined>(undefined); // IANA name; undefined: the browser's

// Ticks, so that "3 minutes ago" stays true.
export const now = signal(Date.now());
setInterval(() => {
  if (document.visibilityState === "visible") now.value = Date.now();
}, 20_000);

const t = words({
  justNow: { sv: "nyss", en: "just now" },
  soon: { sv: "strax", en: "in a moment" },
  day: { sv: "d", en: "d" },
  hour: { sv: "tim", en: "h" },
  minute: { sv: "min", en: "min" },
  second: { sv: "s", en: "s" },
});

function format(at: Date, options: Intl.DateTimeFormatOptions) {
  return new Intl.DateTimeFormat(locale(), { ...options, timeZone: zone.value }).format(at);
}

export function dateAndTime(at: string | number | Date): string {
  return format(new Date(at), { dateStyle: "medium", timeStyle: "short" });
}
export function date(at: string | number | Date): string {
  return format(new Date(at), { dateStyle: "medium" });
}
// "1–23 nov. 2026": both days belong to it.
export function dates(from: string | number | Date, until: string | number | Date): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeZone: zone.value }).formatRange(new Date(from), new Date(until));
}
export function clock(at: string | number | Date): string {
  return format(new Date(at), { timeStyle: "short" });
}
// "2026-11-23 in the reader's zone": to group by day.
export function dayKey(at: string | number | Date): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone.value }).format(new Date(at));
}

// The moment at which a day such as "2026-11-23" begins in the reader's zone, or that of as many days later.
export function startOfDay(day: string, later = 0): Date {
  const [year = 1970, month = 1, date = 1] = day.split("-").map(Number);
  const wanted = Date.UTC(year, month - 1, date + later);
  let at = wanted;
  // What the zone's clock shows at a moment tells how far it is from UTC; a second look settles a change of the clock.
  for (let look = 0; look < 2; ++look) {
    const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone.value, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" }).formatToParts(at);
    const part = (type: string) => Number(parts.find((each) => each.type === type)?.value ?? 0);
    at += wanted - Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"));
  }
  return new Date(at);
}
// The day that is so many days after another; both as "2026-11-23".
export function dayAfter(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

// "3 minutes ago", "in 2 hours", "yesterday"; a date when it is more than a week away.
export function relative(at: string | number | Date): string {
  const then = new Date(at).getTime();
  // By the clock, not by its last tick: what has just come is not yet to come. A second or two of skew is nothing.
  const seconds = Math.round((then - Math.max(now.value, Date.now())) / 1000);
  const size = Math.abs(seconds);
  if (size < 45) return seconds <= 5 ? t.justNow : t.soon;
  const say = new Intl.RelativeTimeFormat(language.value, { numeric: "auto" });
  if (size < 3600) return say.format(Math.round(seconds / 60), "minute");
  if (size < 86_400) return say.format(Math.round(seconds / 3600), "hour");
  if (size < 7 * 86_400) return say.format(Math.round(seconds / 86_400), "day");
  return date(then);
}

// "4 min", "3 h 20 min", "2 d 4 h": at most two units.
export function duration(milliseconds: number): string {
  const s = Math.round(milliseconds / 1000);
  const parts: [number, string][] = [
    [Math.floor(s / 86_400), t.day],
    [Math.floor((s % 86_400) / 3600), t.hour],
    [Math.floor((s % 3600) / 60), t.minute],
    [s % 60, t.second],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return `0 ${t.second}`;
  return parts
    .slice(first, first + (first < 2 ? 2 : 1))
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${number(value)} ${unit}`)
    .join(" ");
}

export function bytes(size: number): string {
  if (size < 1000) return `${number(size)} B`;
  if (size < 1_000_000) return `${number(size / 1000)} kB`;
  return `${number(size / 1_000_000, 1)} MB`;
}
