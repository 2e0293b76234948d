// Dead letters as a work list: one after the other, by keyboard, until none is left.
import { useSignal } from "@preact/signals";
import { CircleCheck } from "lucide";
import { useEffect, useRef } from "preact/hooks";
import { useGet, usePages } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import { shown, useShortcuts } from "~/base/keys.ts";
import { go, parameters, setParameters } from "~/base/router.tsx";
import { number } from "~/base/words.ts";
import { Empty, Failed, Loaded, Skeleton } from "~/ui/states.tsx";
import { Time } from "~/ui/time.tsx";
import { Filters, FilterSelect } from "~/ui/filters.tsx";
import { useLinks } from "../parts/names.ts";
import { More } from "~/ui/more.tsx";
import { PageHead } from "../parts/page.tsx";
import type { Delivery, DeliveryDetail } from "../types.ts";
import { t as ops } from "../words.ts";
import { act, actionWord, actOnMany, allowed, type Action, type BulkAction, type BulkResult } from "./actions.tsx";
import { DeliveryBody } from "./detail.tsx";
import { Results } from "./list.tsx";
import { DeliveryBadge, deliveryName, deliveryPath, why } from "./look.tsx";
import { t } from "./words.ts";

function Detail({ row, done, who }: { row: Delivery; done: (delivery: Delivery) => void; who: (link: string) => string }) {
  const got = useGet<DeliveryDetail>(`deliveries/${row.id}`, [`delivery:${row.id}`]);
  useEffect(() => {
    if (got.data && (got.data.state !== row.state || got.data.attempts !== row.attempts || got.data.doubt !== row.doubt)) void got.reload();
  }, [row.state, row.attempts, row.doubt]);
  return (
    <Loaded got={got} lines={8}>
      {(data) => (
        <>
          <h2 class="dead-title">
            {deliveryName(data)} <DeliveryBadge delivery={data} />
          </h2>
          <DeliveryBody data={data} around={{ who: who(data.link), done }} head={false} />
        </>
      )}
    </Loaded>
  );
}

function Keys() {
  const all: [string, string][] = [
    ["j", t.keysNext],
    ["k", t.keysPrevious],
    ["r", t.retry],
    ["s", t.skip],
    ["p", t.park],
    ["c", t.confirm],
    ["x", t.keysSelect],
    ["Enter", t.keysOpen],
  ];
  return (
    <p class="keys small quiet no-print">
      {all.map(([key, about]) => (
        <span key={key}>
          {shown(key).map((each) => (
            <kbd key={each}>{each}</kbd>
          ))}{" "}
          {about}
        </span>
      ))}
    </p>
  );
}

