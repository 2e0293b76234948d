// Which days are shown, and which stand beside them for comparison. Days are texts such as "2026-11-23" of the reader's
// zone; both ends are shown.
import { dayAfter, dayKey } from "~/base/time.ts";

export type PeriodKind = "week" | "month" | "quarter" | "custom";
export interface Days {
  from: string;
  to: string;
}
export interface Period extends Days {
  kind: PeriodKind;
  before: Days; // as many days of the period before
  shownTo: string; // the last day of the period that has come
}
export const kinds: readonly PeriodKind[] = ["week", "month", "quarter", "custom"];

function length(days: Days): number {
  return Math.round((Date.parse(`${days.to}T00:00:00Z`) - Date.parse(`${days.from}T00:00:00Z`)) / 86_400_000) + 1;
}
function monthBegin(day: string, months: number): string {
  const [year = 1970, month = 1] = day.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10);
}
function weekBegin(day: string): string {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return dayAfter(day, -((weekday + 6) % 7)); // Monday
}
function quarterBegin(day: string): string {
  const month = Number(day.slice(5, 7));
  return monthBegin(day, -((month - 1) % 3));
}

function whole(kind: "week" | "month" | "quarter", day: string): Days {
  if (kind === "week") {
    const from = weekBegin(day);
    return { from, to: dayAfter(from, 6) };
  }
  const from = kind === "month" ? monthBegin(day, 0) : quarterBegin(day);
  return { from, to: dayAfter(monthBegin(from, kind === "month" ? 1 : 3), -1) };
}

const isDay = (text: string | null): text is string => !!text && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));

export function periodOf(address: URLSearchParams): Period {
  const today = dayKey(Date.now());
  const wanted = address.get("period");
  const kind = kinds.find((each) => each === wanted) ?? "month";
  if (kind === "custom") {
    const given = { from: address.get("from"), to: address.get("to") };
    const to = isDay(given.to) ? given.to : today;
    const from = isDay(given.from) && given.from <= to ? given.from : dayAfter(to, -29);
    const days = length({ from, to });
    return { kind, from, to, shownTo: to < today ? to : today < from ? to : today, before: { from: dayAfter(from, -days), to: dayAfter(from, -1) } };
  }
  const at = address.get("at");
  const { from, to } = whole(kind, isDay(at) ? at : today);
  const shownTo = today >= from && today < to ? today : to;
  const earlier = whole(kind, dayAfter(from, -1));
  // As far into the earlier period as this one has come, so that like is compared with like.
  const sameFar = shownTo === to ? earlier.to : dayAfter(earlier.from, length({ from, to: shownTo }) - 1);
  return { kind, from, to, shownTo, before: { from: earlier.from, to: sameFar < earlier.to ? sameFar : earlier.to } };
}

// A day of the period before or after, for the address.
export function neighbour(period: Period, step: -1 | 1): string {
  return step < 0 ? dayAfter(period.from, -1) : dayAfter(period.to, 1);
}
export function hasLater(period: Period): boolean {
  return period.to < dayKey(Date.now());
}
