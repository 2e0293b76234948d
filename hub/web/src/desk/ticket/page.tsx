// A ticket: its head, its story, where one writes, and what stands beside it.
import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { api, call } from "~/api/client.ts";
import { useGet, type Page } from "~/api/cache.ts";
import { may, session } from "~/api/session.ts";
import type { LoggedEvent, Message, TicketDetail, TicketRow } from "~/api/types.ts";
import { draft } from "~/base/drafts.ts";
import { useShortcuts } from "~/base/keys.ts";
import { go, parameters, setParameters, title } from "~/base/router.tsx";
import { Failed, Skeleton } from "~/ui/states.tsx";
import type { Directory } from "../directory.ts";
import { draftName } from "../drafts.tsx";
import { listPath } from "../filters.ts";
import { sawTicket, shownRows } from "../list_state.ts";
import { eventsAtOnce } from "../row.tsx";
import type { Audience, Delivery } from "../types.ts";
import { ApprovalLine } from "./approval.tsx";
import { audiencesOf, Composer } from "./composer.tsx";
import { quickly } from "./change.ts";
import { EscalateDialog, LinkDialog, MergeDialog, ReasonDialog, ResolveDialog, type Asked } from "./dialogs.tsx";
import { SplitDialog } from "./split.tsx";
import { HandOverDialog } from "./hand_over.tsx";
import { TicketHeader } from "./header.tsx";
import { Legs } from "./legs.tsx";
import { relaysName } from "./sending.ts";
import { SidePanel } from "./side.tsx";
import { timelineOf } from "./entries.ts";
import { Timeline } from "./timeline.tsx";
import { t as ui } from "~/ui/words.ts";
import { t } from "./words.ts";

// What happened, all of it: the hub gives it in pages.
function useEvents(ticket: number) {
  const first = useGet<Page<LoggedEvent>>(may("ticket.log") ? `tickets/${ticket}/events` : null, [`ticket:${ticket}`], { limit: eventsAtOnce });
  const rest = useSignal<LoggedEvent[]>([]);
  const next = first.data?.next ?? null;
  const known = first.data?.items.at(-1)?.id;
  useEffect(() => {
    let stopped = false;
    rest.value = [];
    const read = async () => {
      let cursor = next;
      while (cursor && !stopped) {
        const page: Page<LoggedEvent> = await api.get(`tickets/${ticket}/events`, { limit: eventsAtOnce, cursor });
        if (!stopped) rest.value = [...rest.value, ...page.items];
        cursor = page.next;
      }
    };
    read().catch(() => undefined); // the messages tell the story; the rest comes with the next change
    return () => {
      stopped = true;
    };
  }, [ticket, next, known]);
  return { ready: first.data !== undefined || first.problem !== undefined || !may("ticket.log"), items: [...(first.data?.items ?? []), ...rest.value] };
}

const onItsWay = new Set(["waiting", "ready", "leased"]);

function useDeliveries(ticket: number) {
  const got = useGet<Page<Delivery>>(may("delivery.read") ? "deliveries" : null, [`ticket:${ticket}`, "links"], { ticket, limit: 100 });
  const items = got.data?.items ?? [];
  const moving = items.some((each) => onItsWay.has(each.state) && Date.now() - Date.parse(each.created_at) < 120_000);
  const tries = useRef(0);
  useEffect(() => {
    tries.current = 0;
  }, [ticket, items.length]);
  useEffect(() => {
    if (!moving || tries.current > 12) return;
    // A delivery says nothing on the stream when it is done; it mostly is in seconds.
    const timer = setTimeout(() => {
      tries.current += 1;
      void got.reload();
    }, 1500 * (1 + tries.current / 2));
    return () => clearTimeout(timer);
  }, [moving, got.data]);
  return items;
}

function Opened({ ticket, directory, audience, ask, side, toggleSide, full, toggleFull }: { ticket: TicketDetail; directory: Directory; audience: Signal<Audience | null>; ask: (what: Asked) => void; side: boolean; toggleSide: () => void; full: boolean; toggleFull: () => void }) {
  const events = useEvents(ticket.id);
  const deliveries = useDeliveries(ticket.id);
  const scroller = useRef<HTMLDivElement>(null);
  const entries = useMemo(() => timelineOf(ticket, events.items, deliveries), [ticket, events.items.length, deliveries]);
  // Read: as soon as it is on the screen and somebody looks.
  useEffect(() => {
    const read = () => {
      if (document.visibilityState !== "visible") return;
      call("PUT", `tickets/${ticket.id}/read`, { body: { version: ticket.version } }).then(
        () => sawTicket(ticket.id, ticket.version),
        () => undefined, // it stays unread: no harm
      );
    };
    read();
    document.addEventListener("visibilitychange", read);
    return () => document.removeEventListener("visibilitychange", read);
  }, [ticket.id, ticket.version]);
  const relay = (message: Message) => {
    draft(relaysName(ticket.id)).value = String(message.id);
    const box = draft(draftName(ticket.id, "user"));
    box.value = box.peek() ? `${box.peek()}\n\n${message.text}` : message.text;
    audience.value = "user";
  };
  return (
    <div class={`ticket ${side ? "ticket-with-side" : ""}`}>
      <div class="ticket-column">
        <TicketHeader ticket={ticket} directory={directory} ask={ask} side={side} toggleSide={toggleSide} full={full} toggleFull={toggleFull} />
        <ApprovalLine ticket={ticket} />
        <Legs ticket={ticket} tellUser={() => (audience.value = "user")} />
        <div class="ticket-scroll" ref={scroller} tabIndex={-1}>
          {events.ready ? <Timeline entries={entries} ticket={ticket} directory={directory} actions={{ relay }} scroller={scroller} /> : <Skeleton lines={8} />}
        </div>
        <Composer ticket={ticket} directory={directory} audience={audience} />
      </div>
      {side && <SidePanel ticket={ticket} directory={directory} close={toggleSide} ask={ask} audience={audience} />}
    </div>
  );
}

