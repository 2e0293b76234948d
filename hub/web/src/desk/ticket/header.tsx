// The head of a ticket: what it is, who has it, and what can be done.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ArrowLeft, ChevronDown, ChevronLeft, ChevronRight, Expand, Eye, Minimize2, MoreHorizontal, PanelRight, Pencil, PenLine, UserRound, UsersRound } from "lucide";
import { presence } from "~/api/stream.ts";
import { may, session } from "~/api/session.ts";
import type { TicketDetail } from "~/api/types.ts";
import { go, parameters } from "~/base/router.tsx";
import { kindIcons, kindWord, PriorityBadge, priorityWord, StatusBadge } from "~/ui/domain.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Menu, type MenuItem } from "~/ui/menu.tsx";
import { toast } from "~/ui/toast.tsx";
import { t as ui } from "~/ui/words.ts";
import { assignable, type Directory } from "../directory.ts";
import { listPath, ticketPath } from "../filters.ts";
import { neighbour } from "../list_state.ts";
import { quickly } from "./change.ts";
import type { Asked } from "./dialogs.tsx";
import { t } from "./words.ts";

export function assignItems(ticket: TicketDetail, directory: Directory): MenuItem[] {
  const me = session.value?.agent;
  const items: MenuItem[] = [];
  if (me && ticket.agent !== me.id) items.push({ label: t.takeIt, run: () => void quickly(ticket, { agent: me.id }, t.assignedTo(me.name)) });
  items.push({ label: t.nobody, checked: !ticket.agent, run: () => void quickly(ticket, { agent: "" }, t.assignedNobody) });
  // The ticket's own team first: that is whom one mostly means.
  const teams = assignable(directory, ticket.team).sort((a, b) => Number(b.id === ticket.team) - Number(a.id === ticket.team));
  for (const team of teams) {
    const agents = directory.agents.filter((each) => each.team === team.id);
    if (agents.length === 0) continue;
    items.push({ label: team.name, heading: true });
    for (const each of agents) {
      items.push({ label: each.name, checked: ticket.agent === each.id, run: () => void quickly(ticket, { agent: each.id, ...(each.team !== ticket.team && { team: each.team }) }, t.assignedTo(each.name)) });
    }
  }
  return items;
}

function Subject({ ticket }: { ticket: TicketDetail }) {
  const editing = useSignal(false);
  const text = useSignal(ticket.subject);
  const input = useRef<HTMLTextAreaElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (editing.value) input.current?.select();
  }, [editing.value]);
  const keep = () => {
    if (!editing.peek()) return;
    editing.value = false;
    const next = text.peek().trim();
    if (next && next !== ticket.subject) void quickly(ticket, { subject: next }, t.subjectChanged);
    setTimeout(() => heading.current?.focus(), 0);
  };
  if (editing.value) {
    return (
      <textarea
        ref={input}
        class="subject-edit"
        rows={1}
        aria-label={t.subject}
        maxLength={250}
        value={text.value}
        onInput={(event) => (text.value = event.currentTarget.value.replaceAll("\n", " "))}
        onBlur={keep}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            event.preventDefault();
            keep();
          } else if (event.key === "Escape") {
            event.stopPropagation();
            editing.value = false;
          }
        }}
      />
    );
  }
  return (
    <h1 class="ticket-heading-line" tabIndex={-1} ref={heading} id="ticket-heading">
      <span class="ticket-reference figures">{ticket.reference}</span> <bdi>{ticket.subject}</bdi>
      {may("ticket.work") && (
        <button
          type="button"
          class="plain icon-button subject-pencil no-print"
          aria-label={t.editSubject}
          title={t.editSubject}
          onClick={() => {
            text.value = ticket.subject;
            editing.value = true;
          }}
        >
          <Icon of={Pencil} size={14} />
        </button>
      )}
    </h1>
  );
}

