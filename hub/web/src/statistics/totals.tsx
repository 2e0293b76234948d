// The period in a few large figures, each beside what it was the period before.
import { ArrowDownRight, ArrowRight, ArrowUpRight } from "lucide";
import type { ComponentChildren } from "preact";
import { duration } from "~/base/time.ts";
import { number } from "~/base/words.ts";
import { Icon } from "~/ui/icon.tsx";
import { figureWord, oldestOf, ticketsPath } from "./figures.tsx";
import type { Counted, Figures } from "./types.ts";
import { t } from "./words.ts";

function Change({ now: value, before, say }: { now: number | null; before: number | null | undefined; say: (value: number) => string }) {
  if (value === null || before === null || before === undefined) return null;
  const share = before === 0 ? null : Math.round(((value - before) / before) * 100);
  const icon = value === before ? ArrowRight : value > before ? ArrowUpRight : ArrowDownRight;
  const words = value === before ? t.same : share === null ? null : share > 0 ? t.more(`${number(share)} %`) : t.less(`${number(-share)} %`);
  return (
    <span class="total-change">
      <Icon of={icon} size={14} /> {words ? `${words}, ` : ""}
      {t.was(say(before))}
    </span>
  );
}

function Total({ label, hint, value, path, change }: { label: string; hint?: string; value: string; path?: string | undefined; change: ComponentChildren }) {
  return (
    <li class="total">
      <span class="total-label">
        {label} {hint && <span class="quiet">{hint}</span>}
      </span>
      {path ? (
        <a class="total-value" href={path}>
          {value}
        </a>
      ) : (
        <span class="total-value">{value}</span>
      )}
      {change}
    </li>
  );
}

export function Totals({ totals, before }: { totals: Figures; before: Figures | undefined }) {
  const counts: Exclude<Counted, "first_response">[] = ["registered", "resolved", "backlog", "reopened"];
  const oldest = oldestOf(totals);
  const times = (of: "first_response_ms" | "resolution_ms", label: string, figure: Counted) => {
    const { p50, p90, count } = totals[of];
    return (
      <Total
        label={label}
        hint={t.half}
        value={p50 === null || count === 0 ? t.none : duration(p50)}
        path={count > 0 ? ticketsPath(totals, figure) : undefined}
        change={
          <>
            {p90 !== null && count > 0 && <span class="total-change">{t.nineOf(duration(p90))}</span>}
            <Change now={p50} before={before?.[of].p50} say={duration} />
          </>
        }
      />
    );
  };
  return (
    <ul class="totals" aria-label={t.totals}>
      {counts.map((figure) => (
        <Total
          key={figure}
          label={figureWord(figure)}
          {...(figure === "backlog" && { hint: t.backlogHint })}
          value={number(totals[figure])}
          path={totals[figure] > 0 ? ticketsPath(totals, figure) : undefined}
          change={
            <>
              {figure === "backlog" && oldest !== null && <span class="total-change">{t.oldestIs(duration(oldest))}</span>}
              <Change now={totals[figure]} before={before?.[figure]} say={number} />
            </>
          }
        />
      ))}
      {times("first_response_ms", t.response, "first_response")}
      {times("resolution_ms", t.resolution, "resolved")}
    </ul>
  );
}
