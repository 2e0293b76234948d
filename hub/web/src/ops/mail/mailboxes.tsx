// Where mail comes in: one row for each way, those in trouble first.
import { CircleAlert, CircleCheck, CircleDashed, Inbox, PowerOff, type IconNode } from "lucide";
import { useGet, type Page } from "~/api/cache.ts";
import { useCustomers, useTeams } from "~/api/names.ts";
import { number } from "~/base/words.ts";
import { DataTable, type Column } from "~/ui/data_table.tsx";
import { Badge, type Tone } from "~/ui/domain.tsx";
import { Empty, Loaded } from "~/ui/states.tsx";
import { Time } from "~/ui/time.tsx";
import { relative } from "~/base/time.ts";
import { t as ops } from "../words.ts";
import type { Mailbox } from "./types.ts";
import { t } from "./words.ts";

function kindWord(kind: Mailbox["kind"]): string {
  return { lmtp: t.kindLmtp, smtp: t.kindSmtp, imap: t.kindImap }[kind] ?? kind;
}
function StateBadge({ state }: { state: Mailbox["state"] }) {
  const known: Record<Mailbox["state"], [Tone, IconNode, string]> = {
    open: ["ok", CircleCheck, t.open],
    trouble: ["danger", CircleAlert, t.trouble],
    new: ["info", CircleDashed, t.fresh],
    off: ["neutral", PowerOff, t.off],
  };
  const [tone, icon, word] = known[state];
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  );
}

function Left({ box }: { box: Mailbox }) {
  const left = box.left ?? [];
  if (left.length === 0) return null;
  return (
    <details class="mail-left">
      <summary>{t.left(left.length)}</summary>
      <p class="small">{t.leftHelp}</p>
      <ul class="plain-list small">
        {left.map((each) => (
          <li key={each.uid}>
            UID {each.uid}, <Time at={each.at} />: <bdi>{each.why}</bdi>
          </li>
        ))}
      </ul>
    </details>
  );
}

export function Mailboxes() {
  const got = useGet<Page<Mailbox>>("mailboxes", ["mailboxes", "mails"]);
  const customers = useCustomers();
  const teams = useTeams();
  const columns: Column<Mailbox>[] = [
    {
      key: "name",
      label: t.mailbox,
      head: true,
      cell: (row) => (
        <>
          <b>
            <bdi>{row.name || row.kind}</bdi>
          </b>
          <span class="row-under">
            {kindWord(row.kind)} · <bdi>{row.address}</bdi>
          </span>
        </>
      ),
    },
    {
      key: "state",
      label: t.state,
      bare: true,
      cell: (row) => (
        <>
          <StateBadge state={row.state} />
          {row.problem && (
            <span class="row-under">
              <bdi>{row.problem}</bdi>
            </span>
          )}
          {row.problem_at && <span class="row-under quiet">{t.since(relative(row.problem_at))}</span>}
          <Left box={row} />
        </>
      ),
    },
    { key: "server", label: t.server, cell: (row) => row.server && <bdi>{row.server}</bdi> },
    { key: "for", label: t.goesTo, cell: (row) => [row.customer ? customers.name(row.customer) : t.byDefault, row.team && teams.name(row.team)].filter(Boolean).join(", ") },
    { key: "last", label: t.lastSuccess, narrow: true, cell: (row) => (row.kind === "imap" ? row.last_success_at ? <Time at={row.last_success_at} /> : <span class="quiet">{ops.never}</span> : null) },
    { key: "taken", label: t.taken, figure: true, narrow: true, cell: (row) => (row.taken === null || row.taken === undefined ? null : number(row.taken)) },
  ];
  return (
    <Loaded got={got} lines={4}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty icon={Inbox} title={t.noMailboxes}>
            <p>{t.noMailboxesText}</p>
          </Empty>
        ) : (
          <DataTable caption={t.mailboxes} columns={columns} rows={[...items].sort((a, b) => Number(b.state === "trouble") - Number(a.state === "trouble"))} id={(row) => `${row.kind} ${row.name}`} tone={(row) => (row.state === "trouble" ? "row-danger" : "")} />
        )
      }
    </Loaded>
  );
}
