// The one column that tells the ticket's story. Each entry says whose words it holds by place, colour and label.
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { ArrowDown, ArrowRight, Building2, Forward, Headset, Lock, Paperclip, User, type IconNode } from "lucide";
import type { ComponentChildren } from "preact";
import type { Message, TicketDetail } from "~/api/types.ts";
import { clock, date, dateAndTime, dayKey } from "~/base/time.ts";
import { delegationWord } from "~/ui/domain.tsx";
import { Icon } from "~/ui/icon.tsx";
import { MessageText, useMessageBody } from "~/ui/message_text.tsx";
import { PlainText } from "~/ui/text.tsx";
import { fieldWord } from "./fields.ts";
import { AttachmentList } from "./attachments.tsx";
import { DeliveryState, DeliveryTrouble } from "./delivery_state.tsx";
import { BounceEntry, bounceOf, MailFoot, MailSigns, SenderDoubt, ToldLines } from "./mail.tsx";
import { Decided } from "./approval.tsx";
import { sentenceOf } from "./event_words.tsx";
import { intakeNote } from "~/ui/intake_words.ts";
import { sendings, type Sending } from "./sending.ts";
import { delegationOf, type Entry, type Leg } from "./entries.ts";
import type { Directory } from "../directory.ts";
import { t as ui } from "~/ui/words.ts";
import { t } from "./words.ts";

export interface TimelineActions {
  relay: (message: Message) => void;
}

// The second supplier looks unlike the first; names tell them apart all the same.
export function legTone(leg: Leg, ticket: TicketDetail): string {
  if (!leg.startsWith("supplier:")) return leg;
  const at = ticket.delegations.findIndex((each) => each.id === delegationOf(leg));
  return at % 2 === 1 ? "supplier to-supplier-2" : "supplier";
}
export function supplierOf(leg: Leg, ticket: TicketDetail): string {
  return ticket.delegations.find((each) => each.id === delegationOf(leg))?.supplier ?? "";
}

function Bubble({ leg, side, ticket, icon, from, to, at, signs, children, id }: { leg: Leg; side: "in" | "out"; ticket: TicketDetail; icon: IconNode; from: ComponentChildren; to: ComponentChildren; at: string; signs?: ComponentChildren; children: ComponentChildren; id: string }) {
  return (
    <article class={`entry to-${legTone(leg, ticket)} entry-${side}`} id={id} data-leg={leg} data-ticket={ticket.id}>
      <header class="entry-head">
        <span class="entry-party">
          <Icon of={icon} size={14} />
          <strong>
            <bdi>{from}</bdi>
          </strong>
          <span class="entry-to">{to}</span>
        </span>
        <span class="entry-signs">
          {signs}
          <time class="figures" dateTime={at} title={dateAndTime(at)}>
            {clock(at)}
          </time>
        </span>
      </header>
      {children}
    </article>
  );
}

