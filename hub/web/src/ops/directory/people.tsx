// The people of all customers: many, so searched and paged.
import { useSignal } from "@preact/signals";
import { Users } from "lucide";
import { api } from "~/api/client.ts";
import { invalidate, usePages } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import type { Person } from "~/api/types.ts";
import { parameters } from "~/base/router.tsx";
import { DeputyPanel } from "~/ui/deputy.tsx";
import { t as deputy } from "~/ui/deputy_words.ts";
import { Dialog } from "~/ui/dialog.tsx";
import { Badge } from "~/ui/domain.tsx";
import { useReturn } from "~/ui/return.ts";
import { Filters, FilterSelect, FilterText } from "~/ui/filters.tsx";
import { useCustomers } from "../parts/names.ts";
import { DataTable, type Column } from "~/ui/data_table.tsx";
import { Listed } from "../parts/listed.tsx";
import { t as ops } from "../words.ts";
import { EditDialog, type Field } from "./edit.tsx";
import { changeColumn, DirectoryHead, languageChoices, languageWord, nameColumn } from "./parts.tsx";
import { askErase, askRemove } from "./leaving.tsx";
import { t } from "./words.ts";

export function People() {
  const customers = useCustomers();
  const q = parameters.value.get("q");
  const customer = parameters.value.get("customer");
  const list = usePages<Person>("people", ["people"], { q, customer, limit: 50 });
  useReturn(list.data !== undefined);
  const edited = useSignal<{ person: Person | undefined } | undefined>(undefined);
  const standIn = useSignal<Person | undefined>(undefined);
  const writes = may("person.write");
  const names = may("approver.name");
  const columns: Column<Person>[] = [
    nameColumn(
      (row) => row.email,
      (row) => row.approver && <Badge>{t.approver}</Badge>,
    ),
    { key: "customer", label: t.customer, cell: (row) => customers.name(row.customer) },
    { key: "phone", label: t.phone, narrow: true, cell: (row) => row.phone },
    { key: "language", label: t.language, narrow: true, cell: (row) => languageWord(row.language) },
    { key: "tickets", label: t.seeTickets, hideHead: true, narrow: true, cell: (row) => <a href={`/desk?requester=${row.id}`}>{t.seeTickets}</a> },
  ];
  if (writes) columns.push(changeColumn<Person>((person) => (edited.value = { person })));
  const person = edited.value?.person;
  return (
    <>
      <DirectoryHead title={ops.people} lead={t.peopleLead} word={t.addPerson} add={writes ? () => (edited.value = { person: undefined }) : null} />
      <Filters names={["q", "customer"]}>
        <FilterText name="q" label={t.search} />
        <FilterSelect name="customer" label={t.customer} choices={customers.choices} />
      </Filters>
      <Listed list={list} filtered={Boolean(q || customer)} icon={Users} title={t.emptyTitle} text={t.emptyText}>
        <DataTable caption={ops.people} columns={columns} rows={list.items} id={(row) => row.id} />
      </Listed>
      {edited.value && (
        <EditDialog
          title={person ? t.changeOne(person.name) : t.addPerson}
          hint={person && (person.email ? t.emailKeeps : t.emailNone)}
          fields={[
            { name: "customer", label: t.customer, kind: "choice", choices: customers.choices, required: true, fixed: person !== undefined },
            { name: "name", label: t.name, required: true },
            { name: "email", label: t.email, kind: "email", fixed: person !== undefined },
            { name: "phone", label: t.phone },
            { name: "language", label: t.language, kind: "choice", choices: languageChoices() },
            ...(names ? [{ name: "approver", label: t.approver, hint: t.approverHint, kind: "check" } satisfies Field] : []),
          ]}
          values={{
            customer: person?.customer ?? customer ?? customers.all[0]?.id ?? "",
            name: person?.name ?? "",
            email: person?.email ?? "",
            phone: person?.phone ?? "",
            language: person?.language ?? "sv",
            approver: String(person?.approver ?? false),
          }}
          save={async ({ approver, customer = "", email = "", ...values }) => {
            const chosen = { ...values, ...(names && { approver: approver === "true" }) };
            if (person) {
              // Only what was changed here: the rest may be another's, made since the dialog was opened.
              const was: Record<string, unknown> = { ...person };
              const changed = Object.entries(chosen).filter(([member, value]) => value !== was[member]);
              if (changed.length) await api.patch(`people/${person.id}`, Object.fromEntries(changed));
            } else await api.post("people", { ...chosen, customer, email });
            invalidate("people");
          }}
          close={() => (edited.value = undefined)}
          others={
            person
              ? [
                  ...(names && person.approver ? [{ label: `${deputy.title} …`, plain: true, run: () => (standIn.value = person) }] : []),
                  ...(may("person.erase")
                    ? [
                        { label: t.erase, run: () => askErase(person.id, person.name) },
                        { label: t.remove, run: () => askRemove("people", person.id, person.name) },
                      ]
                    : []),
                ]
              : []
          }
        />
      )}
      {standIn.value && (
        <Dialog title={deputy.of(standIn.value.name)} close={() => (standIn.value = undefined)}>
          <DeputyPanel path={`people/${standIn.value.id}/delegate`} name={standIn.value.name} />
        </Dialog>
      )}
    </>
  );
}
