// Agreements by customer: with whom, about what, what may leave, what was promised.
import { Handshake, Plus } from "lucide";
import { useGet, type Page } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import { date, duration, now } from "~/base/time.ts";
import { Badge } from "~/ui/domain.tsx";
import { Icon } from "~/ui/icon.tsx";
import { useReturn } from "~/ui/return.ts";
import { Empty, Loaded } from "~/ui/states.tsx";
import { useCustomers, useLinks, useServices } from "../parts/names.ts";
import { PageHead, Section } from "../parts/page.tsx";
import { DataTable, type Column } from "~/ui/data_table.tsx";
import type { Agreement } from "../types.ts";
import { t as ops } from "../words.ts";
import { fieldWord } from "./fields.ts";
import { t } from "./words.ts";

export function ValidBadge({ agreement }: { agreement: Agreement }) {
  const from = new Date(agreement.valid_from).getTime();
  const until = agreement.valid_until ? new Date(agreement.valid_until).getTime() : undefined;
  if (until !== undefined && until <= now.value) return <Badge>{t.vOver}</Badge>;
  if (from > now.value + 60_000) return <Badge tone="info">{t.vLater(date(from))}</Badge>;
  return <Badge tone="ok">{until === undefined ? t.vNow : t.vUntil(date(until - 1))}</Badge>;
}

export function Agreements() {
  const got = useGet<Page<Agreement>>("agreements", ["agreements"]);
  useReturn(got.data !== undefined);
  const links = useLinks();
  const customers = useCustomers();
  const services = useServices();
  const columns: Column<Agreement>[] = [
    {
      key: "supplier",
      label: t.supplier,
      head: true,
      cell: (row) => (
        <a class="row-name" href={`/ops/agreements/${row.id}`}>
          <bdi>{links.name(row.link)}</bdi>
        </a>
      ),
    },
    { key: "services", label: t.services, cell: (row) => row.services.map((each) => services.name(each)).join(", ") },
    { key: "shares", label: t.shares, cell: (row) => (row.share.length ? row.share.map(fieldWord).join(", ") : <span class="quiet">{t.sharesNothing}</span>) },
    {
      key: "how",
      label: t.handling,
      cell: (row) => (
        <>
          {row.delegate_automatically ? t.auto : t.byAgent}
          <span class="row-under">{row.relay_automatically ? t.relayAuto : t.relayAgent}</span>
        </>
      ),
    },
    { key: "promise", label: t.promise, narrow: true, cell: (row) => (row.resolve_within_ms ? duration(row.resolve_within_ms) : null) },
    { key: "valid", label: t.valid, narrow: true, bare: true, cell: (row) => <ValidBadge agreement={row} /> },
  ];
  return (
    <>
      <PageHead
        title={ops.agreements}
        about={<span class="quiet">{t.lead}</span>}
        actions={
          may("agreement.write") && (
            <a class="button primary" href="/ops/agreements/new">
              <Icon of={Plus} /> {t.add}
            </a>
          )
        }
      />
      <Loaded got={got} lines={8}>
        {({ items }) => {
          if (!items.length) {
            return (
              <Empty icon={Handshake} title={t.emptyTitle}>
                {t.emptyText}
              </Empty>
            );
          }
          const groups = [...new Set(items.map((each) => each.customer))].sort((a, b) => customers.name(a).localeCompare(customers.name(b)));
          return groups.map((customer) => (
            <Section key={customer} title={customers.name(customer)}>
              <DataTable caption={`${ops.agreements}: ${customers.name(customer)}`} columns={columns} rows={items.filter((each) => each.customer === customer)} id={(row) => row.id} />
            </Section>
          ));
        }}
      </Loaded>
    </>
  );
}
