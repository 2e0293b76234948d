// A ticket as a conversation: on top where it stands and whose turn it is, at the bottom one box.
import { signal, useSignal } from "@preact/signals";
import { Printer, SearchX } from "lucide";
import { useEffect, useMemo } from "preact/hooks";
import { api } from "~/api/client.ts";
import { useGet } from "~/api/cache.ts";
import { session } from "~/api/session.ts";
import type { TicketDetail } from "~/api/types.ts";
import { restoreScroll, title } from "~/base/router.tsx";
import { dateAndTime } from "~/base/time.ts";
import { kindWord } from "~/ui/domain.tsx";
import { mayApprove } from "~/ui/approval.ts";
import { Icon } from "~/ui/icon.tsx";
import { Empty, Loaded } from "~/ui/states.tsx";
import { useReadAbout } from "~/ui/told.ts";
import { ApprovalFact, Decision, decisionId, Refused } from "./approval.tsx";
import { t as approvals } from "./approval_words.ts";
import { Conversation, type Talk } from "./conversation.tsx";
import { boxId, Ending } from "./ending.tsx";
import { People } from "./people.tsx";
import { isOwn, mayIn, standing } from "./standing.tsx";
import { t } from "./words.ts";

export function TicketPage({ id }: { id: number }) {
  const known = Number.isInteger(id) && id > 0;
  const got = useGet<TicketDetail>(known ? `tickets/${id}` : null, [`ticket:${id}`]);
  title.value = got.data ? `${got.data.reference} ${got.data.subject}` : t.myTickets;
  useEffect(() => {
    if (got.data) restoreScroll();
  }, [got.data !== undefined]);
  if (!known || (got.problem && [400, 403, 404].includes(got.problem.status) && !got.data)) {
    return (
      <div class="page page-narrow">
        <Empty page icon={SearchX} title={t.ticketGone}>
          <p>{t.ticketGoneText}</p>
          <a class="button" href="/tickets">
            {t.allMine}
          </a>
        </Empty>
      </div>
    );
  }
  return (
    <div class="page portal ticket-page">
      <p class="crumb no-print">
        {mayApprove() && got.data?.approval && !isOwn(got.data) ? <a href="/approvals">{approvals.back}</a> : <a href="/tickets">{t.myTickets}</a>}
      </p>
      <Loaded got={got} lines={8} heading={t.myTickets}>
        {(ticket) => <Known ticket={ticket} change={got.expect} reload={got.reload} />}
      </Loaded>
    </div>
  );
}

interface KnownOptions {
  ticket: TicketDetail;
  change: (change: (data: TicketDetail) => TicketDetail) => void;
  reload: () => Promise<void>;
}

function Known({ ticket, change, reload }: KnownOptions) {
  const talk = useMemo((): Talk => ({ writing: signal(false), acted: signal(0) }), []);
  const read = useSignal(0);
  useReadAbout(ticket.id);
  useEffect(() => {
    if (document.visibilityState !== "visible" || read.peek() >= ticket.version) return;
    read.value = ticket.version;
    // That somebody has read is worth no words if it fails; the next visit says it again.
    api.put(`tickets/${ticket.id}/read`, { version: ticket.version }).catch(() => undefined);
  }, [ticket.version]);
  const messages = useMemo(() => ticket.messages.filter((each) => each.visibility === "user"), [ticket.messages]);
  const files = useMemo(() => ticket.attachments.filter((each) => each.visibility === "user"), [ticket.attachments]);
  const takesPart = !ticket.approval || mayIn(ticket, "reply"); // who only approves it is asked nothing else
  const user = ticket.requester_name ?? (isOwn(ticket) ? (session.value?.account?.name ?? "") : t.theReporter);
  return (
    <div class="ticket-columns">
      <div class="ticket-main">
        <h1 class="ticket-title" dir="auto">
          {ticket.subject}
        </h1>
        <p class="quiet small">
          {ticket.reference} · {kindWord(ticket.kind)}
          {ticket.service_name && ` · ${ticket.service_name}`}
        </p>
        <Merged ticket={ticket} />
        <StandingLine ticket={ticket} said={messages.length} />
        <Refused ticket={ticket} />
        <Conversation messages={messages} files={files} user={user} asking={ticket.status === "resolved" || ticket.status === "closed"} talk={talk} />
        <Decision ticket={ticket} reload={reload} />
        {takesPart && <Ending ticket={ticket} talk={talk} change={change} reload={reload} />}
      </div>
      <aside class="ticket-aside" aria-label={t.details}>
        <Facts ticket={ticket} />
        <People ticket={ticket} change={change} />
        <button type="button" class="no-print" onClick={() => window.print()}>
          <Icon of={Printer} /> {t.printIt}
        </button>
      </aside>
    </div>
  );
}

// Joined with another ticket, which is where the conversation goes on.
function Merged({ ticket }: { ticket: TicketDetail }) {
  const into = ticket.status === "closed" && !mayIn(ticket, "reopen") ? ticket.relations?.find((each) => each.kind === "duplicate_of") : undefined;
  return into ? (
    <p class="merged">
      <strong>
        {t.merged} <a href={`/tickets/${into.ticket}`}>{into.reference}</a>.
      </strong>{" "}
      {t.mergedText}
    </p>
  ) : null;
}

const manySaid = 6; // messages; more do not fit on a screen

function StandingLine({ ticket, said }: { ticket: TicketDetail; said: number }) {
  const now = standing(ticket);
  const toBox = () => {
    const box = document.getElementById(decisionId) ?? document.getElementById(boxId);
    box?.scrollIntoView({ block: "center" });
    box?.querySelector<HTMLElement>("textarea, button")?.focus({ preventScroll: true });
  };
  return (
    <div class={`standing standing-${now.tone}`} role="status">
      <Icon of={now.icon} size={20} />
      <div class="standing-words">
        <p class="standing-now">{now.text}</p>
        <p>{now.next}</p>
      </div>
      {(now.yours || said > manySaid) && (
        <button type="button" class="no-print" onClick={toBox}>
          {now.yours ? t.answer : t.toLatest}
        </button>
      )}
    </div>
  );
}

function Facts({ ticket }: { ticket: TicketDetail }) {
  const organisations = session.value?.memberships ?? [];
  return (
    <section>
      <h2 class="aside-title">{t.details}</h2>
      <dl class="own-facts">
        <dt>{t.number}</dt>
        <dd>{ticket.reference}</dd>
        <dt>{t.kindFact}</dt>
        <dd>{kindWord(ticket.kind)}</dd>
        {ticket.service_name && (
          <>
            <dt>{t.serviceFact}</dt>
            <dd>{ticket.service_name}</dd>
          </>
        )}
        <dt>{t.registered}</dt>
        <dd>{dateAndTime(ticket.created_at)}</dd>
        {ticket.requester_name && (
          <>
            <dt>{t.reporter}</dt>
            <dd dir="auto">{ticket.requester_name}</dd>
          </>
        )}
        <ApprovalFact ticket={ticket} />
        {organisations.length > 1 && ticket.customer_name && (
          <>
            <dt>{t.organisationFact}</dt>
            <dd>{ticket.customer_name}</dd>
          </>
        )}
      </dl>
    </section>
  );
}