export function DeadLetters() {
  const links = useLinks();
  const kind = parameters.value.get("kind") ?? "dead";
  const link = parameters.value.get("link");
  const list = usePages<Delivery>("deliveries", ["deliveries", "links"], { link, limit: 100, ...(kind === "doubt" ? { doubt: true } : { state: kind }) });
  const solved = useSignal(0);
  const chosen = useSignal<ReadonlySet<number>>(new Set());
  const results = useSignal<BulkResult[]>([]);
  const rows = list.items;
  const wanted = Number(parameters.value.get("delivery") ?? 0);
  // When the one that was shown has left the list, the one that took its place is next.
  const place = useRef(0);
  const found = rows.findIndex((each) => each.id === wanted);
  const index = found >= 0 ? found : Math.min(place.current, rows.length - 1);
  const current = rows[index];
  useEffect(() => {
    if (found >= 0) place.current = found;
  }, [found]);
  const items = useRef<HTMLUListElement>(null);
  const choose = (at: number) => {
    const next = rows[Math.max(0, Math.min(rows.length - 1, at))];
    if (!next) return;
    setParameters({ delivery: String(next.id) });
    items.current?.querySelector<HTMLElement>(`[data-id="${next.id}"]`)?.scrollIntoView({ block: "nearest" });
  };
  const done = () => {
    solved.value += 1;
    setParameters({ delivery: null });
  };
  const run = (action: Action) => {
    if (current && allowed(current).includes(action)) act(current, action, { who: links.name(current.link), done });
  };
  const toggle = (id: number) => {
    const next = new Set(chosen.value);
    if (!next.delete(id)) next.add(id);
    chosen.value = next;
  };
  useShortcuts(
    [
      { keys: "j", about: t.keysNext, group: t.keysGroup, run: () => choose(index + 1) },
      { keys: "k", about: t.keysPrevious, group: t.keysGroup, run: () => choose(index - 1) },
      { keys: "r", about: t.retry, group: t.keysGroup, run: () => run("retry") },
      { keys: "s", about: t.skip, group: t.keysGroup, run: () => run("skip") },
      { keys: "p", about: t.park, group: t.keysGroup, run: () => run("park") },
      { keys: "c", about: t.confirm, group: t.keysGroup, run: () => run("confirm") },
      { keys: "x", about: t.keysSelect, group: t.keysGroup, run: () => current && toggle(current.id) },
      { keys: "Enter", about: t.keysOpen, group: t.keysGroup, run: () => current && go(deliveryPath(current)) },
    ],
    [index, current?.id, current?.state, rows.length],
  );
  const picked = rows.filter((each) => chosen.value.has(each.id));
  const bulk = (action: BulkAction) =>
    actOnMany(picked, action, (all) => {
      results.value = all;
      solved.value += all.filter((each) => each.ok).length;
      chosen.value = new Set(all.filter((each) => !each.ok).map((each) => each.delivery));
    });
  const sum = (of: (each: { dead: number; in_doubt: number }) => number) => (links.data?.items ?? []).filter((each) => !link || each.id === link).reduce((total, each) => total + of(each.backlog), 0);
  const dead = sum((each) => each.dead);
  const doubt = sum((each) => each.in_doubt);
  const kinds: [string, string][] = [
    ["dead", `${t.kStuck} (${number(dead)})`],
    ["doubt", `${t.kDoubt} (${number(doubt)})`],
    ["parked", t.kParked],
  ];
  return (
    <>
      <PageHead title={ops.deadLetters} about={<span class="quiet">{t.deadLead}</span>} />
      <div class="dead-bar">
        <div class="segments" role="group" aria-label={t.which}>
          {kinds.map(([id, label]) => (
            <button key={id} type="button" aria-pressed={kind === id} onClick={() => setParameters({ kind: id === "dead" ? null : id, delivery: null })}>
              {label}
            </button>
          ))}
        </div>
        <Filters names={["link"]}>
          <FilterSelect name="link" label={t.link} choices={links.choices} />
        </Filters>
      </div>
      {results.value.length > 0 && <Results results={results.value} close={() => (results.value = [])} />}
      {!list.data ? (
        list.problem ? (
          <Failed problem={list.problem} retry={() => void list.reload()} />
        ) : (
          <Skeleton lines={10} />
        )
      ) : rows.length === 0 ? (
        <div class="zero">
          <Empty icon={CircleCheck} title={kind === "parked" ? t.noParked : kind === "doubt" ? t.noDoubt : t.zeroTitle}>
            {kind === "dead" && <p>{t.zeroText}</p>}
            {solved.value > 0 && <p>{t.zeroDone(solved.value)}</p>}
          </Empty>
        </div>
      ) : (
        <div class="dead">
          <div class="dead-list">
            {picked.length > 0 && (
              <div class="bulk-bar" role="group" aria-label={ops.chosen(picked.length)}>
                <span class="bulk-all">{ops.chosen(picked.length)}</span>
                {(["retry", "park", "skip"] as const).map((action) => (
                  <button key={action} type="button" onClick={() => bulk(action)}>
                    {actionWord(action)}
                  </button>
                ))}
              </div>
            )}
            <ul ref={items} class="plain-list" aria-label={t.list}>
              {rows.map((each) => (
                <li key={each.id} data-id={each.id} class={each.id === current?.id ? "dead-item dead-current" : "dead-item"}>
                  {may("delivery.operate") && <input type="checkbox" aria-label={`${ops.choose}: ${deliveryName(each)}`} checked={chosen.value.has(each.id)} onChange={() => toggle(each.id)} />}
                  <a
                    href={`/ops/dead?${new URLSearchParams({ ...Object.fromEntries(parameters.value), delivery: String(each.id) }).toString()}`}
                    aria-current={each.id === current?.id ? "true" : undefined}
                    onClick={(e) => {
                      if (e.metaKey || e.ctrlKey || e.shiftKey || e.button !== 0) return;
                      e.preventDefault();
                      if (window.matchMedia("(max-width: 900px)").matches) go(deliveryPath(each));
                      else setParameters({ delivery: String(each.id) });
                    }}
                  >
                    <span class="dead-line">
                      <b>{deliveryName(each)}</b> <Time at={each.created_at} />
                    </span>
                    <span class="row-under">{links.name(each.link)}</span>
                    <span class="row-under row-error">
                      <bdi>{why(each)}</bdi>
                    </span>
                  </a>
                </li>
              ))}
            </ul>
            <More list={list} />
            <Keys />
          </div>
          <section class="dead-detail" aria-label={t.chosenOne}>
            {current && <Detail key={current.id} row={current} who={links.name} done={done} />}
          </section>
        </div>
      )}
    </>
  );
}
