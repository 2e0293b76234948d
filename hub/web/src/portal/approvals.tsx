// /approvals: orders of others that wait for the reader's yes or no; and the line that says so on the first screen.
import { ClipboardCheck, Clock, TriangleAlert } from "lucide";
import { useEffect } from "preact/hooks";
import { prefetch } from "~/api/cache.ts";
import type { TicketRow } from "~/api/types.ts";
import { now, relative } from "~/base/time.ts";
import { restoreScroll, title } from "~/base/router.tsx";
import { useApprovals } from "~/ui/approval.ts";
import { Icon } from "~/ui/icon.tsx";
import { Empty, Loaded } from "~/ui/states.tsx";
import { Time } from "~/ui/time.tsx";
import { t } from "./approval_words.ts";

export function Approvals() {
  title.value = t.title;
  const got = useApprovals();
  useEffect(() => {
    if (got.data) restoreScroll();
  }, [got.data !== undefined]);
  return (
    <div class="page portal">
      <h1>{t.title}</h1>
      <p class="quiet">{t.about}</p>
      <Loaded got={got}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon={ClipboardCheck} title={t.none}>
              <p>{t.noneText}</p>
            </Empty>
          ) : (
            <ul class="plain-list ticket-rows" aria-label={t.title}>
              {items.map((each) => (
                <Waiting key={each.id} order={each} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </div>
  );
}

function Waiting({ order }: { order: TicketRow }) {
  return (
    <li class="ticket-yours">
      <a class="ticket-link" href={`/tickets/${order.id}`} onPointerEnter={() => prefetch(`tickets/${order.id}`, [`ticket:${order.id}`])}>
        <span class="own-ticket-subject" dir="auto">
          {order.subject}
        </span>
        <span class="approval-who" dir="auto">
          {t.wants(order.requester_name || t.somebody)}
        </span>
        <span class="own-ticket-facts">
          <span>{order.reference}</span>
          <span>
            {t.ordered} <Time at={order.created_at} />
          </span>
          {order.approval?.due_at && <AnswerBy at={order.approval.due_at} />}
        </span>
      </a>
    </li>
  );
}

export function AnswerBy({ at }: { at: string }) {
  const late = Date.parse(at) < now.value;
  return (
    <span class={late ? "approval-late" : ""}>
      <Icon of={late ? TriangleAlert : Clock} size={14} /> {late ? t.late(relative(at)) : t.answerBy(relative(at))}
    </span>
  );
}

// On the first screen, only when there is something.
export function ApprovalsLine() {
  const waiting = useApprovals().data;
  const n = waiting?.items.length ?? 0;
  if (n === 0) return null;
  return (
    <p class="approvals-line">
      <Icon of={ClipboardCheck} size={20} />
      <strong>{t.waiting(n)}</strong>
      <a class="button" href="/approvals">
        {t.see}
        <span class="sr-only">: {t.title}</span>
      </a>
    </p>
  );
}
