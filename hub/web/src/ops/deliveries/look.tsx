// How a delivery is named and shown, wherever it stands.
import { CircleAlert, CircleCheck, CircleDashed, CirclePause, CircleQuestionMark, CircleSlash, Clock, Send, type IconNode } from "lucide";
import { now, relative } from "~/base/time.ts";
import { Badge, type Tone } from "~/ui/domain.tsx";
import type { Delivery, DeliveryState } from "../types.ts";
import { t as ops } from "../words.ts";
import { t } from "./words.ts";

export function opWord(op: string): string {
  return { put_ticket: ops.opTicket, add_comment: ops.opComment, add_attachment: ops.opAttachment, event: ops.opEvent }[op] ?? op;
}
export function deliveryName(delivery: Delivery): string {
  return delivery.reference ? t.what(opWord(delivery.op), delivery.reference) : t.letter;
}
export function stateWord(state: DeliveryState): string {
  return (
    { waiting: ops.stateWaiting, ready: ops.stateReady, leased: ops.stateLeased, done: ops.stateDone, dead: ops.stateDead, parked: ops.stateParked, cancelled: ops.stateCancelled }[state] ?? state
  );
}
const looks: Record<DeliveryState, [Tone, IconNode]> = {
  waiting: ["neutral", Clock],
  ready: ["info", Send],
  leased: ["info", CircleDashed],
  done: ["ok", CircleCheck],
  dead: ["danger", CircleAlert],
  parked: ["warning", CirclePause],
  cancelled: ["neutral", CircleSlash],
};
export function DeliveryBadge({ delivery }: { delivery: Delivery }) {
  const [tone, icon] = looks[delivery.state] ?? looks.waiting;
  return (
    <span class="badges">
      <Badge tone={tone} icon={icon}>
        {stateWord(delivery.state)}
      </Badge>
      {delivery.doubt && (
        <Badge tone="warning" icon={CircleQuestionMark}>
          {ops.doubt}
        </Badge>
      )}
    </span>
  );
}

// What the state means for whoever reads it.
export function meaning(delivery: Delivery): string {
  if (isLost(delivery)) return t.mLost;
  if (delivery.doubt) return t.mDoubt;
  if (delivery.state === "ready" && new Date(delivery.run_at).getTime() > now.value + 1000) return t.mReadyAt(relative(delivery.run_at));
  return { waiting: t.mWaiting, ready: t.mReady, leased: t.mLeased, done: t.mDone, dead: t.mDead, parked: t.mParked, cancelled: t.mCancelled }[delivery.state] ?? "";
}

// The supplier's copy of the ticket is gone: the hub says so in a sentence of its own, before what was answered.
const lostBegins = "The supplier no longer has its ticket";
const quoteBegins = " It said: ";
export function isLost(delivery: Delivery): boolean {
  return delivery.state === "dead" && delivery.delegation !== null && delivery.last_error.startsWith(lostBegins);
}
// Why it did not go, as short as it can be said.
export function why(delivery: Delivery): string {
  if (!isLost(delivery)) return delivery.last_error;
  const at = delivery.last_error.indexOf(quoteBegins);
  return at < 0 ? delivery.last_error : delivery.last_error.slice(at + quoteBegins.length);
}

export function TicketLink({ delivery }: { delivery: Delivery }) {
  return delivery.ticket ? <a href={`/desk/tickets/${delivery.ticket}`}>{delivery.reference}</a> : null;
}
export function deliveryPath(delivery: Delivery): string {
  return `/ops/deliveries/${delivery.id}`;
}
export function outcomeLook(status: string): [Tone, string] {
  const known: Record<string, [Tone, string]> = {
    ok: ["ok", ops.outOk],
    retry: ["warning", ops.outRetry],
    rate_limited: ["info", ops.outRate],
    auth: ["danger", ops.outAuth],
    permanent: ["danger", ops.outPermanent],
    ambiguous: ["warning", ops.outAmbiguous],
    cancelled: ["neutral", ops.outCancelled],
  };
  return known[status] ?? ["neutral", status];
}
