// The middle column: tickets, dense, alive, without jumps; keyboard first.
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { ArrowDown, ArrowUp, Inbox, Search } from "lucide";
import { usePages, type Got, type Page } from "~/api/cache.ts";
import type { TicketRow, View } from "~/api/types.ts";
import { go, parameters, setParameters } from "~/base/router.tsx";
import { useShortcuts } from "~/base/keys.ts";
import { Icon } from "~/ui/icon.tsx";
import { Empty, Failed, Skeleton } from "~/ui/states.tsx";
import { BulkBar } from "./bulk.tsx";
import type { Directory } from "./directory.ts";
import { FilterBar } from "./filter_bar.tsx";
import { ticketPath, type Shown } from "./filters.ts";
import { cursor, neighbour, requesterName, selectAll, selected, selectedCount, selectNone, selectTo, shownRows, toggle } from "./list_state.ts";
import { readAhead, Row } from "./row.tsx";
import { useSteady } from "./steady.ts";
import { viewName } from "./views.tsx";
import { t } from "./words.ts";

const pageSize = 50;
const scrolls = new Map<string, number>();

// What is to be listed; a view by its name alone is not until it has come.
function isKnown(shown: Shown): boolean {
  return shown.view !== undefined || shown.viewId === "" || Object.keys(shown.filter).length > 0;
}

export function headingOf(shown: Shown): string {
  if (shown.view) return viewName(shown.view);
  const requester = shown.filter.requester;
  if (requester && requesterName(requester)) return t.ticketsOf(requesterName(requester));
  if (shown.filter.q) return t.searchResult(shown.filter.q);
  return isKnown(shown) ? t.everything : t.tickets;
}

function SortHead({ shown, by, label }: { shown: Shown; by: "created" | "priority"; label: string }) {
  const here = shown.sort === by;
  return (
    <span role="columnheader" aria-sort={here ? (shown.order === "asc" ? "ascending" : "descending") : "none"}>
      <button type="button" class="plain head-sort" onClick={() => setParameters({ sort: by, order: here && shown.order === "desc" ? "asc" : "desc" })}>
        {label} {here && <Icon of={shown.order === "asc" ? ArrowUp : ArrowDown} size={14} />}
      </button>
    </span>
  );
}

// Nothing can be listed before it is known what the view shows: that is on its way, did not come, or there is no such view.
function NoView({ views }: { views: Got<Page<View>> }) {
  if (views.problem && !views.data) return <Failed problem={views.problem} retry={() => void views.reload()} />;
  if (!views.data) return <Skeleton lines={12} />;
  return (
    <Empty icon={Search} title={t.noView}>
      <p>{t.noViewText}</p>
      <a class="button" href="/desk?view=all_open">
        {t.viewAllOpen}
      </a>
    </Empty>
  );
}

function Nothing({ shown }: { shown: Shown }) {
  if (shown.filter.q) {
    return (
      <Empty icon={Search} title={t.emptySearch}>
        <p>{t.emptySearchText}</p>
      </Empty>
    );
  }
  const mine = shown.viewId === "mine" && !shown.changed;
  return (
    <Empty icon={Inbox} title={mine ? t.emptyMine : t.emptyView}>
      <p>{mine ? t.emptyMineText : t.emptyViewText}</p>
      {mine && (
        <a class="button" href="/desk?view=unassigned">
          {t.toUnassigned}
        </a>
      )}
    </Empty>
  );
}