function Present({ ticket }: { ticket: number }) {
  const others = (presence.value.get(ticket) ?? []).filter((each) => each.agent !== session.value?.agent?.id);
  const writing = others.filter((each) => each.writing);
  const reading = others.filter((each) => !each.writing);
  if (others.length === 0) return null;
  return (
    <p class="present no-print" role="status">
      {writing.map((each) => (
        <span key={each.agent} class={`present-writing to-${each.writing?.startsWith("supplier") ? "supplier" : (each.writing ?? "user")}`}>
          <Icon of={PenLine} size={14} /> {each.writing === "user" ? t.writesUser(each.name) : each.writing === "internal" ? t.writesInternal(each.name) : t.writesSupplier(each.name)}
        </span>
      ))}
      {reading.length > 0 && (
        <span>
          <Icon of={Eye} size={14} /> {t.looking(reading.map((each) => each.name).join(", "))}
        </span>
      )}
    </p>
  );
}

// What the hub says may be done with this ticket now.
function can(ticket: TicketDetail, what: string): boolean {
  return may("ticket.work") && (ticket.may?.includes(what) ?? true);
}

export function ticketActions(ticket: TicketDetail, ask: (what: Asked) => void): MenuItem[] {
  const over = ticket.status === "resolved" || ticket.status === "closed";
  const items: MenuItem[] = [];
  if (may("ticket.work")) {
    if (!over && can(ticket, "resolve")) items.push({ label: t.resolve, run: () => ask("resolve") });
    if (ticket.status !== "closed" && can(ticket, "close")) items.push({ label: t.close, run: () => ask("close") });
    if (over && can(ticket, "reopen")) items.push({ label: t.reopen, run: () => ask("reopen") });
    if (!over && can(ticket, "escalate")) items.push({ label: t.escalate, run: () => ask("escalate") });
    if (!over && can(ticket, "delegate") && may("delegation.work")) items.push({ label: t.handOver, run: () => ask("handover") });
    items.push({ label: "", heading: true });
    if (can(ticket, "merge")) items.push({ label: t.merge, run: () => ask("merge") });
    if (can(ticket, "split")) items.push({ label: t.split, run: () => ask("split") });
    if (can(ticket, "relate")) items.push({ label: t.link, run: () => ask("link") });
    items.push({ label: "", heading: true });
  }
  items.push({ label: t.print, run: () => window.print() });
  items.push({
    label: t.copyLink,
    run: () => void navigator.clipboard.writeText(`${window.location.origin}/desk/tickets/${ticket.id}`).then(() => toast(ui.copied, { tone: "ok" })),
  });
  return items;
}