// The head of what is coming, from the row that was clicked: no empty pane while the rest is read.
function Coming({ row }: { row: TicketRow | undefined }) {
  return (
    <div class="ticket">
      <div class="ticket-column">
        {!row && <h1 class="sr-only">{ui.loading}</h1>}
        {row && (
          <header class="ticket-head">
            <h1 class="ticket-heading-line">
              <span class="ticket-reference figures">{row.reference}</span> <bdi>{row.subject}</bdi>
            </h1>
          </header>
        )}
        <Skeleton lines={10} />
      </div>
    </div>
  );
}

export const sideName = "ombud.desk.side";

export function TicketPage({ id, directory, full, toggleFull }: { id: number; directory: Directory; full: boolean; toggleFull: () => void }) {
  const got = useGet<TicketDetail>(`tickets/${id}`, [`ticket:${id}`]);
  const asked = useSignal<Asked | null>(null);
  const audience = useSignal<Audience | null>(null);
  const side = useSignal(window.innerWidth >= 1280 && localStorage.getItem(sideName) !== "off");
  const ticket = got.data;
  const row = shownRows.peek().find((each) => each.id === id);
  title.value = ticket ? `${ticket.reference} ${ticket.subject}` : (row?.reference ?? "");

  const wanted = parameters.value.get("write");
  useEffect(() => {
    asked.value = null;
    audience.value = null;
  }, [id]);
  useEffect(() => {
    if (!wanted || !ticket) return;
    audience.value = wanted as Audience;
    setParameters({ write: null });
  }, [wanted, ticket !== undefined]);

  // The keyboard and a screen reader begin at the ticket's heading; who is elsewhere in the page is left there.
  const there = ticket !== undefined && ticket.id === id;
  useEffect(() => {
    if (!there) return;
    const timer = setTimeout(() => {
      if (document.activeElement === document.body || document.activeElement?.id === "content") document.getElementById("ticket-heading")?.focus({ preventScroll: true });
    }, 0);
    return () => clearTimeout(timer);
  }, [id, there]);

  const toggleSide = () => {
    side.value = !side.peek();
    localStorage.setItem(sideName, side.peek() ? "on" : "off");
  };
  const write = (to: Audience) => {
    if (audience.peek() === to) document.querySelector<HTMLElement>(".compose-text")?.focus();
    audience.value = to;
  };
  const ask = (what: Asked) => (asked.value = what);
  const works = may("ticket.work");
  const open = (label: string) => document.querySelector<HTMLElement>(label)?.click();
  const group = t.side;
  useShortcuts(
    !ticket
      ? []
      : [
          ...(works
            ? [
                { keys: "r", about: t.keyReply, group, run: () => write("user") },
                { keys: "n", about: t.keyNote, group, run: () => write("internal") },
                {
                  keys: "s",
                  about: t.keySupplier,
                  group,
                  run: () => {
                    const leg = audiencesOf(ticket).find((each) => each.startsWith("supplier:"));
                    if (leg) write(leg);
                    else ask("handover");
                  },
                },
                { keys: "h", about: t.keyHandOver, group, run: () => ask("handover") },
                { keys: "a", about: t.keyAssign, group, run: () => open(".fact-agent") },
                {
                  keys: "t",
                  about: t.keyTake,
                  group,
                  run: () => {
                    const me = session.peek()?.agent;
                    if (me && ticket.agent !== me.id) void quickly(ticket, { agent: me.id }, t.assignedTo(me.name));
                  },
                },
                { keys: "p", about: t.keyPriority, group, run: () => open(".fact-priority") },
                { keys: "e", about: t.keyEscalate, group, run: () => ask("escalate") },
                { keys: "d", about: t.keyResolve, group, run: () => ask("resolve") },
              ]
            : []),
          { keys: "i", about: t.keySide, group, run: toggleSide },
          { keys: "f", about: t.keyFull, group, run: toggleFull },
          { keys: "u", about: t.back, group, run: () => go(listPath(parameters.peek())) },
          { keys: "Escape", about: t.back, group, run: () => go(listPath(parameters.peek())) },
        ],
    [ticket, works, toggleFull],
  );

  if (got.problem && (!ticket || got.problem.status === 404)) {
    return (
      <div class="ticket-missing">
        <a href={listPath(parameters.value)}>← {t.back}</a>
        <h1>{got.problem.status === 404 ? t.missing : t.unreadable}</h1>
        <Failed problem={got.problem} retry={() => void got.reload()} />
      </div>
    );
  }
  if (!ticket || ticket.id !== id) return <Coming row={row} />;
  const close = () => (asked.value = null);
  const props = { ticket, directory, close };
  return (
    <>
      <Opened key={id} ticket={ticket} directory={directory} audience={audience} ask={ask} side={side.value} toggleSide={toggleSide} full={full} toggleFull={toggleFull} />
      {asked.value === "resolve" && <ResolveDialog {...props} />}
      {(asked.value === "close" || asked.value === "reopen") && <ReasonDialog {...props} what={asked.value} />}
      {asked.value === "escalate" && <EscalateDialog {...props} />}
      {asked.value === "merge" && <MergeDialog {...props} />}
      {asked.value === "split" && <SplitDialog {...props} />}
      {asked.value === "link" && <LinkDialog {...props} />}
      {asked.value === "handover" && <HandOverDialog {...props} done={(made) => (audience.value = `supplier:${made.id}`)} />}
    </>
  );
}
