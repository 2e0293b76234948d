// Exactly the tickets that a figure counts.
import { ArrowLeft, ChartColumn } from "lucide";
import { usePages } from "~/api/cache.ts";
import type { Ticket } from "~/api/types.ts";
import { staff } from "~/api/session.ts";
import { parameters, title } from "~/base/router.tsx";
import { dates } from "~/base/time.ts";
import { DataTable } from "~/ui/data_table.tsx";
import { PriorityBadge, StatusBadge } from "~/ui/domain.tsx";
import { More } from "~/ui/more.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Empty, Failed, Skeleton } from "~/ui/states.tsx";
import { Time } from "~/ui/time.tsx";
import { useCustomers, useServices, useSuppliers, useTeams } from "~/api/names.ts";
import { kindWord, priorityWord } from "~/ui/domain.tsx";
import type { Priority, TicketKind } from "~/api/types.ts";
import { figureWord } from "./figures.tsx";
import type { Counted } from "./types.ts";
import { t } from "./words.ts";

const names = ["figure", "from", "to", "zone", "customer", "service", "team", "supplier", "kind", "priority"];

export function CountedTickets() {
  const given = parameters.value;
  const query = Object.fromEntries(names.flatMap((name) => (given.get(name) ? [[name, given.get(name)]] : []))) as Record<string, string>;
  const list = usePages<Ticket>("statistics/tickets", ["statistics"], { ...query, limit: 50 });
  const customers = useCustomers();
  const services = useServices();
  const teams = useTeams();
  const suppliers = useSuppliers();
  const figure = figureWord((query.figure ?? "registered") as Counted) ?? t.behind;
  title.value = `${figure}: ${t.behind}`;
  const to = query.to ? new Date(new Date(query.to).getTime() - 1) : undefined;
  const scope = [
    query.from && to && dates(query.from, to),
    query.customer && customers.name(query.customer),
    query.service && (query.service === "-" ? t.noRow : services.name(query.service)),
    query.team && teams.name(query.team),
    query.supplier && suppliers.name(query.supplier),
    query.kind && kindWord(query.kind as TicketKind),
    query.priority && priorityWord(query.priority as Priority),
  ].filter(Boolean);
  return (
    <div class="page">
      <a class="statistics-up" href="/statistics" onClick={(e) => { if (history.length > 1) { e.preventDefault(); history.back(); } }}>
        <Icon of={ArrowLeft} size={14} /> {t.back}
      </a>
      <h1>{figure}</h1>
      <p class="quiet">{scope.join(" · ")}</p>
      {!list.data ? (
        list.problem ? (
          <Failed problem={list.problem} retry={() => void list.reload()} />
        ) : (
          <Skeleton lines={8} />
        )
      ) : list.items.length === 0 ? (
        <Empty icon={ChartColumn} title={t.noTickets} />
      ) : (
        <>
          <DataTable
            caption={t.behind}
            rows={list.items}
            id={(row) => row.id}
            columns={[
              {
                key: "ticket",
                label: t.ticket,
                head: true,
                cell: (row) => (
                  <>
                    <a class="row-name" href={`${staff.value ? "/desk" : ""}/tickets/${row.id}`}>
                      <bdi>{row.subject}</bdi>
                    </a>
                    <span class="row-under">
                      {row.reference} · {customers.name(row.customer)}
                    </span>
                  </>
                ),
              },
              { key: "status", label: t.status, bare: true, narrow: true, cell: (row) => <StatusBadge status={row.status} /> },
              { key: "priority", label: t.priority, narrow: true, cell: (row) => <PriorityBadge priority={row.priority} /> },
              { key: "created", label: t.created, narrow: true, cell: (row) => <Time at={row.created_at} exact /> },
              { key: "resolved", label: t.resolvedAt, narrow: true, cell: (row) => row.resolved_at && <Time at={row.resolved_at} exact /> },
            ]}
          />
          <More list={list} />
        </>
      )}
    </div>
  );
}
