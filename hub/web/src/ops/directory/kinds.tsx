// Customers, teams, agents and services: short lists, each with its form.
import { useSignal } from "@preact/signals";
import { api } from "~/api/client.ts";
import { invalidate, useGet, type Page } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import type { Agent, Customer, Service, Team } from "~/api/types.ts";
import { Empty, Loaded } from "~/ui/states.tsx";
import { useTeams } from "../parts/names.ts";
import { DataTable, type Column } from "~/ui/data_table.tsx";
import { t as ops } from "../words.ts";
import { EditDialog, linesOf, type Field, type Values } from "./edit.tsx";
import { changeColumn, DirectoryHead, languageChoices, languageWord, nameColumn } from "./parts.tsx";
import { askRemove } from "./leaving.tsx";
import { t } from "./words.ts";

interface Kind<T> {
  path: string;
  permission: string;
  title: string;
  lead: string;
  add: string;
  columns: Column<T>[];
  fields: (item: T | undefined) => Field[];
  values: (item: T | undefined) => Values;
  body: (values: Values) => unknown;
}

const key = (item: unknown): Field => ({ name: "id", label: t.id, hint: t.idHint, kind: "key", required: true, fixed: item !== undefined });

function KindPage<T extends { id: string; name: string }>({ kind }: { kind: Kind<T> }) {
  const got = useGet<Page<T>>(kind.path, [kind.path]);
  const edited = useSignal<{ item: T | undefined } | undefined>(undefined);
  const writes = may(kind.permission);
  const columns = kind.columns.slice();
  if (writes) columns.push(changeColumn<T>((item) => (edited.value = { item })));
  const item = edited.value?.item;
  return (
    <>
      <DirectoryHead title={kind.title} lead={kind.lead} word={kind.add} add={writes ? () => (edited.value = { item: undefined }) : null} />
      <Loaded got={got} lines={8}>
        {({ items }) =>
          items.length ? (
            <DataTable caption={kind.title} columns={columns} rows={items} id={(row) => row.id} />
          ) : (
            <Empty title={t.emptyTitle}>{t.emptyText}</Empty>
          )
        }
      </Loaded>
      {edited.value && (
        <EditDialog
          title={item ? t.changeOne(item.name) : kind.add}
          fields={kind.fields(item)}
          values={kind.values(item)}
          save={async (values) => {
            await api.put(`${kind.path}/${encodeURIComponent(item?.id ?? values.id ?? "")}`, kind.body(values));
            invalidate(kind.path);
          }}
          close={() => (edited.value = undefined)}
          others={item ? [{ label: t.remove, run: () => askRemove(kind.path, item.id, item.name) }] : []}
        />
      )}
    </>
  );
}

function named<T extends { id: string; name: string }>(): Column<T> {
  return nameColumn((row) => row.id);
}

// How long an order waits for a yes: the usual ones, and what somebody has set by the file.
const usualDays = 3;
function dayChoices(now: number | undefined): (readonly [string, string])[] {
  const days = new Set([1, 2, usualDays, 5, 7, 10, 14, 30, now ?? usualDays]);
  return [...days].sort((a, b) => a - b).map((each) => [String(each), t.days(each)] as const);
}

export function Customers() {
  return (
    <KindPage<Customer>
      kind={{
        path: "customers",
        permission: "customer.write",
        title: ops.customers,
        lead: t.customersLead,
        add: t.addCustomer,
        columns: [
          named(),
          { key: "domains", label: t.domains, cell: (row) => row.mail_domains.join(", ") },
          { key: "language", label: t.language, cell: (row) => languageWord(row.language) },
          {
            key: "links",
            label: ops.details,
            bare: true,
            cell: (row) => (
              <span class="row-links">
                <a href={`/ops/people?customer=${encodeURIComponent(row.id)}`}>{t.seePeople}</a>
                <a href={`/desk?customer=${encodeURIComponent(row.id)}`}>{t.seeTickets}</a>
              </span>
            ),
          },
        ],
        fields: (item) => [
          key(item),
          { name: "name", label: t.name, required: true },
          { name: "mail_domains", label: t.domains, hint: t.domainsHint, kind: "lines" },
          { name: "language", label: t.language, kind: "choice", choices: languageChoices() },
          {
            name: "order_approval",
            label: t.orderApproval,
            hint: t.orderApprovalHint,
            kind: "choice",
            choices: [
              ["", t.orderApprovalAuto],
              ["true", t.orderApprovalOn],
              ["false", t.orderApprovalOff],
            ],
          },
          { name: "system_speaks_for_approvers", label: t.systemSpeaks, hint: t.systemSpeaksHint, kind: "check" },
          { name: "approval_days", label: t.approvalDays, hint: t.approvalDaysHint, kind: "choice", choices: dayChoices(item?.approval_days) },
        ],
        values: (item) => ({
          name: item?.name ?? "",
          mail_domains: item?.mail_domains.join("\n") ?? "",
          language: item?.language ?? "sv",
          order_approval: String(item?.order_approval ?? ""),
          system_speaks_for_approvers: String(item?.system_speaks_for_approvers ?? false),
          approval_days: String(item?.approval_days ?? usualDays),
        }),
        body: (values) => ({
          name: values.name,
          mail_domains: linesOf(values.mail_domains ?? ""),
          language: values.language,
          order_approval: values.order_approval ? values.order_approval === "true" : null,
          system_speaks_for_approvers: values.system_speaks_for_approvers === "true",
          approval_days: Number(values.approval_days),
        }),
      }}
    />
  );
}
export function Teams() {
  return (
    <KindPage<Team>
      kind={{
        path: "teams",
        permission: "directory.write",
        title: ops.teams,
        lead: t.teamsLead,
        add: t.addTeam,
        columns: [named()],
        fields: (item) => [key(item), { name: "name", label: t.name, required: true }],
        values: (item) => ({ name: item?.name ?? "" }),
        body: (values) => ({ name: values.name }),
      }}
    />
  );
}
export function Agents() {
  const teams = useTeams();
  return (
    <KindPage<Agent>
      kind={{
        path: "agents",
        permission: "directory.write",
        title: ops.agents,
        lead: t.agentsLead,
        add: t.addAgent,
        columns: [named(), { key: "email", label: t.email, cell: (row) => row.email }, { key: "team", label: t.team, cell: (row) => teams.name(row.team) }],
        fields: (item) => [
          key(item),
          { name: "name", label: t.name, required: true },
          { name: "email", label: t.email, kind: "email" },
          { name: "team", label: t.team, kind: "choice", choices: teams.choices, required: true },
        ],
        values: (item) => ({ name: item?.name ?? "", email: item?.email ?? "", team: item?.team ?? teams.all[0]?.id ?? "" }),
        body: (values) => ({ name: values.name, email: values.email, team: values.team }),
      }}
    />
  );
}
export function Services() {
  return (
    <KindPage<Service>
      kind={{
        path: "services",
        permission: "directory.write",
        title: ops.services,
        lead: t.servicesLead,
        add: t.addService,
        columns: [named(), { key: "words", label: t.words, cell: (row) => row.words.join(", ") }],
        fields: (item) => [key(item), { name: "name", label: t.name, required: true }, { name: "words", label: t.words, hint: t.wordsHint, kind: "lines" }],
        values: (item) => ({ name: item?.name ?? "", words: item?.words.join("\n") ?? "" }),
        body: (values) => ({ name: values.name, words: linesOf(values.words ?? "") }),
      }}
    />
  );
}
