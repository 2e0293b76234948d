// Comparisons of a link: what the hub believes beside what the supplier has, and the repairs.
import { useSignal } from "@preact/signals";
import { GitCompareArrows } from "lucide";
import { useEffect } from "preact/hooks";
import { api } from "~/api/client.ts";
import { invalidate, useGet, usePages } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import { parameters, setParameters } from "~/base/router.tsx";
import { number } from "~/base/words.ts";
import { Badge, type Tone } from "~/ui/domain.tsx";
import { Empty, Failed, Loaded, Skeleton } from "~/ui/states.tsx";
import { Time } from "~/ui/time.tsx";
import { toast } from "~/ui/toast.tsx";
import { t as ui } from "~/ui/words.ts";
import { ask } from "../parts/ask.tsx";
import { More } from "~/ui/more.tsx";
import { Facts } from "../parts/page.tsx";
import { DataTable, type Column } from "~/ui/data_table.tsx";
import type { Drift, Link, Run } from "../types.ts";
import { t as ops } from "../words.ts";
import { t } from "./reconciliation_words.ts";

function running(run: Run): boolean {
  return run.state === "reading" || run.state === "settling" || run.ordered > 0;
}
function RunBadge({ run }: { run: Run }) {
  const looks: Record<Run["state"], [Tone, string]> = {
    reading: ["info", t.sReading],
    settling: ["info", t.sSettling],
    done: [run.left ? "warning" : "ok", run.drift === 0 ? t.sSame : run.left ? t.sDrift(run.left) : t.sRepaired],
    failed: ["danger", t.sFailed],
    cancelled: ["neutral", t.sCancelled],
  };
  const [tone, word] = looks[run.state] ?? ["neutral", run.state];
  return <Badge tone={tone}>{word}</Badge>;
}
// A run goes on by itself; while it does, it is asked for again.
function useWatch(active: boolean, reload: () => unknown) {
  useEffect(() => {
    if (!active) return;
    const timer = setInterval(() => document.visibilityState === "visible" && void reload(), 2_000);
    return () => clearInterval(timer);
  }, [active]);
}

function kindWord(kind: string): string {
  return (
    {
      ticket_gone: t.kGone, ticket_replaced: t.kReplaced, ticket_twice: t.kTwice, mark_missing: t.kMark, our_message_missing: t.kOurs,
      their_message_missing: t.kTheirs, their_status_missing: t.kTheirStatus, field_differs: t.kField, status_differs: t.kStatus, not_read: t.kUnread,
    }[kind] ?? kind
  );
}
function repairWord(repair: Drift["repair"]): string {
  return { send: t.rSend, recreate: t.rRecreate, restore: t.rRestore, take: t.rTake, none: t.rNone }[repair] ?? repair;
}
function DriftBadge({ row }: { row: Drift }) {
  const looks: Record<Drift["state"], [Tone, string]> = {
    found: ["warning", t.dFound], ordered: ["info", t.dOrdered], applied: ["ok", t.dApplied], skipped: ["neutral", t.dSkipped],
    undo_ordered: ["info", t.dUndoOrdered], undone: ["neutral", t.dUndone], kept: ["neutral", t.dKept],
  };
  const [tone, word] = looks[row.state] ?? ["neutral", row.state];
  return <Badge tone={tone}>{word}</Badge>;
}

