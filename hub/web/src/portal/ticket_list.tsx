// /tickets: my tickets, open or closed, with a search; for approvers and managers also the organisation's.
import { useSignal } from "@preact/signals";
import { Inbox, Search, SearchX } from "lucide";
import { useEffect } from "preact/hooks";
import { usePages } from "~/api/cache.ts";
import { session } from "~/api/session.ts";
import type { TicketRow } from "~/api/types.ts";
import { parameters, restoreScroll, setParameters, title } from "~/base/router.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Empty, Failed, Skeleton } from "~/ui/states.tsx";
import { useRested } from "./hooks.ts";
import { mineOnly, openStatuses } from "./open_tickets.tsx";
import { TicketRows } from "./ticket_rows.tsx";
import { t } from "./words.ts";

const pageSize = 25;

export function TicketList() {
  const s = session.value;
  const wide = s?.role === "approver" || s?.role === "manager";
  const closed = parameters.value.get("state") === "closed";
  const everybody = wide && parameters.value.get("whose") === "all";
  const words = parameters.value.get("q") ?? "";
  const organisation = s?.memberships?.find((each) => each.customer === s.customer)?.customer_name ?? "";
  const heading = everybody ? t.ticketsOf(organisation) : t.myTickets;
  title.value = heading;
  const got = usePages<TicketRow>("tickets", ["tickets"], {
    ...(closed ? { status: "closed" } : { statuses: openStatuses }),
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
        <TicketSearch words={words} />
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
          chosen={closed ? "closed" : ""}
          choices={[
            ["", t.open],
            ["closed", t.closed],
          ]}
          choose={(state) => setParameters({ state })}
        />
      </div>
      {!got.data && got.problem && <Failed problem={got.problem} retry={() => void got.reload()} />}
      {!got.data && !got.problem && <Skeleton lines={6} />}
      {got.data && got.items.length > 0 && <TicketRows tickets={got.items} label={closed ? t.closed : t.open} />}
      {got.data && got.items.length === 0 && <NothingHere words={words} closed={closed} />}
      {got.moreProblem && <Failed problem={got.moreProblem} retry={() => void got.more()} />}
      {got.next && !got.moreProblem && (
        <p class="list-more">
          <button type="button" aria-disabled={got.loadingMore} onClick={() => void got.more()}>
            {t.more}
          </button>
        </p>
      )}
    </div>
  );
}

function TicketSearch({ words }: { words: string }) {
  const typed = useSignal(words);
  const rested = useRested(typed.value.trim(), 250);
  useEffect(() => {
    if (rested !== words) setParameters({ q: rested });
  }, [rested]);
  useEffect(() => {
    if (words !== typed.peek().trim()) typed.value = words; // by "back", or by "clear"
  }, [words]);
  return (
    <form role="search" class="search-field" onSubmit={(event) => event.preventDefault()}>
      <label class="sr-only" for="ticket-words">
        {t.searchTickets}
      </label>
      <Icon of={Search} size={20} />
      <input id="ticket-words" type="search" name="q" autocomplete="off" placeholder={t.searchTickets} value={typed.value} onInput={(e) => (typed.value = e.currentTarget.value)} />
    </form>
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

function NothingHere({ words, closed }: { words: string; closed: boolean }) {
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
