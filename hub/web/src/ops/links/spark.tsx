// The last day of a link at a glance: one bar for each step, what failed in its own colour on top. The words beside
// it say the same.
import { useEffect } from "preact/hooks";
import { useGet } from "~/api/cache.ts";
import { now } from "~/base/time.ts";
import type { LinkHistory } from "../types.ts";
import { t } from "./words.ts";

const width = 144;
const height = 28;
const barsMax = 48;

interface Bar {
  done: number;
  failed: number;
}
function bars(history: LinkHistory): Bar[] {
  const each = Math.max(1, Math.ceil(history.points.length / barsMax));
  const all: Bar[] = [];
  history.points.forEach((point, i) => {
    const last = all.at(-1);
    if (i % each === 0 || !last) all.push({ done: point.done, failed: point.failed });
    else {
      last.done += point.done;
      last.failed += point.failed;
    }
  });
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
  const got = useHistory(link, 24);
  if (!got.data) return <span class="quiet small">{got.problem ? t.noHistory : ""}</span>;
  const all = bars(got.data);
  const top = Math.max(4, ...all.map((bar) => bar.done + bar.failed));
  const step = width / Math.max(1, all.length);
  const done = all.reduce((sum, bar) => sum + bar.done, 0);
  const failed = all.reduce((sum, bar) => sum + bar.failed, 0);
  return (
    <span class="spark">
      <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
        <line x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} class="spark-ground" />
        {all.map((bar, i) => {
          const low = (bar.done / top) * (height - 2);
          const high = (bar.failed / top) * (height - 2);
          return (
            <>
              {bar.done > 0 && <rect key={`d${i}`} class="spark-done" x={i * step} width={Math.max(1, step - 1)} y={height - 1 - Math.max(1, low)} height={Math.max(1, low)} />}
              {bar.failed > 0 && <rect key={`f${i}`} class="spark-failed" x={i * step} width={Math.max(1, step - 1)} y={height - 1 - low - Math.max(2, high)} height={Math.max(2, high)} />}
            </>
          );
        })}
      </svg>
      <span class="small quiet">{t.dayWords(done, failed)}</span>
    </span>
  );
}
