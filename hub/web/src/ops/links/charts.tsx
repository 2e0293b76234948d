// The link's last days: what waited, how old it grew, what was delivered and what failed.
import { useMemo } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { dateAndTime, duration } from "~/base/time.ts";
import { number } from "~/base/words.ts";
import { Chart } from "~/ui/chart.tsx";
import { Failed, Skeleton } from "~/ui/states.tsx";
import { Section } from "../parts/page.tsx";
import { DataTable } from "~/ui/data_table.tsx";
import type { LinkHistory } from "../types.ts";
import { gathered, useHistory } from "./spark.tsx";
import { t } from "./words.ts";

function Charts({ history, hours }: { history: LinkHistory; hours: number }) {
  const drawn = useMemo(() => {
    const points = gathered(history.points, hours <= 24 ? 15 : hours <= 72 ? 60 : 120);
    const done = points.map((each) => each.done);
    return {
      points,
      at: points.map((each) => Math.floor(new Date(each.at).getTime() / 1000)),
      backlog: [{ label: t.chartBacklog, color: "--link", kind: "area" as const, values: points.map((each) => each.backlog) }],
      oldest: [{ label: t.chartOldest, color: "--warning", kind: "area" as const, values: points.map((each) => each.oldest_ms ?? 0) }],
      work: [
        // Drawn first, so that what was delivered stands before it.
        { label: t.chartFailed, color: "--danger", kind: "bars" as const, values: points.map((each) => each.failed), upon: done },
        { label: t.chartDone, color: "--accent", kind: "bars" as const, values: done },
      ],
    };
  }, [history, hours, t.chartBacklog]);
  return (
    <>
      <div class="multiples">
        <Chart title={t.chartBacklog} at={drawn.at} series={drawn.backlog} />
        <Chart title={t.chartOldest} at={drawn.at} series={drawn.oldest} unit="time" />
        <Chart title={t.tabDeliveries} at={drawn.at} series={drawn.work} />
      </div>
      <details class="chart-table">
        <summary>{t.asTable}</summary>
        <div class="table-scroll" tabIndex={0} role="region" aria-label={t.chartTitle}>
          <DataTable
            caption={t.chartTitle}
            rows={[...drawn.points].reverse()}
            id={(point) => point.at}
            columns={[
              { key: "at", label: t.time, head: true, cell: (point) => dateAndTime(point.at) },
              { key: "done", label: t.chartDone, figure: true, cell: (point) => number(point.done) },
              { key: "failed", label: t.chartFailed, figure: true, cell: (point) => number(point.failed) },
              { key: "backlog", label: t.chartBacklog, figure: true, cell: (point) => number(point.backlog) },
              { key: "oldest", label: t.chartOldest, figure: true, cell: (point) => (point.oldest_ms ? duration(point.oldest_ms) : "–") },
            ]}
          />
        </div>
      </details>
    </>
  );
}

export function LinkCharts({ link }: { link: string }) {
  const hours = useSignal(24);
  const got = useHistory(link, hours.value);
  const spans: [number, string][] = [
    [24, t.hours24],
    [72, t.hours72],
    [168, t.hours168],
  ];
  return (
    <Section
      title={t.chartTitle}
      actions={
        <div class="segments" role="group" aria-label={t.span}>
          {spans.map(([value, label]) => (
            <button key={value} type="button" aria-pressed={hours.value === value} onClick={() => (hours.value = value)}>
              {label}
            </button>
          ))}
        </div>
      }
    >
      {got.data ? <Charts history={got.data} hours={hours.value} /> : got.problem ? <Failed problem={got.problem} retry={() => void got.reload()} /> : <Skeleton lines={5} />}
    </Section>
  );
}
