// Deliveries, filtered; some or all chosen and acted on together, with what became of each.
import { useSignal } from "@preact/signals";
import { CircleCheck, CircleX, Send } from "lucide";
import { prefetch, useGet, usePages, type Page } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import { parameters } from "~/base/router.tsx";
import { Icon } from "~/ui/icon.tsx";
import { useReturn } from "~/ui/return.ts";
import { Loaded } from "~/ui/states.tsx";
import { Time } from "~/ui/time.tsx";
import { t as ui } from "~/ui/words.ts";
import { Filters, FilterSelect, pastChoices, pastTime } from "~/ui/filters.tsx";
import { useCustomers, useLinks } from "../parts/names.ts";
import { DataTable, type Column } from "~/ui/data_table.tsx";
import type { Delivery, DeliveryState } from "../types.ts";
import { Listed } from "../parts/listed.tsx";
import { t as ops } from "../words.ts";
import { actionWord, actOnMany, allowed, type BulkAction, type BulkResult } from "./actions.tsx";
import { DeliveryBadge, deliveryName, deliveryPath, stateWord, TicketLink, why } from "./look.tsx";
import { t } from "./words.ts";

const states: DeliveryState[] = ["ready", "waiting", "leased", "dead", "parked", "done", "cancelled"];

// What is said of a delivery wherever it is listed.
function ownColumns(): Record<"what" | "state" | "attempts" | "created", Column<Delivery>> {
  return {
    what: {
      key: "what",
      label: t.delivery,
      head: true,
      cell: (row) => (
        <>
          <a class="row-name" href={deliveryPath(row)} onPointerEnter={() => prefetch(`deliveries/${row.id}`, [`delivery:${row.id}`])}>
            {deliveryName(row)}
          </a>
          {row.last_error && row.state !== "done" && (
            <span class="row-under row-error">
              <bdi>{why(row)}</bdi>
            </span>
          )}
        </>
      ),
    },
    state: { key: "state", label: t.state, bare: true, narrow: true, cell: (row) => <DeliveryBadge delivery={row} /> },
    attempts: { key: "attempts", label: t.attempts, figure: true, narrow: true, cell: (row) => row.attempts },
    created: { key: "created", label: t.created, narrow: true, cell: (row) => <Time at={row.created_at} /> },
  };
}

export function DeliveryList({ link }: { link?: string }) {
  const given = parameters.value;
  const links = useLinks();
  const customers = useCustomers();
  const chosen = useSignal<ReadonlySet<number>>(new Set());
  const results = useSignal<BulkResult[]>([]);
  const names = ["state", "doubt", "since", ...(customers.all.length ? ["customer"] : []), ...(link ? [] : ["link"])];
  const query = {
    link: link ?? given.get("link"),
    state: given.get("state"),
    doubt: given.get("doubt"),
    customer: given.get("customer"),
    since: pastTime(given.get("since")),
    limit: 50,
  };
  const list = usePages<Delivery>("deliveries", ["deliveries", "links"], query);
  useReturn(list.data !== undefined);
  const filtered = names.some((name) => given.has(name));
  const canAct = may("delivery.operate");
  const actable = list.items.filter((each) => allowed(each).length > 0);
  const picked = list.items.filter((each) => chosen.value.has(each.id));
  const pick = (id: number, on: boolean) => {
    const next = new Set(chosen.value);
    if (on) next.add(id);
    else next.delete(id);
    chosen.value = next;
  };
  const bulk = (action: BulkAction) =>
    actOnMany(picked, action, (all) => {
      results.value = all;
      chosen.value = new Set(all.filter((each) => !each.ok).map((each) => each.delivery));
    });
  const own = ownColumns();
  const columns: Column<Delivery>[] = [
    own.what,
    own.state,
    ...(link ? [] : [{ key: "to", label: t.to, cell: (row: Delivery) => <a href={`/ops/links/${encodeURIComponent(row.link)}`}>{links.name(row.link)}</a> }]),
    { key: "customer", label: t.customer, cell: (row) => customers.name(row.customer) },
    own.attempts,
    own.created,
    { key: "ticket", label: t.ticket, narrow: true, cell: (row) => <TicketLink delivery={row} /> },
  ];
  if (canAct) {
    columns.unshift({
      key: "pick",
      label: ops.choose,
      hideHead: true,
      narrow: true,
      cell: (row) =>
        allowed(row).length > 0 ? (
          <input type="checkbox" aria-label={`${ops.choose}: ${deliveryName(row)}`} checked={chosen.value.has(row.id)} onChange={(e) => pick(row.id, e.currentTarget.checked)} />
        ) : null,
    });
  }
  return (
    <>
      <Filters names={names}>
        <FilterSelect name="state" label={t.state} choices={states.map((each) => [each, stateWord(each)] as const)} />
        {!link && <FilterSelect name="link" label={t.link} choices={links.choices} />}
        {customers.all.length > 0 && <FilterSelect name="customer" label={t.customer} choices={customers.choices} />}
        <FilterSelect name="doubt" label={t.doubtFilter} choices={[["true", t.onlyDoubt]]} />
        <FilterSelect name="since" label={ops.since} any={ops.anyTime} choices={pastChoices()} />
      </Filters>
      {results.value.length > 0 && <Results results={results.value} close={() => (results.value = [])} />}
      {canAct && actable.length > 0 && (
        <div class="bulk-bar" role="group" aria-label={ops.chosen(picked.length)}>
          <label class="bulk-all">
            <input
              type="checkbox"
              checked={picked.length > 0 && picked.length === actable.length}
              onChange={(e) => (chosen.value = e.currentTarget.checked ? new Set(actable.map((each) => each.id)) : new Set())}
            />
            {picked.length ? ops.chosen(picked.length) : ops.chooseAll}
          </label>
          {picked.length > 0 &&
            (["retry", "park", "skip"] as const).map((action) => (
              <button key={action} type="button" onClick={() => bulk(action)}>
                {actionWord(action)}
              </button>
            ))}
        </div>
      )}
      <Listed list={list} filtered={filtered} icon={Send} title={t.emptyTitle} text={t.emptyText}>
        <DataTable caption={ops.deliveries} columns={columns} rows={list.items} id={(row) => row.id} tone={(row) => (row.state === "dead" ? "row-danger" : "")} />
      </Listed>
    </>
  );
}

// The newest few of a link, with what became of each.
export function RecentDeliveries({ link }: { link: string }) {
  const got = useGet<Page<Delivery>>("deliveries", ["deliveries", `link:${link}`], { link, limit: 6 });
  return (
    <Loaded got={got} lines={4}>
      {({ items }) =>
        items.length === 0 ? (
          <p class="quiet">{t.emptyTitle}</p>
        ) : (
          <DataTable
            caption={ops.deliveries}
            rows={items}
            id={(row) => row.id}
            columns={Object.values(ownColumns())}
          />
        )
      }
    </Loaded>
  );
}

export function Results({ results, close }: { results: readonly BulkResult[]; close: () => void }) {
  return (
    <section class="card results" aria-label={t.bulkResult}>
      <div class="section-head">
        <h2>{t.bulkResult}</h2>
        <button type="button" onClick={close}>
          {ui.close}
        </button>
      </div>
      <ul class="plain-list">
        {results.map((each) => (
          <li key={each.delivery} class={each.ok ? "result-ok" : "result-bad"}>
            <Icon of={each.ok ? CircleCheck : CircleX} /> <a href={`/ops/deliveries/${each.delivery}`}>{`${t.delivery} ${each.delivery}`}</a>: {each.ok ? t.went : each.text || t.wentNot}
          </li>
        ))}
      </ul>
    </section>
  );
}
