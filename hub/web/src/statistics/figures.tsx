// Figures, and the way to the tickets behind each of them.
import { duration, now } from "~/base/time.ts";
import { number } from "~/base/words.ts";
import { staff } from "~/api/session.ts";
import type { Counted, Figures } from "./types.ts";
import { t } from "./words.ts";

export function figureWord(figure: Counted): string {
  return { registered: t.registered, resolved: t.resolved, closed: t.closed, reopened: t.reopened, backlog: t.backlog, first_response: t.firstResponse }[figure];
}

// Where exactly these tickets are listed: what was registered in the reader's own list, the desk's or the portal's; the
// rest by what was counted.
export function ticketsPath(figures: Figures, figure: Counted): string | undefined {
  if (figure === "registered" && figures.filter) {
    if (staff.value) return `/desk?${new URLSearchParams({ ...figures.filter, sort: "created" }).toString()}`;
    const { customer: _, ...filter } = figures.filter; // he speaks for one already
    return `/tickets?${new URLSearchParams({ ...filter, whose: "all", state: "any" }).toString()}`;
  }
  if (!figures.counted) return undefined;
  return `/statistics/tickets?${new URLSearchParams({ ...figures.counted, figure }).toString()}`;
}

export function Count({ figures, figure, label }: { figures: Figures; figure: Exclude<Counted, "first_response">; label: string }) {
  const value = figures[figure];
  const path = value > 0 ? ticketsPath(figures, figure) : undefined;
  if (!path) return <span class={value ? "" : "quiet"}>{number(value)}</span>;
  return (
    <a href={path} aria-label={`${number(value)} ${t.see(figureWord(figure), label)}`}>
      {number(value)}
    </a>
  );
}
export function TimeTaken({ figures, of, label }: { figures: Figures; of: "first_response_ms" | "resolution_ms"; label: string }) {
  const value = figures[of].p50;
  if (value === null || figures[of].count === 0) return <span class="quiet">{t.none}</span>;
  const figure = of === "first_response_ms" ? "first_response" : "resolved";
  const path = ticketsPath(figures, figure);
  return path ? (
    <a href={path} aria-label={`${duration(value)} ${t.see(of === "first_response_ms" ? t.response : t.resolution, label)}`}>
      {duration(value)}
    </a>
  ) : (
    <>{duration(value)}</>
  );
}
// How old the oldest was at the end of the time, or is now.
export function oldestOf(figures: Figures): number | null {
  if (!figures.oldest_open_at) return null;
  const end = figures.counted?.to ? Math.min(now.value, new Date(figures.counted.to).getTime()) : now.value;
  return Math.max(0, end - new Date(figures.oldest_open_at).getTime());
}
export function Oldest({ figures }: { figures: Figures }) {
  const age = oldestOf(figures);
  return age === null ? <span class="quiet">{t.none}</span> : <>{duration(age)}</>;
}
