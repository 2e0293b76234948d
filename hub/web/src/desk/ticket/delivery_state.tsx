// How far something has come on its way to its reader.
import { Check, CheckCheck, CircleHelp, Clock, CircleX, Pause, type IconNode } from "lucide";
import { may } from "~/api/session.ts";
import { dateAndTime } from "~/base/time.ts";
import { Badge, type Tone } from "~/ui/domain.tsx";
import type { Delivery } from "../types.ts";
import { deliveryWord, type DeliveryWord } from "./entries.ts";
import { t } from "./words.ts";

export function DeliveryState({ deliveries, seen, mail }: { deliveries: readonly Delivery[]; seen: boolean; mail?: boolean }) {
  const delivery = deliveries[0];
  if (!delivery) return null;
  const word = deliveryWord(delivery, seen);
  const look: Record<DeliveryWord, [Tone, IconNode, string]> = {
    waiting: ["neutral", Clock, t.dWaiting],
    sent: ["neutral", Check, t.dSent],
    seen: ["ok", CheckCheck, t.dSeen],
    doubt: ["warning", CircleHelp, t.dDoubt],
    failed: ["danger", CircleX, t.dFailed],
    parked: ["warning", Pause, t.dParked],
    cancelled: ["neutral", CircleX, t.dCancelled],
  };
  const [tone, icon, text] = look[word];
  return (
    <span class="delivery-state" title={dateAndTime(delivery.finished_at ?? delivery.created_at)}>
      <Badge tone={tone} icon={icon}>
        {mail ? `${t.mail}: ${text.toLowerCase()}` : text}
      </Badge>
    </span>
  );
}

// What to do about one that is in doubt or did not arrive.
export function DeliveryTrouble({ deliveries }: { deliveries: readonly Delivery[] }) {
  const delivery = deliveries[0];
  if (!delivery) return null;
  const word = deliveryWord(delivery, false);
  if (word !== "doubt" && word !== "failed" && word !== "parked") return null;
  return (
    <div class="delivery-trouble">
      <p>{word === "doubt" ? t.doubtHelp : t.failedHelp}</p>
      {delivery.last_error && <p class="quiet small">{delivery.last_error}</p>}
      {may("delivery.read") && (
        <a class="button" href={`/ops/deliveries/${delivery.id}`}>
          {t.showDelivery}
        </a>
      )}
    </div>
  );
}
