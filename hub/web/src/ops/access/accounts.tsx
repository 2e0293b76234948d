// Everybody who can sign in.
import { useSignal } from "@preact/signals";
import { Plus, UserCog } from "lucide";
import { usePages } from "~/api/cache.ts";
import { may, session } from "~/api/session.ts";
import { parameters } from "~/base/router.tsx";
import { Badge, roleWord } from "~/ui/domain.tsx";
import { Icon } from "~/ui/icon.tsx";
import { useReturn } from "~/ui/return.ts";
import { Time } from "~/ui/time.tsx";
import { Filters, FilterSelect, FilterText } from "~/ui/filters.tsx";
import { useCustomers } from "../parts/names.ts";
import { PageHead } from "../parts/page.tsx";
import { DataTable } from "~/ui/data_table.tsx";
import { Listed } from "../parts/listed.tsx";
import { t as ops } from "../words.ts";
import { NewAccount } from "./new_account.tsx";
import { personRoles, rolesOf, staffRoles, type Account } from "./types.ts";
import { t } from "./words.ts";

export function AccountBadges({ account }: { account: Account }) {
  return (
    <span class="badges">
      {account.disabled ? <Badge tone="danger">{t.disabled}</Badge> : account.password ? <Badge tone="ok">{t.active}</Badge> : <Badge tone="warning">{t.invited}</Badge>}
      {account.totp && <Badge>{t.twoSteps}</Badge>}
    </span>
  );
}

export function Accounts() {
  const given = parameters.value;
  const customers = useCustomers();
  const adding = useSignal(false);
  const query = { q: given.get("q"), role: given.get("role"), customer: given.get("customer"), limit: 50 };
  const list = usePages<Account>("accounts", ["accounts"], query);
  useReturn(list.data !== undefined);
  const filtered = Boolean(query.q || query.role || query.customer);
  return (
    <>
      <PageHead
        title={ops.accounts}
        about={<span class="quiet">{t.accountsLead}</span>}
        actions={
          may("account.write") && (
            <button type="button" class="primary" onClick={() => (adding.value = true)}>
              <Icon of={Plus} /> {t.add}
            </button>
          )
        }
      />
      <Filters names={["q", "role", "customer"]}>
        <FilterText name="q" label={t.search} />
        <FilterSelect name="role" label={t.role} choices={[...staffRoles, ...personRoles].map((each) => [each, roleWord(each)] as const)} />
        <FilterSelect name="customer" label={t.customer} choices={customers.choices} />
      </Filters>
      <Listed list={list} filtered={filtered} icon={UserCog} title={t.emptyTitle} text={t.emptyText}>
        <DataTable
          caption={ops.accounts}
          rows={list.items}
          id={(row) => row.id}
          columns={[
            {
              key: "name",
              label: t.name,
              head: true,
              cell: (row) => (
                <>
                  <a class="row-name" href={`/ops/accounts/${row.id}`}>
                    <bdi>{row.name}</bdi>
                  </a>
                  <span class="row-under">{row.email}</span>
                </>
              ),
            },
            { key: "role", label: t.role, cell: (row) => rolesOf(row, session.value?.desk.name ?? "") },
            { key: "state", label: t.state, bare: true, cell: (row) => <AccountBadges account={row} /> },
            { key: "created", label: t.created, narrow: true, cell: (row) => <Time at={row.created_at} /> },
          ]}
        />
      </Listed>
      {adding.value && <NewAccount close={() => (adding.value = false)} />}
    </>
  );
}
