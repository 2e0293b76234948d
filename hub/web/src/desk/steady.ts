// Rows that do not jump. While the reader is at work in a list its order stays as it was: what changed changes in
// place, what came or moved waits until he asks for it or looks away.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

const ownActMs = 2_000;

export interface SteadyRow<T> {
  row: T;
  gone: boolean; // no longer among what was asked for
}

export function useSteady<T extends { id: number }>(key: string, items: readonly T[], busy: () => boolean) {
  const order = useRef<{ key: string; ids: number[]; last: Map<number, T>; until: number }>({ key: "", ids: [], last: new Map(), until: 0 });
  const asked = useSignal(0);
  void asked.value;
  const now = order.current;
  const byId = new Map(items.map((each) => [each.id, each]));
  if (now.key !== key || Date.now() < now.until || !busy()) {
    now.key = key;
    now.ids = items.map((each) => each.id);
  } else {
    // Further pages come at the end, behind what was last there.
    const known = new Set(now.ids);
    let end = -1;
    items.forEach((each, i) => {
      if (known.has(each.id)) end = i;
    });
    const oldest = now.ids.at(-1);
    const tail = oldest === undefined || items[end]?.id === oldest ? items.slice(end + 1) : [];
    now.ids.push(...tail.map((each) => each.id));
  }
  for (const each of items) now.last.set(each.id, each);
  const rows: SteadyRow<T>[] = [];
  for (const id of now.ids) {
    const row = byId.get(id) ?? now.last.get(id);
    if (row) rows.push({ row, gone: !byId.has(id) });
  }
  const shown = new Set(now.ids);
  const came = items.filter((each) => !shown.has(each.id)).length;
  const gone = rows.filter((each) => each.gone).length;
  const kept = now.ids.filter((id) => byId.has(id));
  const fresh = items.filter((each) => shown.has(each.id)).map((each) => each.id);
  const moved = kept.some((id, i) => fresh[i] !== id) ? 1 : 0;
  return {
    rows,
    pending: came + gone + moved,
    // Shows it as it is now, and what the reader's own act is about to change.
    apply: () => {
      now.until = Date.now() + ownActMs;
      now.ids = items.map((each) => each.id);
      asked.value += 1;
    },
  };
}