function MessageEntry({ entry, ticket, directory, actions }: { entry: Extract<Entry, { kind: "message" }>; ticket: TicketDetail; directory: Directory; actions: TimelineActions }) {
  const { message, leg } = entry;
  const supplier = supplierOf(leg, ticket);
  const fromDesk = message.from === "desk" || message.from === "system";
  // Of a sender whom nobody knows there is only what his mail says.
  const stranger = fromDesk || message.author ? "" : (message.mail?.from_name ?? message.mail?.from ?? "");
  const writer = fromDesk && entry.writer.startsWith("agent:") ? directory.actor(entry.writer) : message.author || stranger || directory.actor(entry.writer);
  const relayed = ticket.messages.some((each) => each.relays === message.id);
  const to =
    leg === "internal" ? (
      <>
        {t.internalNote}, {t.onlyDesk}
      </>
    ) : leg === "user" ? (
      fromDesk ? (
        t.toUser
      ) : (
        ""
      )
    ) : fromDesk ? (
      t.toSupplier(supplier)
    ) : writer.includes(supplier) ? (
      ""
    ) : (
      supplier
    );
  const icon = leg === "internal" ? Lock : fromDesk ? Headset : leg === "user" ? User : Building2;
  const body = useMessageBody(message);
  const { mail, told } = message;
  const signs = (
    <>
      {mail && <MailSigns mail={mail} />}
      {!told?.length && <DeliveryState deliveries={entry.deliveries} seen={entry.seen} mail={leg === "user"} />}
    </>
  );
  return (
    <Bubble id={`entry-${entry.id}`} leg={leg} side={leg !== "internal" && fromDesk ? "out" : "in"} ticket={ticket} icon={icon} from={writer} to={to} at={message.at} signs={signs}>
      {message.relays && (
        <p class="entry-note">
          <Icon of={Forward} size={14} /> {t.relayed}
        </p>
      )}
      {mail && <SenderDoubt mail={mail} />}
      <MessageText message={message.from === "system" && leg === "internal" ? { ...message, text: intakeNote(message.text) } : message} body={body} class="entry-text" />
      <AttachmentList files={body.besides(entry.files)} />
      {mail && <MailFoot mail={mail} />}
      {told?.length ? <ToldLines told={told} ticket={ticket} /> : <DeliveryTrouble deliveries={entry.deliveries} />}
      {leg.startsWith("supplier:") && message.from === "supplier" && (
        <footer class="entry-foot">
          {relayed ? (
            <span class="quiet small">
              <Icon of={Forward} size={14} /> {t.relayDone}
            </span>
          ) : (
            <button type="button" onClick={() => actions.relay(message)}>
              <Icon of={Forward} /> {t.relay}
            </button>
          )}
        </footer>
      )}
    </Bubble>
  );
}

function HandoverEntry({ entry, ticket, directory }: { entry: Extract<Entry, { kind: "handover" }>; ticket: TicketDetail; directory: Directory }) {
  const d = entry.delegation;
  return (
    <Bubble
      id={`entry-${entry.id}`}
      leg={entry.leg}
      side="out"
      ticket={ticket}
      icon={ArrowRight}
      from={t.evHandedOver(directory.actor(entry.actor), d.supplier)}
      to=""
      at={entry.at}
      signs={<DeliveryState deliveries={entry.deliveries} seen={entry.seen} />}
    >
      {d.brief && <PlainText text={d.brief} class="entry-text" />}
      <details class="entry-fields">
        <summary>
          {t.sharedFields}: {d.shared.map(fieldWord).join(", ").toLowerCase()}
        </summary>
        <p>
          {t.withheldFields}: {d.withheld.length ? d.withheld.map((field, i) => [i ? ", " : "", <del key={field}>{fieldWord(field).toLowerCase()}</del>]) : "–"}
        </p>
      </details>
      <DeliveryTrouble deliveries={entry.deliveries} />
    </Bubble>
  );
}

function Events({ list, ticket, directory }: { list: Extract<Entry, { kind: "event" }>[]; ticket: TicketDetail; directory: Directory }) {
  const lines = list.map((each) => (
    <li key={each.id} class={each.leg ? `to-${legTone(each.leg, ticket)}` : ""}>
      <span class="event-text">{each.event.type === "approval_decided" ? <Decided event={each.event} /> : sentenceOf(each.event, ticket, directory)}</span>
      <time class="figures" dateTime={each.at}>
        {clock(each.at)}
      </time>
    </li>
  ));
  if (list.length <= 4) return <ul class="events">{lines}</ul>;
  return (
    <details class="events-more">
      <summary>{t.eventsFolded(list.length)}</summary>
      <ul class="events">{lines}</ul>
    </details>
  );
}

