// The same figures line by line, each the way to its tickets.
import { date, duration, startOfDay } from "~/base/time.ts";
import { kindWord, priorityWord } from "~/ui/domain.tsx";
import { DataTable, type Column } from "~/ui/data_table.tsx";
import type { Priority, TicketKind } from "~/api/types.ts";
import { Count, Oldest, TimeTaken } from "./figures.tsx";
import type { By, Line } from "./types.ts";
import { t } from "./words.ts";

export function byWord(by: By): string {
  return { day: t.day, customer: t.customer, service: t.service, team: t.team, supplier: t.supplier, kind: t.kind, priority: t.priority }[by];
}
export function labelOf(line: Line, by: By): string {
  if (by === "day") return date(startOfDay(line.key));
  if (!line.key) return t.noRow;
  if (by === "kind") return kindWord(line.key as TicketKind);
  if (by === "priority") return priorityWord(line.key as Priority);
  return line.label || line.key;
}

// A bar as wide as the line's share of the largest.
function Bar({ share }: { share: number }) {
  return (
    <svg class="share-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect width={Math.max(0, Math.min(100, share * 100))} height="6" />
    </svg>
  );
}

// How long half of them took, and below it nine of ten.
function Taken({ row, of, label }: { row: Line; of: "first_response_ms" | "resolution_ms"; label: string }) {
  const { p90, count } = row[of];
  return (
    <>
      <TimeTaken figures={row} of={of} label={label} />
      {p90 !== null && count > 0 && <span class="row-under">{t.nineOf(duration(p90))}</span>}
    </>
  );
}

export function FiguresTable({ rows, by }: { rows: readonly Line[]; by: By }) {
  const most = Math.max(1, ...rows.map((each) => each.registered));
  const lines = by === "day" ? [...rows].reverse() : by === "priority" ? rows : [...rows].sort((a, b) => b.registered - a.registered);
  const columns: Column<Line>[] = [
    {
      key: "label",
      label: byWord(by),
      head: true,
      cell: (row) => (
        <>
          <bdi>{labelOf(row, by)}</bdi>
          {by !== "day" && <Bar share={row.registered / most} />}
        </>
      ),
    },
    ...(["registered", "resolved", "closed", "reopened", "backlog"] as const).map(
      (figure): Column<Line> => ({
        key: figure,
        label: { registered: t.registered, resolved: t.resolved, closed: t.closed, reopened: t.reopened, backlog: t.backlog }[figure],
        figure: true,
        narrow: true,
        cell: (row) => <Count figures={row} figure={figure} label={labelOf(row, by)} />,
      }),
    ),
    { key: "oldest", label: t.oldest, figure: true, narrow: true, cell: (row) => <Oldest figures={row} /> },
    { key: "response", label: t.response, figure: true, narrow: true, cell: (row) => <Taken row={row} of="first_response_ms" label={labelOf(row, by)} /> },
    { key: "resolution", label: t.resolution, figure: true, narrow: true, cell: (row) => <Taken row={row} of="resolution_ms" label={labelOf(row, by)} /> },
  ];
  return <DataTable caption={t.table(byWord(by))} columns={columns} rows={lines} id={(row) => row.key} />;
}