function RunView({ link, id }: { link: Link; id: string }) {
  const got = useGet<Run>(`reconciliations/${id}`, [`run:${id}`, `link:${link.id}`]);
  const rows = usePages<Drift>(`reconciliations/${id}/drift`, [`run:${id}`, `link:${link.id}`], { limit: 100 });
  const chosen = useSignal<ReadonlySet<number>>(new Set());
  const active = got.data ? running(got.data) : false;
  useWatch(active, () => {
    void rows.reload();
    return got.reload();
  });
  const canAct = may("link.operate");
  const pickable = (row: Drift) => canAct && ((row.state === "found" && row.repair !== "none") || (row.state === "applied" && row.undoable));
  const picked = rows.items.filter((row) => chosen.value.has(row.id));
  const order = (what: "apply" | "undo", ids: number[]) =>
    ask({
      title: what === "apply" ? t.applyTitle(ids.length || (got.data?.proposed ?? 0)) : t.undoTitle(ids.length),
      text: <p>{what === "apply" ? t.applyText(link.supplier) : t.undoText(link.supplier)}</p>,
      button: what === "apply" ? t.apply : ui.undo,
      run: async () => {
        await api.post<Run>(`reconciliations/${id}/${what}`, ids.length ? { rows: ids.map(String) } : {});
        chosen.value = new Set();
        invalidate(`run:${id}`, `link:${link.id}`, "links");
        toast(what === "apply" ? t.applying : t.undoing, { tone: "ok" });
      },
    });
  const columns: Column<Drift>[] = [
    {
      key: "what",
      label: t.difference,
      head: true,
      cell: (row) => (
        <>
          <b>{kindWord(row.kind)}</b>
          <span class="row-under">
            {row.ticket}
            {row.about && <> · <bdi>{row.about}</bdi></>}
          </span>
          {row.note && <span class="row-under"><bdi>{row.note}</bdi></span>}
        </>
      ),
    },
    { key: "ours", label: t.ours, cell: (row) => (row.ours ? <bdi class="drift-text">{row.ours}</bdi> : <span class="quiet">{ops.none}</span>) },
    { key: "theirs", label: t.theirs(link.supplier), cell: (row) => (row.theirs ? <bdi class="drift-text">{row.theirs}</bdi> : <span class="quiet">{ops.none}</span>) },
    { key: "repair", label: t.repair, cell: (row) => <>{repairWord(row.repair)}{row.repair !== "none" && !row.proposed && row.state === "found" && <span class="row-under">{t.onlyNamed}</span>}</> },
    { key: "state", label: t.state, cell: (row) => <><DriftBadge row={row} />{row.outcome && <span class="row-under"><bdi>{row.outcome}</bdi></span>}</> },
  ];
  if (canAct) {
    columns.unshift({
      key: "pick",
      label: ops.choose,
      hideHead: true,
      narrow: true,
      cell: (row) =>
        pickable(row) ? (
          <input
            type="checkbox"
            aria-label={`${ops.choose}: ${kindWord(row.kind)}, ${row.ticket}`}
            checked={chosen.value.has(row.id)}
            onChange={(e) => {
              const next = new Set(chosen.value);
              if (e.currentTarget.checked) next.add(row.id);
              else next.delete(row.id);
              chosen.value = next;
            }}
          />
        ) : null,
    });
  }
  return (
    <Loaded got={got}>
      {(run) => {
        const undoable = picked.filter((row) => row.state === "applied").map((row) => row.id);
        const repairable = picked.filter((row) => row.state === "found").map((row) => row.id);
        return (
          <>
            <p>
              <button type="button" class="link" onClick={() => setParameters({ run: null })}>
                {t.allRuns}
              </button>
            </p>
            <div class="section-head">
              <h2>
                {t.run(run.id)} <RunBadge run={run} />
              </h2>
              {canAct && (
                <div class="buttons">
                  {running(run) && !run.finished_at && (
                    <button type="button" onClick={() => void api.post(`reconciliations/${id}/cancel`, {}).then(() => invalidate(`run:${id}`), () => void got.reload())}>
                      {t.stop}
                    </button>
                  )}
                  {undoable.length > 0 && (
                    <button type="button" onClick={() => order("undo", undoable)}>
                      {t.undoThese(undoable.length)}
                    </button>
                  )}
                  {repairable.length > 0 ? (
                    <button type="button" class="primary" onClick={() => order("apply", repairable)}>
                      {t.applyThese(repairable.length)}
                    </button>
                  ) : (
                    run.proposed > 0 &&
                    run.state === "done" && (
                      <button type="button" class="primary" onClick={() => order("apply", [])}>
                        {t.applyProposed(run.proposed)}
                      </button>
                    )
                  )}
                </div>
              )}
            </div>
            {(run.state === "reading" || run.state === "settling") && <progress max={Math.max(1, run.to_compare)} value={run.compared + run.skipped + run.unread} aria-label={t.progress(run.compared, run.to_compare)} />}
            <Facts
              wide
              facts={[
                [t.began, <Time at={run.created_at} exact />],
                [t.ended, run.finished_at && <Time at={run.finished_at} exact />],
                [t.compared, `${number(run.compared)} / ${number(run.to_compare)}`],
                [t.skipped, run.skipped > 0 && number(run.skipped)],
                [t.unread, run.unread > 0 && number(run.unread)],
                [t.found, number(run.drift)],
                [t.applied, number(run.applied)],
                [t.left, number(run.left)],
                [ops.reason, run.reason && <bdi>{run.reason}</bdi>],
              ]}
            />
            {!rows.data ? (
              rows.problem ? <Failed problem={rows.problem} retry={() => void rows.reload()} /> : <Skeleton />
            ) : rows.items.length === 0 ? (
              <Empty icon={GitCompareArrows} title={active ? t.comparing : t.same}>
                {!active && t.sameText(run.compared)}
              </Empty>
            ) : (
              <>
                <DataTable caption={t.run(run.id)} columns={columns} rows={rows.items} id={(row) => row.id} />
                <More list={rows} />
              </>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function Runs({ link }: { link: Link }) {
  const list = usePages<Run>(`links/${encodeURIComponent(link.id)}/reconciliations`, [`link:${link.id}`], { limit: 25 });
  useWatch(list.items.some(running), list.reload);
  const start = () =>
    ask({
      title: t.startTitle(link.supplier),
      text: <p>{t.startText(link.supplier)}</p>,
      button: t.start,
      run: async () => {
        const run = await api.post<Run>(`links/${encodeURIComponent(link.id)}/reconciliations`, {});
        invalidate(`link:${link.id}`, "links");
        setParameters({ run: String(run.id) }, { push: true });
      },
    });
  const button = may("link.operate") && (
    <button type="button" class="primary" onClick={start}>
      {t.start}
    </button>
  );
  if (!list.data) return list.problem ? <Failed problem={list.problem} retry={() => void list.reload()} /> : <Skeleton />;
  if (!list.items.length) {
    return (
      <Empty icon={GitCompareArrows} title={t.emptyTitle}>
        <p>{t.lead(link.supplier)}</p>
        {button}
      </Empty>
    );
  }
  return (
    <>
      <div class="section-head">
        <p class="quiet">{t.lead(link.supplier)}</p>
        {button}
      </div>
      <DataTable
        caption={t.title}
        rows={list.items}
        id={(run) => run.id}
        columns={[
          { key: "run", label: t.title, head: true, cell: (run) => <button type="button" class="link row-name" onClick={() => setParameters({ run: String(run.id) }, { push: true })}>{t.run(run.id)}</button> },
          { key: "state", label: t.state, bare: true, cell: (run) => <RunBadge run={run} /> },
          { key: "at", label: t.began, cell: (run) => <Time at={run.created_at} /> },
          { key: "cause", label: t.cause, cell: (run) => (run.cause === "schedule" ? t.bySchedule : run.actor) },
          { key: "compared", label: t.compared, figure: true, cell: (run) => number(run.compared) },
          { key: "drift", label: t.found, figure: true, cell: (run) => number(run.drift) },
          { key: "left", label: t.left, figure: true, cell: (run) => number(run.left) },
        ]}
      />
      <More list={list} />
    </>
  );
}

export function Reconciliations({ link }: { link: Link }) {
  const run = parameters.value.get("run");
  return run && /^\d+$/.test(run) ? <RunView key={run} link={link} id={run} /> : <Runs link={link} />;
}
