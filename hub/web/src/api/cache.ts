// What was read from the API, kept for the pages that show it: shown at once when a page comes back, fetched again
// behind it, and again whenever the stream says that it changed.
//
//   const ticket = useGet<TicketDetail>(`tickets/${id}`, [`ticket:${id}`]);
//   ticket.data, ticket.problem, ticket.loading, ticket.reload()
import { batch, signal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api, ApiProblem, asProblem, customer, urlOf } from "./client.ts";

interface Entry {
  url: string;
  tags: Set<string>;
  data: Signal<unknown>;
  problem: Signal<ApiProblem | undefined>;
  loading: Signal<boolean>;
  users: number;
  fetched: number; // 0: never, or no longer true
  running?: Promise<void> | undefined;
  again: boolean;
}

const entriesMax = 300;
const freshFor = 15_000; // milliseconds: what was just fetched (by a hover, say) is not asked for again
const entries = new Map<string, Entry>();

function entryOf(url: string, tags: readonly string[]): Entry {
  const key = `${customer.value}|${url}`;
  let entry = entries.get(key);
  if (!entry) {
    if (entries.size >= entriesMax) {
      for (const [old, each] of entries) {
        if (each.users === 0) entries.delete(old);
        if (entries.size < entriesMax * 0.8) break;
      }
    }
    entry = { url, tags: new Set(tags), data: signal(undefined), problem: signal(undefined), loading: signal(false), users: 0, fetched: 0, again: false };
    entries.set(key, entry);
  }
  for (const tag of tags) entry.tags.add(tag);
  return entry;
}

function fetchInto(entry: Entry): Promise<void> {
  if (entry.running) {
    entry.again = true; // it may be older than what we were told of
    return entry.running;
  }
  entry.loading.value = true;
  entry.running = api
    .get<unknown>(entry.url)
    .then(
      (data) =>
        batch(() => {
          entry.data.value = data;
          entry.problem.value = undefined;
          entry.fetched = Date.now();
        }),
      (failed: unknown) => {
        entry.problem.value = asProblem(failed);
      },
    )
    .finally(() => {
      entry.running = undefined;
      entry.loading.value = false;
      if (entry.again) {
        entry.again = false;
        void fetchInto(entry);
      }
    });
  return entry.running;
}

export interface Got<T> {
  data: T | undefined;
  problem: ApiProblem | undefined;
  loading: boolean;
  reload: () => Promise<void>;
  // Shows something before the server has said it; the next answer replaces it.
  expect: (change: (data: T) => T) => void;
}

// `path` null: nothing is asked.
export function useGet<T>(path: string | null, tags: readonly string[] = [], query?: Parameters<typeof urlOf>[1]): Got<T> {
  const url = path === null ? "" : urlOf(path, query);
  const entry = entryOf(url, tags);
  const used = useRef<Entry | null>(null);
  if (used.current !== entry) used.current = entry;
  useEffect(() => {
    if (path === null) return;
    entry.users += 1;
    if (Date.now() - entry.fetched > freshFor || entry.problem.peek()) void fetchInto(entry);
    return () => {
      entry.users -= 1;
    };
  }, [entry]);
  return {
    data: entry.data.value as T | undefined,
    problem: entry.problem.value,
    loading: entry.loading.value || (path !== null && entry.data.value === undefined && !entry.problem.value),
    reload: () => fetchInto(entry),
    expect: (change) => {
      if (entry.data.peek() !== undefined) entry.data.value = change(entry.data.peek() as T);
    },
  };
}

// Reads ahead, for a link that the pointer rests on.
export function prefetch(path: string, tags: readonly string[] = [], query?: Parameters<typeof urlOf>[1]) {
  const entry = entryOf(urlOf(path, query), tags);
  if (Date.now() - entry.fetched > freshFor && !entry.running) void fetchInto(entry);
}

