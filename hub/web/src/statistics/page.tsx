// Volume, backlog and times of a period, beside the period before.
import { ChartColumn, ChevronLeft, ChevronRight, Download, Printer } from "lucide";
import { useEffect } from "preact/hooks";
import { staff } from "~/api/session.ts";
import { useGet } from "~/api/cache.ts";
import { urlOf } from "~/api/client.ts";
import { useCustomers, useServices, useSuppliers, useTeams } from "~/api/names.ts";
import { parameters, setParameters, title } from "~/base/router.tsx";
import { dates, now, startOfDay, zone } from "~/base/time.ts";
import { kindWord, priorityWord } from "~/ui/domain.tsx";
import { FilterDate, Filters, FilterSelect } from "~/ui/filters.tsx";
import { Icon } from "~/ui/icon.tsx";
import { useReturn } from "~/ui/return.ts";
import { Empty, Failed, Skeleton } from "~/ui/states.tsx";
import { DayCharts } from "./charts.tsx";
import { hasLater, kinds, neighbour, periodOf, type Days, type Period } from "./period.ts";
import { byWord, FiguresTable } from "./table.tsx";
import { Totals } from "./totals.tsx";
import type { By, Statistics } from "./types.ts";
import { t } from "./words.ts";

const bys: readonly By[] = ["day", "customer", "service", "team", "supplier", "kind", "priority"];
const filterNames = ["customer", "service", "team", "supplier", "kind", "priority"] as const;
const minutesFresh = 2;

function useFigures(days: Days, by: By) {
  const given = parameters.value;
  const filters = Object.fromEntries(filterNames.map((name) => [name, given.get(name)]));
  const query = { from: days.from, to: days.to, by, zone: zone.value ?? Intl.DateTimeFormat().resolvedOptions().timeZone, ...filters };
  return { ...useGet<Statistics>("statistics", ["statistics"], query), query };
}

function PeriodChooser({ period }: { period: Period }) {
  return (
    <div class="period no-print">
      <div class="segments" role="group" aria-label={t.period}>
        {kinds.map((kind) => (
          <button
            key={kind}
            type="button"
            aria-pressed={period.kind === kind}
            onClick={() => setParameters({ period: kind === "month" ? null : kind, at: null, from: kind === "custom" ? period.from : null, to: kind === "custom" ? period.shownTo : null })}
          >
            {{ week: t.week, month: t.month, quarter: t.quarter, custom: t.custom }[kind]}
          </button>
        ))}
      </div>
      {period.kind === "custom" ? (
        <>
          <FilterDate name="from" label={t.from} />
          <FilterDate name="to" label={t.to} />
        </>
      ) : (
        <div class="period-steps">
          <button type="button" class="icon-button" aria-label={t.earlier} onClick={() => setParameters({ at: neighbour(period, -1) })}>
            <Icon of={ChevronLeft} />
          </button>
          <button type="button" class="icon-button" aria-label={t.later} aria-disabled={!hasLater(period)} onClick={() => hasLater(period) && setParameters({ at: neighbour(period, 1) })}>
            <Icon of={ChevronRight} />
          </button>
        </div>
      )}
    </div>
  );
}

export function StatisticsPage() {
  title.value = t.title;
  const period = periodOf(parameters.value);
  const shown: Days = { from: period.from, to: period.shownTo };
  const wanted = parameters.value.get("by");
  const by = bys.find((each) => each === wanted) ?? "day";
  const days = useFigures(shown, "day");
  const before = useFigures(period.before, "day");
  const lines = useFigures(shown, by);
  const customers = useCustomers();
  const services = useServices();
  const teams = useTeams();
  const suppliers = useSuppliers();
  // Figures of today move; they are counted anew now and then, not at every event.
  const minute = Math.floor(now.value / (minutesFresh * 60_000));
  useEffect(() => {
    if (!days.data || document.visibilityState !== "visible") return;
    void days.reload();
    if (by !== "day") void lines.reload();
  }, [minute]);
  const data = days.data;
  useReturn(data !== undefined && lines.data !== undefined);
  const empty = data && data.totals.registered + data.totals.resolved + data.totals.backlog + data.totals.closed === 0;
  return (
    <div class="statistics">
      <div class="statistics-head">
        <div>
          <h1>{t.title}</h1>
          <p class="quiet">
            {dates(startOfDay(shown.from), startOfDay(shown.to))}. {t.compared(dates(startOfDay(period.before.from), startOfDay(period.before.to)))}.
          </p>
        </div>
        <div class="buttons no-print">
          <button type="button" onClick={() => window.print()}>
            <Icon of={Printer} /> {t.print}
          </button>
          <a class="button" href={urlOf("statistics.csv", lines.query)} download="statistics.csv">
            <Icon of={Download} /> {t.csv}
          </a>
        </div>
      </div>
      <PeriodChooser period={period} />
      <Filters names={filterNames}>
        <FilterSelect name="customer" label={t.customer} choices={customers.choices} />
        <FilterSelect name="service" label={t.service} choices={services.choices} />
        <FilterSelect name="team" label={t.team} choices={teams.choices} />
        {staff.value && <FilterSelect name="supplier" label={t.supplier} choices={suppliers.choices} />}
        <FilterSelect name="kind" label={t.kind} choices={(["incident", "order", "question"] as const).map((each) => [each, kindWord(each)] as const)} />
        <FilterSelect name="priority" label={t.priority} choices={(["urgent", "high", "normal", "low"] as const).map((each) => [each, priorityWord(each)] as const)} />
      </Filters>
      {!data ? (
        days.problem ? (
          <Failed problem={days.problem} retry={() => void days.reload()} />
        ) : (
          <Skeleton lines={12} />
        )
      ) : empty ? (
        <Empty icon={ChartColumn} title={t.emptyTitle}>
          {t.emptyText}
        </Empty>
      ) : (
        <>
          <section aria-label={t.totals}>
            <Totals totals={data.totals} before={before.data?.totals} />
          </section>
          <section>
            <h2>{t.charts}</h2>
            <DayCharts rows={data.rows} before={before.data?.rows} />
            {by !== "day" && (
              <details class="chart-table no-print">
                <summary>{t.asTable}</summary>
                <FiguresTable rows={data.rows} by="day" />
              </details>
            )}
          </section>
          <section>
            <div class="statistics-by">
              <h2>{t.table(byWord(by))}</h2>
              <div class="segments no-print" role="group" aria-label={t.by}>
                {bys.filter((each) => each !== "supplier" || staff.value).map((each) => (
                  <button key={each} type="button" aria-pressed={by === each} onClick={() => setParameters({ by: each === "day" ? null : each })}>
                    {byWord(each)}
                  </button>
                ))}
              </div>
            </div>
            {lines.data ? <FiguresTable rows={lines.data.rows} by={by} /> : lines.problem ? <Failed problem={lines.problem} retry={() => void lines.reload()} /> : <Skeleton lines={6} />}
          </section>
        </>
      )}
    </div>
  );
}
