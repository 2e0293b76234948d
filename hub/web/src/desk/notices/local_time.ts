// A field's "2026-11-23T14:00" is a time in the reader's own zone, as every other time he reads.
import { zone } from "~/base/time.ts";

function wall(at: number): string {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone.peek(), year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).formatToParts(at);
  const of = (type: string) => parts.find((each) => each.type === type)?.value ?? "00";
  return `${of("year")}-${of("month")}-${of("day")}T${of("hour")}:${of("minute")}`;
}

export function toLocal(at: string | null): string {
  return at ? wall(Date.parse(at)) : "";
}

export function toInstant(local: string): string | undefined {
  const wanted = Date.parse(`${local}Z`);
  if (Number.isNaN(wanted)) return undefined;
  // Twice, as the first guess may stand on the other side of a change of the clocks.
  let at = wanted;
  for (let i = 0; i < 2; ++i) at += wanted - Date.parse(`${wall(at)}Z`);
  return new Date(at).toISOString();
}
