// One row for each link, the most troubled first: what it is, how it stands, what waits, what to do.
import { CircleCheck, CircleAlert, RefreshCw, Unplug } from "lucide";
import { prefetch } from "~/api/cache.ts";
import { duration, now } from "~/base/time.ts";
import { number } from "~/base/words.ts";
import { Badge } from "~/ui/domain.tsx";
import { Icon } from "~/ui/icon.tsx";
import { useReturn } from "~/ui/return.ts";
import { Empty, Loaded } from "~/ui/states.tsx";
import { Time } from "~/ui/time.tsx";
import { PageHead } from "../parts/page.tsx";
import { DataTable, type Column } from "~/ui/data_table.tsx";
import { useLinks } from "../parts/names.ts";
import type { Link } from "../types.ts";
import { t as ops } from "../words.ts";
import { StepButtons } from "./actions.tsx";
import { Spark } from "./spark.tsx";
import { byTrouble, needsYou, nextTry, type Matter } from "./standing.ts";
import { t } from "./words.ts";

interface Row {
  link: Link;
  now: Matter;
}
export function kindWord(kind: Link["kind"]): string {
  return { supplier: t.kindSupplier, notices: t.kindNotices, subscribers: t.kindSubscribers }[kind] ?? kind;
}

function Verdict({ rows }: { rows: readonly Row[] }) {
  const acting = rows.filter((each) => each.now.rank >= needsYou).length;
  const mending = rows.filter((each) => each.now.rank > 0 && each.now.rank < needsYou).length;
  const up = rows.filter((each) => each.link.configured).length;
  const tone = acting ? "danger" : mending ? "info" : "ok";
  return (
    <div class={`verdict verdict-${tone}`} role="status">
      <Icon of={acting ? CircleAlert : mending ? RefreshCw : CircleCheck} size={28} />
      <div>
        <p class="verdict-title">{acting ? t.someTrouble(acting) : mending ? t.mending : t.allWell}</p>
        <p>{acting ? rows.find((each) => each.now.rank >= needsYou)?.now.what : mending ? t.mendingText(mending) : t.allWellText(up)}</p>
      </div>
    </div>
  );
}

const columns = (): Column<Row>[] => [
  {
    key: "link",
    label: t.link,
    head: true,
    cell: ({ link }) => (
      <>
        <a class="row-name" href={`/ops/links/${encodeURIComponent(link.id)}`} onPointerEnter={() => prefetch(`links/${encodeURIComponent(link.id)}`, [`link:${link.id}`])}>
          <bdi>{link.supplier}</bdi>
        </a>
        <span class="row-under">
          {kindWord(link.kind)} · {link.id}
        </span>
      </>
    ),
  },
  {
    key: "state",
    label: t.state,
    bare: true,
    cell: ({ now: matter }) => (
      <>
        <Badge tone={matter.tone} icon={matter.icon}>
          {matter.word}
        </Badge>
        {matter.what && <span class="row-under row-what">{matter.what}</span>}
      </>
    ),
  },
  { key: "last", label: t.lastSuccess, narrow: true, cell: ({ link }) => (link.backlog.last_done_at ? <Time at={link.backlog.last_done_at} /> : <span class="quiet">{ops.never}</span>) },
  {
    key: "backlog",
    label: t.backlog,
    narrow: true,
    cell: ({ link }) =>
      link.backlog.unfinished === 0 ? (
        <span class="quiet">{t.nothing}</span>
      ) : (
        <>
          <a href={`/ops/links/${encodeURIComponent(link.id)}?tab=deliveries`}>{number(link.backlog.unfinished)}</a>
          {link.backlog.oldest_at && <span class="row-under no-wrap">{t.oldest(duration(now.value - new Date(link.backlog.oldest_at).getTime()))}</span>}
        </>
      ),
  },
  { key: "day", label: t.day, cell: ({ link }) => <Spark link={link.id} /> },
  {
    key: "next",
    label: t.nextTry,
    narrow: true,
    cell: ({ link }) => {
      const at = nextTry(link);
      return at ? <Time at={at} /> : null;
    },
  },
  {
    key: "dead",
    label: t.stuck,
    figure: true,
    narrow: true,
    cell: ({ link }) => (link.backlog.dead ? <a href={`/ops/dead?link=${encodeURIComponent(link.id)}`}>{number(link.backlog.dead)}</a> : null),
  },
  { key: "step", label: t.nextStep, hideHead: true, narrow: true, cell: ({ link, now: matter }) => <StepButtons link={link} steps={matter.steps} small /> },
];

export function Overview() {
  const links = useLinks();
  useReturn(links.data !== undefined);
  return (
    <>
      <PageHead title={ops.overview} />
      <Loaded got={links} lines={8}>
        {(page) => {
          if (page.items.length === 0) {
            return (
              <Empty icon={Unplug} title={t.emptyTitle}>
                <p>{t.emptyText}</p>
                <pre>
                  <code>ombud supplier new</code>
                </pre>
              </Empty>
            );
          }
          const rows = byTrouble(page.items);
          return (
            <>
              <Verdict rows={rows} />
              <DataTable caption={t.links} columns={columns().filter((each) => (each.key !== "next" || rows.some((row) => nextTry(row.link))) && (each.key !== "dead" || rows.some((row) => row.link.backlog.dead)))} rows={rows} id={(row) => row.link.id} tone={(row) => (row.now.rank >= needsYou ? "row-danger" : "")} />
            </>
          );
        }}
      </Loaded>
    </>
  );
}
