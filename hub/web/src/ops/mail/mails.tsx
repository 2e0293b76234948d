// Mails that came in, with what became of each; those that could not be read are found at once.
import { Mails as MailsIcon } from "lucide";
import { prefetch, usePages } from "~/api/cache.ts";
import { parameters } from "~/base/router.tsx";
import { may } from "~/api/session.ts";
import { DataTable, type Column } from "~/ui/data_table.tsx";
import { Filters, FilterSelect, FilterText } from "~/ui/filters.tsx";
import { useReturn } from "~/ui/return.ts";
import { Time } from "~/ui/time.tsx";
import { PageHead, Section } from "../parts/page.tsx";
import { Listed } from "../parts/listed.tsx";
import { isStuck, MailBadge, outcomes, outcomeWord, SenderBadge, states, stateWord, subjectOf } from "./look.tsx";
import { Mailboxes } from "./mailboxes.tsx";
import type { Mail } from "./types.ts";
import { t } from "./words.ts";

const names = ["q", "state", "outcome", "problem"];

function List() {
  const given = parameters.value;
  const list = usePages<Mail>("mails", ["mails", "tickets"], { ...Object.fromEntries(names.map((name) => [name, given.get(name)])), limit: 50 });
  useReturn(list.data !== undefined);
  const filtered = names.some((name) => given.has(name));
  const columns: Column<Mail>[] = [
    {
      key: "subject",
      label: t.mail,
      head: true,
      cell: (row) => (
        <>
          <a class="row-name" href={`/ops/mail/${row.id}`} onPointerEnter={() => prefetch(`mails/${row.id}`, [`mail:${row.id}`])}>
            <bdi>{subjectOf(row)}</bdi>
          </a>
          <span class="row-under">
            <bdi>{row.from_name ? `${row.from_name} <${row.from ?? ""}>` : (row.from ?? t.noSender)}</bdi>
          </span>
          {isStuck(row) && (
            <span class="row-under row-error">
              <bdi>{row.problem}</bdi>
            </span>
          )}
        </>
      ),
    },
    {
      key: "outcome",
      label: t.outcome,
      bare: true,
      cell: (row) => (
        <span class="mail-badges">
          <MailBadge mail={row} />
          {row.authentication?.verdict === "fail" && <SenderBadge authentication={row.authentication} />}
        </span>
      ),
    },
    { key: "to", label: t.to, cell: (row) => <bdi>{row.to.length > 2 ? `${row.to.slice(0, 2).join(", ")} + ${row.to.length - 2}` : row.to.join(", ")}</bdi> },
    { key: "received", label: t.received, narrow: true, cell: (row) => <Time at={row.received_at} /> },
    { key: "ticket", label: t.ticket, narrow: true, cell: (row) => row.ticket && <a href={`/desk/tickets/${row.ticket}`}>{row.reference ?? row.ticket}</a> },
  ];
  return (
    <>
      <Filters names={names}>
        <FilterText name="q" label={t.search} />
        <FilterSelect name="outcome" label={t.outcome} choices={outcomes.map((each) => [each, outcomeWord(each)] as const)} />
        <FilterSelect name="state" label={t.state} choices={states.map((each) => [each, stateWord(each)] as const)} />
        <FilterSelect name="problem" label={t.problem} choices={[["true", t.onlyProblems]]} />
      </Filters>
      <Listed list={list} filtered={filtered} icon={MailsIcon} title={t.emptyTitle} text={t.emptyText}>
        <DataTable caption={t.list} columns={columns} rows={list.items} id={(row) => row.id} tone={(row) => (isStuck(row) ? "row-danger" : "")} />
      </Listed>
    </>
  );
}

export function Mails() {
  return (
    <>
      <PageHead title={t.mails} about={<span class="quiet">{t.mailsLead}</span>} />
      {may("link.read") && (
        <Section title={t.mailboxes}>
          <Mailboxes />
        </Section>
      )}
      <Section title={t.list}>
        <List />
      </Section>
    </>
  );
}
