// Tickets in a list: what it is, where it stands, whose turn it is.
import { prefetch } from "~/api/cache.ts";
import type { TicketRow } from "~/api/types.ts";
import { Icon } from "~/ui/icon.tsx";
import { kindWord } from "~/ui/domain.tsx";
import { Time } from "~/ui/time.tsx";
import { useServices } from "./service.ts";
import { isOwn, standing } from "./standing.tsx";
import { t } from "./words.ts";

// Unread is all that has changed, also by the reader's own hand; news is what somebody else has said.
function hasNewAnswer(ticket: TicketRow): boolean {
  return ticket.unread === true && (ticket.last_message === undefined || (ticket.last_message !== null && ticket.last_message.from !== "user"));
}

export function TicketRows({ tickets, label }: { tickets: readonly TicketRow[]; label: string }) {
  const services = useServices();
  return (
    <ul class="plain-list ticket-rows" aria-label={label}>
      {tickets.map((each) => {
        const now = standing(each);
        const service = services.data?.items.find((one) => one.id === each.service)?.name;
        return (
          <li key={each.id} class={now.yours ? "ticket-yours" : ""}>
            <a class="ticket-link" href={`/tickets/${each.id}`} onPointerEnter={() => prefetch(`tickets/${each.id}`, [`ticket:${each.id}`])}>
              <span class="own-ticket-subject" dir="auto">
                {each.subject}
              </span>
              {hasNewAnswer(each) && <span class="ticket-unread">{t.unread}</span>}
              <span class={`ticket-standing ticket-standing-${now.tone}`}>
                <Icon of={now.icon} /> {now.text}
              </span>
              <span class="own-ticket-facts">
                <span>{each.reference}</span>
                <span>{kindWord(each.kind)}</span>
                {service && <span>{service}</span>}
                {!isOwn(each) && each.requester_name && <span>{t.byName(each.requester_name)}</span>}
                <span>
                  {t.changed} <Time at={each.updated_at} />
                </span>
              </span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}
