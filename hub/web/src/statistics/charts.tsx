// The period day by day in small charts on one scale of time, with the period before behind it.
import { useMemo } from "preact/hooks";
import { go } from "~/base/router.tsx";
import { startOfDay } from "~/base/time.ts";
import { Chart, type Series } from "~/ui/chart.tsx";
import { ticketsPath } from "./figures.tsx";
import type { Counted, Line } from "./types.ts";
import { t } from "./words.ts";

interface Drawn {
  title: string;
  figure: Counted;
  kind: Series["kind"];
  color: string;
  unit: "count" | "time";
  value: (line: Line) => number | null;
}

export function DayCharts({ rows, before }: { rows: readonly Line[]; before: readonly Line[] | undefined }) {
  const charts: Drawn[] = [
    { title: t.registered, figure: "registered", kind: "bars", color: "--accent", unit: "count", value: (line) => line.registered },
    { title: t.resolved, figure: "resolved", kind: "bars", color: "--link", unit: "count", value: (line) => line.resolved },
    { title: t.backlog, figure: "backlog", kind: "area", color: "--supplier", unit: "count", value: (line) => line.backlog },
    { title: t.oldest, figure: "backlog", kind: "line", color: "--supplier", unit: "time", value: (line) => (line.oldest_open_at ? Math.min(Date.now(), startOfDay(line.key, 1).getTime()) - new Date(line.oldest_open_at).getTime() : null) },
    { title: t.response, figure: "first_response", kind: "line", color: "--accent", unit: "time", value: (line) => line.first_response_ms.p50 },
    { title: t.resolution, figure: "resolved", kind: "line", color: "--link", unit: "time", value: (line) => line.resolution_ms.p50 },
  ];
  const at = useMemo(() => rows.map((each) => Math.floor(startOfDay(each.key).getTime() / 1000)), [rows]);
  const drawn = useMemo(
    () =>
      charts.map((each): Series[] => [
        ...(before ? [{ label: t.before, color: "--quiet", kind: "line" as const, dashed: true, values: rows.map((_, i) => (before[i] ? each.value(before[i]) : null)) }] : []),
        { label: each.title, color: each.color, kind: each.kind, values: rows.map(each.value) },
      ]),
    [rows, before, t.title],
  );
  const pick = (index: number, figure: Counted) => {
    const row = rows[index];
    const path = row && ticketsPath(row, figure);
    if (path) go(path);
  };
  return (
    <>
      <div class="multiples">
        {charts.map((each, i) => (
          <Chart key={each.title} title={each.title} at={at} series={drawn[i] ?? []} unit={each.unit} daily pick={(index) => pick(index, each.figure)} />
        ))}
      </div>
      <p class="hint no-print">{t.clickDay}</p>
    </>
  );
}