// What carries one of these tags is no longer true: fetched again where it is shown.
export function invalidate(...tags: string[]) {
  for (const entry of entries.values()) {
    if (!tags.some((tag) => entry.tags.has(tag))) continue;
    entry.fetched = 0;
    if (entry.users > 0) void fetchInto(entry);
  }
}
export function invalidateAll() {
  for (const entry of entries.values()) {
    entry.fetched = 0;
    if (entry.users > 0) void fetchInto(entry);
  }
}
// Somebody else reads now.
export function forgetAll() {
  entries.clear();
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

// A list in pages that grow at the end. The first page follows the stream, and those after it follow the first: whenever
// it was read again, so are they, a moment later and together.
const restAfter = 700; // milliseconds: several changes at once are one reading
interface Rest<T> {
  key: string;
  first: Page<T> | undefined; // the first page that the rest goes on from
  items: Signal<readonly T[]>;
  next: Signal<string | null | undefined>; // undefined: only the first page is shown
  busy: Signal<boolean>;
  problem: Signal<ApiProblem | undefined>;
  timer: ReturnType<typeof setTimeout> | undefined;
}
function noRest<T>(key: string): Rest<T> {
  return { key, first: undefined, items: signal([]), next: signal(undefined), busy: signal(false), problem: signal(undefined), timer: undefined };
}

export function usePages<T extends { id: number | string }>(path: string | null, tags: readonly string[] = [], query: Parameters<typeof urlOf>[1] = {}) {
  const first = useGet<Page<T>>(path, tags, query);
  const key = path === null ? "" : urlOf(path, query);
  const state = useRef<Rest<T>>(noRest(key));
  if (state.current.key !== key) {
    clearTimeout(state.current.timer);
    state.current = noRest(key);
  }
  const rest = state.current;
  const page = first.data ?? rest.first;
  if (page && page !== rest.first) {
    // What newer rows pushed off the first page goes on as the first of the rest until that is read again. What is
    // missing from among those that stayed has left the list.
    const before = rest.first?.items ?? [];
    if (rest.next.peek() !== undefined) {
      const stay = new Set(page.items.map((each) => each.id));
      const pushed = before.slice(before.findLastIndex((each) => stay.has(each.id)) + 1);
      if (pushed.length) rest.items.value = [...pushed, ...rest.items.peek()];
    }
    rest.first = page;
  }
  const read = (cursor: string) => api.get<Page<T>>(path ?? "", { ...query, cursor });
  const readAgain = async () => {
    if (rest.busy.peek() || state.current !== rest) return;
    const wanted = rest.items.peek().length;
    const items: T[] = [];
    let next = rest.first?.next ?? null;
    try {
      while (next && items.length < wanted) {
        const more: Page<T> = await read(next);
        items.push(...more.items);
        next = more.next;
      }
    } catch {
      return; // what is shown stays; the next change or "more" asks again
    }
    // Meanwhile the reader asked for more, or rows were pushed here: then that counts, and this is read once more.
    if (rest.busy.peek() || wanted !== rest.items.peek().length) return;
    batch(() => {
      rest.items.value = items;
      rest.next.value = next;
    });
  };
  useEffect(() => {
    if (rest.next.peek() === undefined) return;
    rest.timer ??= setTimeout(() => {
      rest.timer = undefined;
      void readAgain();
    }, restAfter);
  }, [rest, page]);
  useEffect(
    () => () => {
      clearTimeout(rest.timer);
      rest.timer = undefined;
    },
    [rest],
  );
  const next = rest.next.value === undefined ? (page?.next ?? null) : rest.next.value;
  const more = async () => {
    if (!next || rest.busy.peek() || path === null) return;
    rest.busy.value = true;
    try {
      const page = await read(next);
      batch(() => {
        rest.items.value = [...rest.items.peek(), ...page.items];
        rest.next.value = page.next;
        rest.problem.value = undefined;
      });
    } catch (failed) {
      rest.problem.value = asProblem(failed);
    } finally {
      rest.busy.value = false;
    }
  };
  // A row that moved up to the first page is not shown twice.
  const seen = new Set<T["id"]>();
  const items = [...(page?.items ?? []), ...rest.items.value].filter((each) => !seen.has(each.id) && seen.add(each.id));
  return { ...first, items, next, more, loadingMore: rest.busy.value, moreProblem: rest.problem.value };
}

// Shows something before the server has said it, wherever it is on screen; the next answer replaces it. `change` gets
// what is known under the tag and gives back the same or another.
export function expectTagged(tag: string, change: (data: unknown) => unknown) {
  batch(() => {
    for (const entry of entries.values()) {
      if (entry.tags.has(tag) && entry.data.peek() !== undefined) entry.data.value = change(entry.data.peek());
    }
  });
}
