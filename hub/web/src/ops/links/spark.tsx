// The last day of a link at a glance: one bar for each step, what failed in its own colour on top. The words beside
// it say the same.
import { useEffect } from "preact/hooks";
import { useGet } from "~/api/cache.ts";
import { now } from "~/base/time.ts";
import type { LinkHistory } from "../types.ts";
import { t } from "./words.ts";

const width = 144;
const height = 28;
const hoursShown = 24;
const minutesOfBar = 30;

export type Point = LinkHistory["points"][number];
// The points gathered into steps of so many minutes, whole hours on the clock; where the hub was down there is a gap.
export function gathered(points: readonly Point[], minutes: number): Point[] {
  const step = minutes * 60_000;
  const all: Point[] = [];
  for (const point of points) {
    const at = new Date(Math.floor((new Date(point.at).getTime() - 1) / step) * step).toISOString();
    const last = all.at(-1);
    if (last?.at !== at) {
      all.push({ ...point, at });
      continue;
    }
    last.done += point.done;
    last.failed += point.failed;
    last.backlog = point.backlog;
    last.oldest_ms = Math.max(last.oldest_ms ?? 0, point.oldest_ms ?? 0);
  }
  return all;
}

// The tag of a link's history: read anew by the clock, since every single delivery would change it.
const minutesFresh = 1;
export function useHistory(link: string, hours: number) {
  const got = useGet<LinkHistory>(`links/${encodeURIComponent(link)}/history`, [`history:${link}`], { hours });
  const minute = Math.floor(now.value / (minutesFresh * 60_000));
  useEffect(() => {
    if (got.data && document.visibilityState === "visible") void got.reload();
  }, [minute]);
  return got;
}

export function Spark({ link }: { link: string }) {
  const got = useHistory(link, hoursShown);
  if (!got.data?.points.length) return <span class="quiet small">{got.data || got.problem ? t.noHistory : ""}</span>;
  const all = gathered(got.data.points, minutesOfBar);
  const top = Math.max(4, ...all.map((bar) => bar.done + bar.failed));
  const step = width / ((hoursShown * 60) / minutesOfBar);
  const begin = Math.floor(now.value / (minutesOfBar * 60_000)) * minutesOfBar * 60_000 - hoursShown * 3_600_000 + minutesOfBar * 60_000;
  const done = all.reduce((sum, bar) => sum + bar.done, 0);
  const failed = all.reduce((sum, bar) => sum + bar.failed, 0);
  return (
    <span class="spark">
      <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
        <line x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} class="spark-ground" />
        {all.map((bar) => {
          const x = ((new Date(bar.at).getTime() - begin) / (minutesOfBar * 60_000)) * step;
          if (x < 0) return null;
          const low = (bar.done / top) * (height - 2);
          const high = (bar.failed / top) * (height - 2);
          return (
            <g key={bar.at}>
              {bar.done > 0 && <rect class="spark-done" x={x} width={step - 1} y={height - 1 - Math.max(1, low)} height={Math.max(1, low)} />}
              {bar.failed > 0 && <rect class="spark-failed" x={x} width={step - 1} y={height - 1 - low - Math.max(2, high)} height={Math.max(2, high)} />}
            </g>
          );
        })}
      </svg>
      <span class="small quiet">{t.dayWords(done, failed)}</span>
    </span>
  );
}