function SendingEntry({ sending, ticket }: { sending: Sending; ticket: TicketDetail }) {
  const leg: Leg = sending.audience;
  return (
    <article class={`entry entry-out entry-sending to-${legTone(leg, ticket)}`} aria-busy="true">
      <header class="entry-head">
        <span class="entry-party">
          <Icon of={Headset} size={14} />
          <span class="entry-to">{leg === "user" ? t.toUser : leg === "internal" ? t.internalNote : t.toSupplier(supplierOf(leg, ticket))}</span>
        </span>
        <span class="entry-signs">
          {sending.state === "waiting" ? t.sending : t.sendingNow}
          {sending.state === "waiting" && (
            <button type="button" onClick={sending.takeBack}>
              {ui.undo}
            </button>
          )}
        </span>
      </header>
      <PlainText text={sending.text} class="entry-text" />
      {sending.files && (
        <ul class="attachments">
          {sending.files.value.map((each) => (
            <li key={each.key}>
              <Icon of={Paperclip} size={14} /> <bdi>{each.file.name}</bdi>
              <span class="quiet small">{each.sent ? ui.uploaded : each.share > 0 ? ui.uploading(Math.round(each.share * 100)) : ""}</span>
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}

// Chips: the whole story, or one leg of it.
export function LegFilter({ ticket, shown, choose, events, toggleEvents }: { ticket: TicketDetail; shown: Leg | "all"; choose: (leg: Leg | "all") => void; events: boolean; toggleEvents: () => void }) {
  const legs: [Leg | "all", string][] = [["all", t.all], ["user", t.userLeg], ["internal", t.internalLeg]];
  for (const each of ticket.delegations) legs.push([`supplier:${each.id}`, each.supplier]);
  return (
    <div class="leg-filter no-print" role="group" aria-label={t.legs}>
      {legs.map(([leg, label]) => (
        <button key={leg} type="button" class={`chip ${leg === "all" ? "" : `to-${legTone(leg, ticket)}`}`} aria-pressed={shown === leg} onClick={() => choose(leg)}>
          {label}
        </button>
      ))}
      <button type="button" class="chip chip-last" aria-pressed={events} onClick={toggleEvents}>
        {t.events}
      </button>
    </div>
  );
}

const foldedOver = 60; // entries; the older ones of a long story are drawn when asked for

export function Timeline({ entries, ticket, directory, actions, scroller }: { entries: readonly Entry[]; ticket: TicketDetail; directory: Directory; actions: TimelineActions; scroller: { readonly current: HTMLElement | null } }) {
  const leg = useSignal<Leg | "all">("all");
  const events = useSignal(true);
  const whole = useSignal(false);
  const fresh = useSignal(0);
  const bottom = useRef<HTMLDivElement>(null);
  const last = useRef<number | null>(null);
  const mine = useComputed(() => sendings.value.filter((each) => each.ticket === ticket.id)).value;

  const fits = entries.filter((each) => (each.kind === "event" ? events.value && (leg.value === "all" || each.leg === leg.value) : leg.value === "all" || each.leg === leg.value));
  const shown = whole.value ? fits : fits.slice(-foldedOver);
  const lastSpoken = entries.findLast((each) => each.kind !== "event")?.id ?? 0;

  // Begins at the end of the story, and stays there while its parts come in, until the reader takes hold of it; after
  // that nothing he reads is moved.
  useLayoutEffect(() => {
    const box = scroller.current;
    const story = bottom.current?.parentElement;
    if (!box || !story) return;
    const toEnd = () => (box.scrollTop = box.scrollHeight);
    toEnd();
    const grows = new ResizeObserver(toEnd);
    grows.observe(story);
    const stop = () => grows.disconnect();
    const timer = setTimeout(stop, 1500);
    const holds = ["wheel", "touchmove", "pointerdown", "keydown"] as const;
    for (const each of holds) window.addEventListener(each, stop, { once: true, passive: true });
    return () => {
      stop();
      clearTimeout(timer);
      for (const each of holds) window.removeEventListener(each, stop);
    };
  }, []);
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    if (last.current !== null && lastSpoken > last.current) {
      const came = entries.filter((each) => each.kind !== "event" && each.id > (last.current ?? 0));
      const hidden = box.scrollHeight - box.scrollTop - box.clientHeight > 40;
      if (hidden) fresh.value += came.length;
    }
    last.current = lastSpoken;
  }, [lastSpoken]);
  const sendingCount = mine.length;
  useLayoutEffect(() => {
    const box = scroller.current;
    if (box && sendingCount) box.scrollTop = box.scrollHeight; // own words: seen leaving
  }, [sendingCount]);
  // Whoever reads the end goes on reading it when the box below it opens.
  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    let atEnd = true;
    const scrolled = () => (atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 24);
    const resized = new ResizeObserver(() => atEnd && (box.scrollTop = box.scrollHeight));
    box.addEventListener("scroll", scrolled, { passive: true });
    resized.observe(box);
    return () => {
      box.removeEventListener("scroll", scrolled);
      resized.disconnect();
    };
  }, []);
  useEffect(() => {
    if (!bottom.current) return;
    const watch = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && (fresh.value = 0), { root: scroller.current });
    watch.observe(bottom.current);
    return () => watch.disconnect();
  }, []);

  const drawn: ComponentChildren[] = [];
  let day = "";
  let run: Extract<Entry, { kind: "event" }>[] = [];
  const flush = () => {
    if (run.length) drawn.push(<Events key={`events-${run[0]?.id ?? 0}`} list={run} ticket={ticket} directory={directory} />);
    run = [];
  };
  for (const entry of shown) {
    const today = dayKey(entry.at);
    if (today !== day) {
      flush();
      day = today;
      drawn.push(
        <p key={`day-${today}`} class="day">
          {date(entry.at)}
        </p>,
      );
    }
    if (entry.kind === "event" && entry.event.type === "mail_bounced") {
      flush();
      drawn.push(<BounceEntry key={entry.id} bounce={bounceOf(entry.event.data)} ticket={ticket} />);
      continue;
    }
    if (entry.kind === "event") {
      run.push(entry);
      continue;
    }
    flush();
    if (entry.kind === "message") drawn.push(<MessageEntry key={entry.id} entry={entry} ticket={ticket} directory={directory} actions={actions} />);
    else if (entry.kind === "handover") drawn.push(<HandoverEntry key={entry.id} entry={entry} ticket={ticket} directory={directory} />);
    else {
      const from = entry.files[0]?.from;
      const who = from === "user" ? (ticket.requester_name ?? t.userLeg) : from === "supplier" ? supplierOf(entry.leg, ticket) : t.fromDesk;
      drawn.push(
        <Bubble key={entry.id} id={`entry-${entry.id}`} leg={entry.leg} side={from === "desk" && entry.leg !== "internal" ? "out" : "in"} ticket={ticket} icon={Paperclip} from={t.filesOf(who)} to={entry.leg === "internal" ? t.onlyDesk : ""} at={entry.at}>
          <AttachmentList files={entry.files} />
        </Bubble>,
      );
    }
  }
  flush();
  return (
    <section class="timeline" aria-label={t.timeline}>
      <LegFilter ticket={ticket} shown={leg.value} choose={(next) => (leg.value = next)} events={events.value} toggleEvents={() => (events.value = !events.value)} />
      {fits.length > shown.length && (
        <button type="button" class="earlier" onClick={() => (whole.value = true)}>
          {t.earlier(fits.length - shown.length)}
        </button>
      )}
      {drawn}
      {mine.map((each) => (
        <SendingEntry key={each.key} sending={each} ticket={ticket} />
      ))}
      {shown.length === 0 && mine.length === 0 && <p class="quiet nothing-here">{leg.value.startsWith("supplier:") ? `${supplierOf(leg.value as Leg, ticket)}: ${delegationWord(ticket.delegations.find((each) => each.id === delegationOf(leg.value as Leg))?.state ?? "sent")}` : t.nothingHere}</p>}
      <div ref={bottom} class="timeline-end" />
      {fresh.value > 0 && (
        <button type="button" class="new-below no-print" onClick={() => bottom.current?.scrollIntoView({ block: "end" })}>
          <Icon of={ArrowDown} size={14} /> {t.newBelow(fresh.value)}
        </button>
      )}
      <p class="sr-only" role="status">
        {fresh.value > 0 ? t.newBelow(fresh.value) : ""}
      </p>
    </section>
  );
}
