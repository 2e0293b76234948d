// One ticket in the list.
import { useComputed } from "@preact/signals";
import { Clock, Headset, TriangleAlert, User, Building2, CircleDot } from "lucide";
import { prefetch } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import type { TicketRow } from "~/api/types.ts";
import { dateAndTime, now, relative } from "~/base/time.ts";
import { delegationWord, kindIcons, kindWord, PriorityBadge, priorityWord, StatusBadge } from "~/ui/domain.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Time } from "~/ui/time.tsx";
import type { Directory } from "./directory.ts";
import { ticketPath } from "./filters.ts";
import { cursor, isUnread, selected, selectTo, toggle } from "./list_state.ts";
import { shortAge, shortSpan } from "./age.ts";
import { waitsForYes } from "~/ui/approval.ts";
import { ApprovalBall, ApprovalSign } from "./ticket/approval.tsx";
import { t } from "./words.ts";

export const eventsAtOnce = 200;

export function readAhead(id: number) {
  prefetch(`tickets/${id}`, [`ticket:${id}`]);
  if (may("ticket.log")) prefetch(`tickets/${id}/events`, [`ticket:${id}`], { limit: eventsAtOnce });
}

function Ball({ row }: { row: TicketRow }) {
  if (row.waiting_for === "user" && row.status !== "waiting_user" && waitsForYes(row)) return <ApprovalBall />;
  const look = { desk: [Headset, t.ballDesk], user: [User, t.ballUser], supplier: [Building2, t.ballSupplier] } as const;
  const [icon, word] = row.waiting_for ? look[row.waiting_for] : [undefined, ""];
  return icon ? (
    <span class={`ball ball-${row.waiting_for ?? ""}`}>
      <Icon of={icon} size={14} /> {word}
    </span>
  ) : null;
}

export function Due({ at, short }: { at: string; short?: boolean }) {
  const late = new Date(at).getTime() < now.value;
  const whole = late ? t.late(relative(at)) : t.due(relative(at));
  return (
    <span class={`due ${late ? "due-late" : ""}`} title={`${whole} (${dateAndTime(at)})`}>
      <Icon of={late ? TriangleAlert : Clock} size={14} {...(short && { label: whole })} />
      {short ? <span aria-hidden="true">{shortSpan(at)}</span> : whole}
    </span>
  );
}

export function Suppliers({ row }: { row: TicketRow }) {
  return (
    <>
      {(row.suppliers ?? []).map((each) => (
        <span key={each.delegation} class={`leg-chip ${each.trouble ? "leg-trouble" : ""}`} title={`${each.supplier}: ${delegationWord(each.state)}`}>
          {each.trouble && <Icon of={TriangleAlert} size={14} label={t.trouble} />}
          <bdi>{each.supplier}</bdi>: {delegationWord(each.state)}
        </span>
      ))}
    </>
  );
}

export function Row({ row, gone, wide, directory, address, openId }: { row: TicketRow; gone: boolean; wide: boolean; directory: Directory; address: URLSearchParams; openId: number | null }) {
  const isCursor = useComputed(() => cursor.value === row.id);
  const isSelected = useComputed(() => selected.value.has(row.id));
  const chosen = isSelected.value;
  const unread = isUnread(row) && openId !== row.id;
  const link = (
    <a
      class="row-link"
      id={`row-${row.id}`}
      href={ticketPath(row.id, address)}
      aria-current={openId === row.id ? "true" : undefined}
      onFocus={() => (cursor.value = row.id)}
      onClick={(event) => {
        if (!event.shiftKey && !event.ctrlKey && !event.metaKey) return;
        if (event.shiftKey) {
          event.preventDefault();
          selectTo(row.id);
        }
      }}
    >
      <bdi>{row.subject}</bdi>
    </a>
  );
  const box = (
    <span class="row-box" role="cell">
      <input
        type="checkbox"
        tabIndex={-1}
        checked={chosen}
        aria-label={t.choose(row.reference)}
        onClick={(event) => {
          if (event.shiftKey) selectTo(row.id);
          else toggle(row.id, event.currentTarget.checked);
        }}
      />
    </span>
  );
  const state = (
    <>
      {unread && <Icon of={CircleDot} size={14} label={t.unreadOne} class="unread-dot" />}
      <span class="figures row-reference">{row.reference}</span>
    </>
  );
  const name = `row ${unread ? "row-unread" : ""} ${isCursor.value ? "row-cursor" : ""} ${chosen ? "row-selected" : ""} ${openId === row.id ? "row-open" : ""} ${gone ? "row-gone" : ""}`;
  const hover = { onMouseEnter: () => readAhead(row.id) };
  if (!wide) {
    return (
      <div class={`${name} row-narrow`} role="row" {...hover}>
        {box}
        <span role="cell" class="row-main">
          <span class="row-top">
            {state}
            <span class="quiet row-who">
              <bdi>{row.requester_name}</bdi>
            </span>
            <span class="quiet figures row-age" title={dateAndTime(row.updated_at)}>
              {shortAge(row.updated_at)}
            </span>
          </span>
          {link}
          <span class="row-signs">
            <StatusBadge status={row.status} />
            <ApprovalSign row={row} />
            {(row.priority === "high" || row.priority === "urgent") && <PriorityBadge priority={row.priority} />}
            {row.due_at && <Due at={row.due_at} />}
            <Suppliers row={row} />
            {gone && <span class="quiet small">{t.gone}</span>}
          </span>
        </span>
      </div>
    );
  }
  return (
    <div class={`${name} row-wide`} role="row" title={gone ? t.gone : undefined} {...hover}>
      {box}
      <span role="cell" class="row-number">
        {state}
      </span>
      <span role="cell" class="row-subject">
        <Icon of={kindIcons[row.kind]} size={14} label={kindWord(row.kind)} class="quiet" />
        {link}
        {row.due_at && <Due at={row.due_at} short />}
      </span>
      <span role="cell" class="row-cut">
        <bdi title={row.customer_name ?? row.customer}>{row.customer_name ?? directory.customer(row.customer)}</bdi>
      </span>
      <span role="cell" class="row-cut">
        <bdi>{row.requester_name}</bdi>
      </span>
      <span role="cell" class="row-cut">
        {row.agent ? <bdi>{directory.agent(row.agent)}</bdi> : <span class="quiet">{directory.team(row.team)}</span>}
      </span>
      <span role="cell" class="figures" title={dateAndTime(row.created_at)}>
        {shortAge(row.created_at)}
      </span>
      <span role="cell">{row.priority === "normal" ? <span class="quiet">{priorityWord(row.priority)}</span> : <PriorityBadge priority={row.priority} />}</span>
      <span role="cell">
        {waitsForYes(row) && row.status !== "waiting_user" ? <ApprovalSign row={row} /> : <StatusBadge status={row.status} />}
        {gone && <span class="sr-only">{t.gone}</span>}
      </span>
      <span role="cell">
        <Ball row={row} />
      </span>
      <span role="cell" class="row-suppliers">
        <Suppliers row={row} />
        <span class="sr-only">
          <Time at={row.updated_at} />
        </span>
      </span>
    </div>
  );
}
