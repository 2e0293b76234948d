// Who changed what, besides tickets.
import { Download, History } from "lucide";
import { useGet, usePages, type Page } from "~/api/cache.ts";
import { urlOf } from "~/api/client.ts";
import { may } from "~/api/session.ts";
import { parameters } from "~/base/router.tsx";
import { dayAfter, startOfDay } from "~/base/time.ts";
import { Icon } from "~/ui/icon.tsx";
import { useReturn } from "~/ui/return.ts";
import { Time } from "~/ui/time.tsx";
import { FilterDate, Filters, FilterSelect, FilterText } from "~/ui/filters.tsx";
import { useCustomers, useLinks } from "../parts/names.ts";
import { PageHead } from "../parts/page.tsx";
import { DataTable } from "~/ui/data_table.tsx";
import type { AuditEntry } from "../types.ts";
import { Listed } from "../parts/listed.tsx";
import { t as ops } from "../words.ts";
import { Changes, sentence, subjectWords } from "./audit_entry.tsx";
import { t } from "./words.ts";

// Where the changed thing is, if it has a page.
function pathOf(entry: AuditEntry): string | undefined {
  const id = encodeURIComponent(entry.subject_id);
  if (!id) return undefined;
  return { account: `/ops/accounts/${id}`, agreement: `/ops/agreements/${id}`, link: `/ops/links/${id}`, delivery: `/ops/deliveries/${id}` }[entry.subject];
}
export function Audit() {
  const given = parameters.value;
  const from = given.get("from");
  const to = given.get("to");
  const query = {
    from: from ? startOfDay(from).toISOString() : undefined,
    to: to ? startOfDay(dayAfter(to, 1)).toISOString() : undefined,
    actor: given.get("actor"),
    subject: given.get("subject"),
  };
  const list = usePages<AuditEntry>("audit", ["audit"], { ...query, limit: 50 });
  const names = ["from", "to", "actor", "subject"];
  useReturn(list.data !== undefined);
  const filtered = names.some((name) => given.has(name));
  const words = new Map(subjectWords());
  const links = useLinks();
  const customers = useCustomers();
  const accounts = useGet<Page<{ id: number | string; name: string }>>(may("account.read") ? "accounts" : null, ["accounts"], { limit: 200 });
  const accountName = (id: string) => accounts.data?.items.find((each) => String(each.id) === id)?.name ?? `${t.sAccount} ${id}`;
  const nameOf = (subject: string, id: string) =>
    subject === "link" ? links.name(id) : subject === "customer" ? customers.name(id) : subject === "account" ? accountName(id) : id;
  return (
    <>
      <PageHead
        title={ops.audit}
        about={<span class="quiet">{t.auditLead}</span>}
        actions={
          <a class="button" href={urlOf("audit.csv", query)} download="audit.csv">
            <Icon of={Download} /> {t.csv}
          </a>
        }
      />
      <Filters names={names}>
        <FilterDate name="from" label={t.from} />
        <FilterDate name="to" label={t.to} />
        <FilterText name="actor" label={t.actorHint} />
        <FilterSelect name="subject" label={t.subject} choices={subjectWords()} />
      </Filters>
      <Listed list={list} filtered={filtered} icon={History} title={t.auditEmpty} text={t.auditEmptyText}>
        <DataTable
          caption={ops.audit}
          rows={list.items}
          id={(row) => row.id}
          columns={[
            {
              key: "what",
              label: t.what,
              head: true,
              cell: (row) => (
                <>
                  <b>
                    <bdi>{sentence(row, nameOf)}</bdi>
                  </b>
                  <span class="row-under">{row.type}</span>
                  <Changes entry={row} />
                </>
              ),
            },
            {
              key: "subject",
              label: t.subject,
              cell: (row) => {
                const path = pathOf(row);
                const text = `${words.get(row.subject) ?? row.subject} ${row.subject_id}`;
                return path ? <a href={path}>{text}</a> : text;
              },
            },
            {
              key: "actor",
              label: t.actor,
              cell: (row) => (
                <>
                  <bdi>{row.actor_name || row.actor}</bdi>
                  {row.actor_name && <span class="row-under">{row.actor}</span>}
                </>
              ),
            },
            { key: "at", label: t.at, narrow: true, cell: (row) => <Time at={row.at} exact /> },
          ]}
        />
      </Listed>
    </>
  );
}
