// On the first screen: what of mine is open, first what waits for me.
import { Inbox } from "lucide";
import { useEffect } from "preact/hooks";
import { useGet, type Page } from "~/api/cache.ts";
import { session } from "~/api/session.ts";
import type { TicketRow } from "~/api/types.ts";
import { restoreScroll } from "~/base/router.tsx";
import { Empty, Loaded } from "~/ui/states.tsx";
import { standing } from "./standing.tsx";
import { TicketRows } from "./ticket_rows.tsx";
import { t } from "./words.ts";

export const openStatuses = "new,in_progress,waiting_user,waiting_supplier,resolved";
const askedMax = 50;
const shownMax = 6; // of those that wait for nobody here; the rest is one press away

// Approvers and managers see their organisation's tickets too; "mine" are those that they reported themselves.
export function mineOnly(): { requester?: number } {
  const s = session.value;
  const wide = s?.role === "approver" || s?.role === "manager";
  return wide && s?.person ? { requester: s.person } : {};
}

export function OpenTickets() {
  const got = useGet<Page<TicketRow>>("tickets", ["tickets"], { statuses: openStatuses, limit: askedMax, ...mineOnly() });
  useEffect(() => {
    if (got.data) restoreScroll();
  }, [got.data !== undefined]);
  return (
    <section class="open-tickets" aria-labelledby="open-tickets">
      <div class="title-row">
        <h2 id="open-tickets">{t.openTickets}</h2>
        <a href="/tickets">{t.allMine}</a>
      </div>
      <Loaded got={got}>{({ items }) => <Groups items={items} />}</Loaded>
    </section>
  );
}

function Groups({ items }: { items: TicketRow[] }) {
  if (items.length === 0) {
    return (
      <Empty icon={Inbox} title={t.noOpen}>
        <p>{t.noOpenText}</p>
      </Empty>
    );
  }
  const yours = items.filter((each) => standing(each).yours);
  const ours = items.filter((each) => !standing(each).yours);
  return (
    <>
      {yours.length > 0 && (
        <>
          <h3 class="group-title">{t.needYou}</h3>
          <TicketRows tickets={yours} label={t.needYou} />
        </>
      )}
      {ours.length > 0 && (
        <>
          <h3 class="group-title">{t.weWork}</h3>
          <TicketRows tickets={ours.slice(0, shownMax)} label={t.weWork} />
          {ours.length > shownMax && (
            <p class="list-more">
              <a class="button" href="/tickets">
                {t.more}
              </a>
            </p>
          )}
        </>
      )}
    </>
  );
}
