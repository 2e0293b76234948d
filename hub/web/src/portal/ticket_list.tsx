// /tickets: my tickets, open or closed, with a search; for approvers and managers also the organisation's.
import { CalendarRange, Inbox, SearchX, X } from "lucide";
import { useEffect } from "preact/hooks";
import { usePages } from "~/api/cache.ts";
import { session } from "~/api/session.ts";
import type { TicketKind, TicketRow } from "~/api/types.ts";
import { parameters, restoreScroll, setParameters, title } from "~/base/router.tsx";
import { More } from "~/ui/more.tsx";
import { dates } from "~/base/time.ts";
import { kindWord } from "~/ui/domain.tsx";
import { Icon } from "~/ui/icon.tsx";
import { t as ui } from "~/ui/words.ts";
import { useServices } from "./service.ts";
import { Empty, Failed, Skeleton } from "~/ui/states.tsx";
import { mineOnly, openStatuses } from "./open_tickets.tsx";
import { TicketRows } from "./ticket_rows.tsx";
import { t } from "./words.ts";
import { WordsField } from "./words_field.tsx";

const pageSize = 25;
// What a figure of the statistics asks for.
const narrowing = ["created_after", "created_before", "service", "kind", "team"];

export function TicketList() {
  const s = session.value;
  const wide = s?.role === "approver" || s?.role === "manager";
  const state = parameters.value.get("state");
  const closed = state === "closed";
  const narrowed = Object.fromEntries(narrowing.flatMap((name) => (parameters.value.has(name) ? [[name, parameters.value.get(name)]] : [])));
  const everybody = wide && parameters.value.get("whose") === "all";
  const words = parameters.value.get("q") ?? "";
  const organisation = s?.memberships?.find((each) => each.customer === s.customer)?.customer_name ?? "";
  const heading = everybody ? t.ticketsOf(organisation) : t.myTickets;
  title.value = heading;
  const got = usePages<TicketRow>("tickets", ["tickets"], {
    ...(closed ? { status: "closed" } : state === "any" ? {} : { statuses: openStatuses }),
    ...narrowed,
    q: words,
    limit: pageSize,
    ...(everybody ? {} : mineOnly()),
  });
  useEffect(() => {
    if (got.data) restoreScroll();
  }, [got.data !== undefined]);
  return (
    <div class="page portal">
      <div class="title-row">
        <h1>{heading}</h1>
        <a class="button primary" href="/new">
          {t.newTicket}
        </a>
      </div>
      <div class="list-filters">
        <WordsField label={t.searchTickets} hint={t.searchTickets} />
        {wide && (
          <Choice
            label={t.whose}
            chosen={everybody ? "all" : ""}
            choices={[
              ["", t.mine],
              ["all", t.wholeOrganisation(organisation)],
            ]}
            choose={(whose) => setParameters({ whose })}
          />
        )}
        <Choice
          label={t.states}
          chosen={state === "any" || closed ? state : ""}
          choices={[
            ["", t.open],
            ["closed", t.closed],
            ["any", t.anyState],
          ]}
          choose={(state) => setParameters({ state })}
        />
      </div>
      {Object.keys(narrowed).length > 0 && <Narrowed />}
      {!got.data && got.problem && <Failed problem={got.problem} retry={() => void got.reload()} />}
      {!got.data && !got.problem && <Skeleton lines={6} />}
      {got.data && got.items.length > 0 && <TicketRows tickets={got.items} label={closed ? t.closed : state === "any" ? t.anyState : t.open} />}
      {got.data && got.items.length === 0 && <NothingHere words={words} closed={closed} narrowed={Object.keys(narrowed).length > 0} />}
      <More list={got} />
    </div>
  );
}

// Says what the statistics asked for, and leads back to the whole list.
function Narrowed() {
  const services = useServices();
  const given = parameters.value;
  const from = given.get("created_after");
  const to = given.get("created_before");
  const kind = given.get("kind");
  const service = given.get("service");
  const words = [
    from && to && t.registeredIn(dates(from, new Date(to).getTime() - 1)),
    kind && kindWord(kind as TicketKind),
    service && (services.data?.items.find((each) => each.id === service)?.name ?? service),
  ];
  return (
    <p class="narrowed">
      <Icon of={CalendarRange} /> <span>{words.filter(Boolean).join(" · ")}</span>
      <button type="button" class="plain" onClick={() => setParameters(Object.fromEntries(narrowing.map((name) => [name, null])))}>
        <Icon of={X} size={14} /> {ui.clearFilters}
      </button>
    </p>
  );
}

// Two or three ways to look at the same list.
function Choice({ label, chosen, choices, choose }: { label: string; chosen: string; choices: readonly (readonly [string, string])[]; choose: (key: string) => void }) {
  return (
    <div class="look-choice" role="group" aria-label={label}>
      {choices.map(([key, text]) => (
        <button key={key} type="button" aria-pressed={key === chosen} onClick={() => choose(key)}>
          {text}
        </button>
      ))}
    </div>
  );
}

function NothingHere({ words, closed, narrowed }: { words: string; closed: boolean; narrowed: boolean }) {
  if (narrowed && !words) return <Empty icon={SearchX} title={t.noneNarrowed} />;
  if (words) {
    return (
      <Empty icon={SearchX} title={t.noHits(words)}>
        <p>{t.noHitsText}</p>
        <button type="button" onClick={() => setParameters({ q: null })}>
          {t.clearSearch}
        </button>
      </Empty>
    );
  }
  return closed ? (
    <Empty icon={Inbox} title={t.noClosed}>
      <p>{t.noClosedText}</p>
    </Empty>
  ) : (
    <Empty icon={Inbox} title={t.noOpen}>
      <p>{t.noOpenText}</p>
      <a class="button" href="/new">
        {t.newTicket}
      </a>
    </Empty>
  );
}