export function TicketList({ shown, views, directory, wide, openId }: { shown: Shown; views: Got<Page<View>>; directory: Directory; wide: boolean; openId: number | null }) {
  const box = useRef<HTMLDivElement>(null);
  const over = useRef(false);
  const end = useRef<HTMLDivElement>(null);
  const key = JSON.stringify([shown.filter, shown.sort, shown.order]);
  const ready = isKnown(shown);
  const pages = usePages<TicketRow>(ready ? "tickets" : null, ["tickets"], {
    ...shown.filter,
    ...(!shown.filter.q && { sort: shown.sort, order: shown.order }), // a search has its own order: the best match first
    limit: pageSize,
  });
  // At work here: the pointer or the focus is in the list, it is scrolled, or something is selected.
  const busy = () => over.current || selected.peek().size > 0 || (box.current?.scrollTop ?? 0) > 8 || box.current?.contains(document.activeElement) === true;
  const steady = useSteady(key, pages.items, busy);
  const address = parameters.value;

  useEffect(() => {
    const before = shownRows.peek();
    if (before.length !== steady.rows.length || steady.rows.some((each, i) => each.row !== before[i])) shownRows.value = steady.rows.map((each) => each.row);
  });
  useEffect(() => {
    selectNone();
    if (openId === null) cursor.value = null;
  }, [key]);
  useEffect(() => {
    if (openId !== null) cursor.value = openId;
  }, [openId]);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const place = `${key}${wide ? "" : " cards"}`; // a table and cards are not equally long
    element.scrollTop = scrolls.get(place) ?? 0;
    if (openId !== null) document.getElementById(`row-${openId}`)?.closest(".row")?.scrollIntoView({ block: "nearest" });
    const remember = () => scrolls.set(place, element.scrollTop);
    element.addEventListener("scroll", remember, { passive: true });
    return () => element.removeEventListener("scroll", remember);
  }, [key, wide, pages.data !== undefined]);
  const more = useRef(pages.more);
  more.current = pages.more;
  useEffect(() => {
    if (!end.current) return;
    const watch = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && void more.current(), { root: box.current, rootMargin: "600px" });
    watch.observe(end.current);
    return () => watch.disconnect();
  }, [key, pages.next]);

  const moveTo = (id: number | null) => {
    if (id === null) return;
    cursor.value = id;
    const link = document.getElementById(`row-${id}`);
    link?.closest(".row")?.scrollIntoView({ block: "nearest" });
    if (openId === null) link?.focus({ preventScroll: true });
    else go(ticketPath(id), { replace: true });
    const after = neighbour(1);
    if (after !== null) readAhead(after);
  };
  const extend = (step: number) => {
    const to = neighbour(step);
    if (to === null) return;
    if (selected.peek().size === 0 && cursor.peek() !== null) toggle(cursor.peek() ?? to, true);
    cursor.value = to;
    selectTo(to);
    document.getElementById(`row-${to}`)?.focus();
  };
  const group = t.groupList;
  useShortcuts(
    [
      { keys: "j", about: t.keyNext, group, run: () => moveTo(neighbour(1)) },
      { keys: "k", about: t.keyPrevious, group, run: () => moveTo(neighbour(-1)) },
      { keys: "Enter", about: t.keyOpen, group, run: () => cursor.peek() !== null && go(ticketPath(cursor.peek() ?? 0)) },
      { keys: "x", about: t.keyChoose, group, run: () => cursor.peek() !== null && toggle(cursor.peek() ?? 0) },
      { keys: "shift+ArrowDown", about: t.keyRange, group, run: () => extend(1) },
      { keys: "shift+ArrowUp", about: t.keyRange, group, run: () => extend(-1) },
      ...(openId === null ? [{ keys: "Escape", about: t.unchoose, group, run: selectNone }] : []),
      { keys: ".", about: t.keyPending, group, run: steady.apply },
    ],
    [openId, key, steady.apply],
  );

  const count = steady.rows.length;
  const all = count > 0 && selectedCount.value === count;
  return (
    <section class={`list ${wide ? "list-wide" : ""}`} aria-label={t.tickets}>
      <FilterBar shown={shown} directory={directory} heading={headingOf(shown)} />
      {steady.pending > 0 && (
        <button type="button" class="pending" onClick={steady.apply}>
          {t.pending(steady.pending)}
        </button>
      )}
      <div class="list-scroll" ref={box} onPointerEnter={() => (over.current = true)} onPointerLeave={() => (over.current = false)} tabIndex={-1}>
        {!ready ? (
          <NoView views={views} />
        ) : pages.problem && !pages.data ? (
          <Failed problem={pages.problem} retry={() => void pages.reload()} />
        ) : !pages.data ? (
          <Skeleton lines={12} />
        ) : count === 0 ? (
          <Nothing shown={shown} />
        ) : (
          <div role="table" aria-label={headingOf(shown)} aria-rowcount={pages.next ? -1 : count} class="rows">
            <div role="row" class={`rows-head ${wide ? "row-wide" : "sr-only"}`}>
              <span role="columnheader" class="row-box">
                <input type="checkbox" tabIndex={wide ? 0 : -1} aria-label={t.chooseAll} checked={all} onChange={() => (all ? selectNone() : selectAll())} />
              </span>
              {wide ? (
                <>
                  <span role="columnheader">{t.reference}</span>
                  <span role="columnheader">{t.subject}</span>
                  <span role="columnheader">{t.customer}</span>
                  <span role="columnheader">{t.requester}</span>
                  <span role="columnheader">{t.agent}</span>
                  <SortHead shown={shown} by="created" label={t.age} />
                  <SortHead shown={shown} by="priority" label={t.priority} />
                  <span role="columnheader">{t.status}</span>
                  <span role="columnheader">{t.ball}</span>
                  <span role="columnheader">{t.supplier}</span>
                </>
              ) : (
                <span role="columnheader">{t.subject}</span>
              )}
            </div>
            {steady.rows.map(({ row, gone }) => (
              <Row key={row.id} row={row} gone={gone} wide={wide} directory={directory} address={address} openId={openId} />
            ))}
          </div>
        )}
        {pages.moreProblem && <Failed problem={pages.moreProblem} retry={() => void pages.more()} />}
        {pages.loadingMore && <Skeleton lines={3} />}
        <div ref={end} class="list-end">
          {!pages.next && count > pageSize && <p class="quiet small">{t.end}</p>}
        </div>
      </div>
      <BulkBar directory={directory} done={steady.apply} />
    </section>
  );
}
