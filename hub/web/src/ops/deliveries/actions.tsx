// What an operator may do with a delivery, by its state, each with its consequences in words.
import { CircleCheck, CirclePause, FilePlus, FileX, RotateCw, SkipForward, type IconNode } from "lucide";
import { api, asProblem } from "~/api/client.ts";
import { invalidate } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import { Icon } from "~/ui/icon.tsx";
import { toast } from "~/ui/toast.tsx";
import { ask } from "../parts/ask.tsx";
import type { Delivery, DeliveryDetail } from "../types.ts";
import { deliveryName, isLost } from "./look.tsx";
import { t } from "./words.ts";

export type Action = "retry" | "skip" | "park" | "confirm";

// The hub's own rule (store/outbox): which state allows what.
export function allowed(delivery: Delivery): Action[] {
  if (!may("delivery.operate")) return [];
  const { state, doubt } = delivery;
  const stands = state === "dead" || state === "parked" || state === "ready";
  const all: Action[] = [];
  if (stands) all.push("retry");
  if (doubt && stands) all.push("confirm");
  if (stands || state === "waiting") all.push("skip");
  if (state === "ready" || state === "dead") all.push("park");
  return all;
}

function changed(delivery: Delivery) {
  invalidate("deliveries", `delivery:${delivery.id}`, "links", `link:${delivery.link}`);
}
async function send(delivery: Delivery, action: Action, body: Record<string, string>) {
  await api.post<DeliveryDetail>(`deliveries/${delivery.id}/${action}`, body);
  changed(delivery);
}
function why(reason: string): Record<string, string> {
  return reason ? { reason } : {};
}

export interface Around {
  who: string; // the other side's name
  done?: (delivery: Delivery) => void;
}

export function act(delivery: Delivery, action: Action, { who, done }: Around) {
  switch (action) {
    case "retry":
      // Nothing is lost or doubled by it, so it is not asked for twice.
      void send(delivery, "retry", {}).then(
        () => {
          toast(t.retried, { tone: "ok", ...(delivery.state === "parked" && { action: { label: t.park, run: () => act(delivery, "park", { who }) } }) });
          done?.(delivery);
        },
        (failed: unknown) => toast(asProblem(failed).message, { tone: "danger" }),
      );
      return;
    case "skip":
      ask({
        title: t.skipTitle,
        text: (
          <>
            <p>{t.skipText(deliveryName(delivery), who)}</p>
            {delivery.op === "put_ticket" && delivery.delegation !== null && <p>{t.skipTicketText}</p>}
          </>
        ),
        button: t.skip,
        danger: true,
        reason: "required",
        run: async ({ reason }) => {
          await send(delivery, "skip", why(reason));
          toast(t.skipped, { tone: "ok" });
          done?.(delivery);
        },
      });
      return;
    case "park":
      ask({
        title: t.parkTitle,
        text: <p>{t.parkText}</p>,
        button: t.park,
        reason: "optional",
        run: async ({ reason }) => {
          await send(delivery, "park", why(reason));
          toast(t.parked, { action: { label: t.retry, run: () => act({ ...delivery, state: "ready" }, "retry", { who }) } });
          done?.(delivery);
        },
      });
      return;
    case "confirm":
      ask({
        title: t.confirmTitle,
        text: <p>{t.confirmText(who)}</p>,
        button: t.confirm,
        reason: "optional",
        field: { label: t.confirmId, hint: t.confirmIdHint },
        run: async ({ reason, field }) => {
          await send(delivery, "confirm", { ...why(reason), ...(field && { external_id: field }) });
          toast(t.confirmed, { tone: "ok" });
          done?.(delivery);
        },
      });
  }
}

const looks: Record<Action, IconNode> = { retry: RotateCw, skip: SkipForward, park: CirclePause, confirm: CircleCheck };
export function actionWord(action: Action): string {
  return { retry: t.retry, skip: t.skip, park: t.park, confirm: t.confirm }[action];
}

// What becomes of a delegation whose copy the supplier has lost.
function lost(delivery: Delivery, action: "recreate" | "write-off", { who, done }: Around) {
  const again = action === "recreate";
  ask({
    title: again ? t.recreateTitle : t.writeOffTitle,
    text: <p>{again ? t.recreateText(who) : t.writeOffText(who, delivery.reference ?? "")}</p>,
    button: again ? t.recreate : t.writeOff,
    danger: !again,
    reason: "optional",
    run: async ({ reason }) => {
      await api.post(`delegations/${delivery.delegation}/${action}`, why(reason));
      changed(delivery);
      invalidate(`ticket:${delivery.ticket}`, "tickets");
      toast(again ? t.recreated : t.wroteOff, { tone: "ok" });
      done?.(delivery);
    },
  });
}

export function DeliveryButtons({ delivery, around }: { delivery: Delivery; around: Around }) {
  const all = allowed(delivery);
  const gone = isLost(delivery) && may("delegation.work");
  if (!all.length && !gone) return null;
  return (
    <div class="buttons">
      {gone && (
        <>
          <button type="button" class="primary" onClick={() => lost(delivery, "recreate", around)}>
            <Icon of={FilePlus} /> {t.recreate}
          </button>
          <button type="button" onClick={() => lost(delivery, "write-off", around)}>
            <Icon of={FileX} /> {t.writeOff}
          </button>
        </>
      )}
      {all.map((action, i) => (
        <button key={action} type="button" class={i === 0 && delivery.state !== "ready" && !gone ? "primary" : ""} onClick={() => act(delivery, action, around)}>
          <Icon of={looks[action]} /> {actionWord(action)}
        </button>
      ))}
    </div>
  );
}

// --- many at once

interface BulkAnswer {
  items: { delivery: number; ok: boolean; problem?: { detail?: string; title?: string } | string | null }[];
}
export interface BulkResult {
  delivery: number;
  ok: boolean;
  text: string;
}
export type BulkAction = "retry" | "skip" | "park";
const bulkMax = 200;

export function actOnMany(deliveries: readonly Delivery[], action: BulkAction, done: (results: BulkResult[]) => void) {
  const chosen = deliveries.slice(0, bulkMax);
  const title = { retry: t.bulkRetryTitle, skip: t.bulkSkipTitle, park: t.bulkParkTitle }[action](chosen.length);
  const text = { retry: t.bulkRetryText, skip: t.bulkSkipText, park: t.parkText }[action];
  ask({
    title,
    text: <p>{text}</p>,
    button: actionWord(action),
    danger: action === "skip",
    reason: action === "skip" ? "required" : "optional",
    run: async ({ reason }) => {
      const answer = await api.post<BulkAnswer>("deliveries/bulk", { deliveries: chosen.map((each) => each.id), action, ...(reason && { reason }) });
      invalidate("deliveries", "links", ...chosen.map((each) => `delivery:${each.id}`));
      const results = answer.items.map((each) => ({
        delivery: each.delivery,
        ok: each.ok,
        text: typeof each.problem === "string" ? each.problem : (each.problem?.detail ?? each.problem?.title ?? ""),
      }));
      const bad = results.filter((each) => !each.ok).length;
      toast(bad ? t.bulkPart(results.length - bad, bad) : t.bulkDone(results.length), { tone: bad ? "danger" : "ok" });
      done(results);
    },
  });
}
