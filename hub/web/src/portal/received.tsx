// After sending: the number, and what happens next.
import { CircleCheck } from "lucide";
import { useGet } from "~/api/cache.ts";
import { session } from "~/api/session.ts";
import type { TicketDetail } from "~/api/types.ts";
import { title } from "~/base/router.tsx";
import { date } from "~/base/time.ts";
import { approverNames, waitsForYes } from "~/ui/approval.ts";
import { Icon } from "~/ui/icon.tsx";
import { Loaded } from "~/ui/states.tsx";
import { t as approvals } from "./approval_words.ts";
import { t } from "./words.ts";

export function Received({ ticket: id }: { ticket: number }) {
  title.value = t.receivedTitle;
  const got = useGet<TicketDetail>(`tickets/${id}`, [`ticket:${id}`]);
  return (
    <div class="page page-narrow">
      <Loaded got={got} heading={t.receivedTitle}>
        {(ticket) => (
          <>
            <div class="received">
              <Icon of={CircleCheck} size={28} />
              <h1>{t.receivedTitle}</h1>
              <p>
                {t.yourNumber}
                <strong class="received-number">{ticket.reference}</strong>
              </p>
            </div>
            <h2>{t.whatNext}</h2>
            <ol class="steps">
              {waitsForYes(ticket) && ticket.approval && (
                <li>
                  {t.nextApproval(approverNames(ticket.approval, approvals.others))} {ticket.approval.due_at && t.nextApprovalBy(date(ticket.approval.due_at))}
                </li>
              )}
              <li>{waitsForYes(ticket) ? t.nextAfterYes : t.nextRead}</li>
              <li>{t.nextAnswer(session.value?.account?.email ?? "")}</li>
              <li>{t.nextMore}</li>
            </ol>
            <div class="buttons">
              <a class="button primary" href={`/tickets/${ticket.id}`}>
                {t.toTicket}
              </a>
              <a class="button" href="/">
                {t.toStart}
              </a>
            </div>
          </>
        )}
      </Loaded>
    </div>
  );
}
