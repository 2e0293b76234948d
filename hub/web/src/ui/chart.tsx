// A small chart of something over time. The drawing (uPlot) is fetched when the first chart is shown; the same figures
// stand in a table for who does not see it. Colours follow the theme.
import { signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import { clock, date, dateAndTime, duration, zone } from "~/base/time.ts";
import { language, locale, number } from "~/base/words.ts";

export interface Series {
  label: string;
  color: string; // name of a token, such as "--accent"
  kind: "bars" | "area" | "line";
  values: readonly (number | null)[];
  upon?: readonly number[]; // what it stands on, where it is stacked
  dashed?: boolean; // the period before, say
}
export interface ChartProps {
  title: string;
  at: readonly number[]; // seconds since 1970, growing
  series: readonly Series[];
  daily?: boolean; // each step is a whole day
  height?: number;
  unit?: "count" | "time"; // time: milliseconds
  pick?: (index: number) => void; // a step was chosen
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const steps = {
  count: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000],
  time: [1000, 5000, 10_000, 30_000, minute, 5 * minute, 15 * minute, 30 * minute, hour, 2 * hour, 4 * hour, 8 * hour, day, 2 * day, 7 * day, 14 * day, 28 * day, 56 * day, 112 * day],
};
const says = { count: (value: number) => number(value), time: (value: number) => duration(value) };

const themes = signal(0); // counts changes of theme
function changed() {
  themes.value += 1;
}
new MutationObserver(changed).observe(document.documentElement, { attributes: true, attributeFilter: ["data-scheme"] });

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function Chart({ title, at, series, daily = false, height = 140, unit = "count", pick }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const over = useSignal<number | null>(null);
  const say = says[unit];
  const picked = useRef(pick);
  picked.current = pick;
  useEffect(() => {
    const home = box.current;
    if (!home || at.length === 0) return;
    let gone = false;
    let plot: uPlot | undefined;
    let watch: ResizeObserver | undefined;
    void import("uplot").then(({ default: UPlot }) => {
      if (gone) return;
      const font = `12px ${getComputedStyle(document.body).fontFamily}`;
      const quiet = token("--quiet");
      const axis = { stroke: quiet, font, grid: { stroke: token("--line"), width: 1 }, ticks: { show: false } };
      const bars = UPlot.paths.bars?.({ size: [0.8, 28] });
      plot = new UPlot(
        {
          width: home.clientWidth,
          height,
          legend: { show: false },
          cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
          tzDate: (seconds) => (zone.value ? UPlot.tzDate(new Date(seconds * 1000), zone.value) : new Date(seconds * 1000)),
          padding: [8, 18, 0, 0],
          scales: {
            x: { range: (_, low, high) => (at.length > 1 ? [low - (at[1]! - at[0]!) / 2, high + (at[1]! - at[0]!) / 2] : [low - 43_200, high + 43_200]) },
            y: { range: (_, _low, high) => [0, Math.max(high * 1.05, 1)] },
          },
          axes: [
            { ...axis, grid: { show: false }, size: 26, space: 70, values: (_, ticks) => ticks.map((each) => (daily ? new Intl.DateTimeFormat(locale(), { day: "numeric", month: "short", timeZone: zone.value }).format(each * 1000) : clock(each * 1000))), ...(daily && { incrs: [1, 2, 3, 7, 14, 28, 56].map((days) => days * 86_400) }) },
            { ...axis, size: unit === "time" ? 62 : 46, space: 36, incrs: steps[unit], values: (_, ticks) => ticks.map((each) => (each === 0 ? "0" : say(each))) },
          ],
          series: [
            {},
            ...series.map((each) => {
              const stroke = token(each.color);
              return {
                label: each.label,
                stroke,
                width: each.kind === "bars" ? 0 : 2,
                points: { show: each.kind === "line" && !each.dashed && at.length <= 62, size: 5 },
                spanGaps: true,
                ...(each.dashed && { dash: [4, 4] }),
                ...(each.kind !== "line" && { fill: each.kind === "bars" ? stroke : `color-mix(in srgb, ${stroke} 18%, transparent)` }),
                ...(each.kind === "bars" && bars && { paths: bars }),
              };
            }),
          ],
          hooks: { setCursor: [(self) => (over.value = self.cursor.idx ?? null)] },
        },
        [at as number[], ...series.map((each) => each.values.map((value, i) => (value === null ? null : value + (each.upon?.[i] ?? 0))))],
        home,
      );
      plot.over.addEventListener("click", () => {
        if (over.peek() !== null) picked.current?.(over.peek()!);
      });
      watch = new ResizeObserver(() => plot?.setSize({ width: home.clientWidth, height }));
      watch.observe(home);
    });
    return () => {
      gone = true;
      watch?.disconnect();
      plot?.destroy();
    };
  }, [at, series, daily, height, unit, themes.value, language.value, zone.value]);
  const index = over.value;
  const when = index !== null ? at[index] : undefined;
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{title}</span>
        <span class="chart-words">
          {series.map((each) => {
            const value = index !== null ? each.values[index] : undefined;
            return (
              <span key={each.label} class="chart-key">
                {series.length > 1 && (
                  <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true" class={`chart-dot chart${each.color}`}>
                    {each.dashed ? <path d="M0 5h4M6 5h4" stroke="currentColor" stroke-width="2" /> : <rect width="10" height="10" rx="2" fill="currentColor" />}
                  </svg>
                )}
                {series.length > 1 && each.label}
                {value !== undefined && value !== null && <b>{say(value)}</b>}
              </span>
            );
          })}
          {when !== undefined && <span class="quiet">{daily ? date(when * 1000) : dateAndTime(when * 1000)}</span>}
        </span>
      </figcaption>
      <div class={`chart-box ${pick ? "chart-pick" : ""}`} ref={box} aria-hidden="true" />
    </figure>
  );
}