export function TicketHeader({ ticket, directory, ask, side, toggleSide, full, toggleFull }: { ticket: TicketDetail; directory: Directory; ask: (what: Asked) => void; side: boolean; toggleSide: () => void; full: boolean; toggleFull: () => void }) {
  const works = may("ticket.work");
  const over = ticket.status === "resolved" || ticket.status === "closed";
  const step = (by: number) => {
    const to = neighbour(by);
    if (to !== null && to !== ticket.id) go(ticketPath(to), { replace: true });
  };
  const into = ticket.status === "closed" ? ticket.relations?.find((each) => each.kind === "duplicate_of") : undefined;
  const agent = ticket.agent_name ?? directory.agent(ticket.agent);
  const team = ticket.team_name ?? directory.team(ticket.team);
  return (
    <header class="ticket-head">
      <div class="ticket-bar no-print">
        <a class="button plain-button ticket-back" href={listPath(parameters.value)}>
          <Icon of={ArrowLeft} /> {t.back}
        </a>
        <span class="ticket-steps">
          <button type="button" class="plain icon-button" aria-label={t.previous} title={`${t.previous} (K)`} onClick={() => step(-1)}>
            <Icon of={ChevronLeft} />
          </button>
          <button type="button" class="plain icon-button" aria-label={t.next} title={`${t.next} (J)`} onClick={() => step(1)}>
            <Icon of={ChevronRight} />
          </button>
        </span>
        <Present ticket={ticket.id} />
        <span class="ticket-tools">
          <button type="button" class="plain icon-button ticket-full" aria-pressed={full} aria-label={full ? t.notFull : t.full} title={`${full ? t.notFull : t.full} (F)`} onClick={toggleFull}>
            <Icon of={full ? Minimize2 : Expand} />
          </button>
          <button type="button" class="plain icon-button" aria-pressed={side} aria-label={side ? t.hideSide : t.showSide} title={`${side ? t.hideSide : t.showSide} (I)`} onClick={toggleSide}>
            <Icon of={PanelRight} />
          </button>
        </span>
      </div>
      <Subject ticket={ticket} />
      {into && (
        <p class="ticket-merged">
          <a href={ticketPath(into.ticket)}>{t.mergedInto(`${into.reference} ${into.subject}`)}</a>
        </p>
      )}
      <div class="ticket-marks">
        <StatusBadge status={ticket.status} />
        {works ? (
          <>
            <Menu
              class="fact fact-priority"
              label={`${t.priority}: ${priorityWord(ticket.priority)}`}
              button={<PriorityBadge priority={ticket.priority} />}
              items={(["urgent", "high", "normal", "low"] as const).map((each) => ({ label: priorityWord(each), checked: ticket.priority === each, run: () => void quickly(ticket, { priority: each }, t.priorityChanged(priorityWord(each))) }))}
            />
            <Menu
              class="fact"
              label={`${t.kind}: ${kindWord(ticket.kind)}`}
              button={
                <>
                  <Icon of={kindIcons[ticket.kind]} size={14} /> {kindWord(ticket.kind)}
                </>
              }
              items={(["incident", "order", "question"] as const).map((each) => ({ label: kindWord(each), checked: ticket.kind === each, run: () => void quickly(ticket, { kind: each }, t.kindChanged(kindWord(each))) }))}
            />
            <Menu
              class="fact"
              label={`${t.service}: ${directory.service(ticket.service) || t.noService}`}
              button={
                <>
                  {directory.service(ticket.service) || <span class="quiet">{t.noService}</span>} <Icon of={ChevronDown} size={14} />
                </>
              }
              items={[
                { label: t.noService, checked: !ticket.service, run: () => void quickly(ticket, { service: "" }, t.serviceChanged(t.noService.toLowerCase())) },
                ...directory.services.map((each) => ({ label: each.name, checked: ticket.service === each.id, run: () => void quickly(ticket, { service: each.id }, t.serviceChanged(each.name)) })),
              ]}
            />
            <Menu
              class="fact"
              label={`${t.team}: ${team}`}
              button={
                <>
                  <Icon of={UsersRound} size={14} /> {team}
                </>
              }
              items={directory.teams.map((each) => ({ label: each.name, checked: ticket.team === each.id, run: () => void quickly(ticket, { team: each.id, agent: "" }, t.assignedTo(each.name)) }))}
            />
            <Menu
              class="fact fact-agent"
              label={`${t.agent}: ${agent || t.nobody}`}
              button={
                <>
                  <Icon of={UserRound} size={14} /> {agent || <span class="quiet">{t.nobody}</span>}
                </>
              }
              items={assignItems(ticket, directory)}
            />
          </>
        ) : (
          <>
            <PriorityBadge priority={ticket.priority} />
            <span>{kindWord(ticket.kind)}</span>
            <span>{directory.service(ticket.service)}</span>
            <span>{agent || directory.team(ticket.team)}</span>
          </>
        )}
        <span class="ticket-do no-print">
          {works && !over && (
            <button type="button" onClick={() => ask("resolve")}>
              {t.resolve}
            </button>
          )}
          {over && can(ticket, "reopen") && (
            <button type="button" onClick={() => ask("reopen")}>
              {t.reopen}
            </button>
          )}
          <Menu class="icon-button" label={t.actions} button={<Icon of={MoreHorizontal} />} items={ticketActions(ticket, ask)} />
        </span>
      </div>
    </header>
  );
}
