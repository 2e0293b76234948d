// Answering orders: who does it while the reader is away, for whom he does it himself, and, for who answers for the
// organisation, how its other approvers stand.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { UserX } from "lucide";
import { useGet, usePages } from "~/api/cache.ts";
import { may, session, staff } from "~/api/session.ts";
import type { Membership, Person } from "~/api/types.ts";
import { title } from "~/base/router.tsx";
import { DeputyPanel, span, type Deputies } from "~/ui/deputy.tsx";
import { t } from "~/ui/deputy_words.ts";
import { Dialog } from "~/ui/dialog.tsx";
import { More } from "~/ui/more.tsx";
import { Empty, Loaded } from "~/ui/states.tsx";
import { t as own } from "./words.ts";

export function approves(): boolean {
  return !staff.value && (may("order.approve") || may("approver.name"));
}

export function Approving() {
  title.value = own.approving;
  const s = session.value;
  const standsIn = s?.memberships?.find((each) => each.customer === s.customer)?.role === "user"; // and approves nothing of his own
  const known = useGet<Deputies>(may("order.approve") ? "account/delegate" : null, ["deputies"]).data;
  return (
    <>
      <h2>{own.approving}</h2>
      {known && known.stands_for.length > 0 && (
        <section class="account-section">
          <h3>{t.standsFor}</h3>
          <ul>
            {known.stands_for.map((each) => (
              <li key={each.person}>
                <span dir="auto">{t.standsForOne(each.name)}</span>, <span class="quiet">{span(each)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {may("order.approve") && !standsIn && (
        <section class="account-section">
          <h3>{t.own}</h3>
          <DeputyPanel path="account/delegate" />
        </section>
      )}
      {may("approver.name") && may("person.read") && may("account.read") && <Colleagues />}
    </>
  );
}

// Page after page: who approves may stand on the last.
function useAll<T extends { id: number }>(path: string, query: Record<string, string | number | null | undefined>) {
  const list = usePages<T>(path, [path], { ...query, limit: 200 });
  const { next, loadingMore, moreProblem } = list;
  useEffect(() => {
    if (next && !loadingMore && !moreProblem) void list.more();
  }, [next, loadingMore, moreProblem]);
  return list;
}

function Colleagues() {
  const list = useAll<Person>("people", {});
  const accounts = useAll<{ id: number; disabled: boolean; memberships: Membership[] }>("accounts", { role: "manager" });
  const chosen = useSignal<Person | undefined>(undefined);
  // Of a manager the directory does not say it: his role does.
  const managers = new Set(accounts.items.flatMap((each) => (each.disabled ? [] : each.memberships.filter((one) => one.role === "manager").map((one) => one.person))));
  const approvers = list.items.filter((each) => each.approver || managers.has(each.id));
  const complete = !list.next && !accounts.next;
  return (
    <section class="account-section">
      <h3>{t.colleagues}</h3>
      <p class="quiet">{t.colleaguesAbout}</p>
      <Loaded<unknown> got={list.data ? accounts : list} lines={3}>
        {() =>
          approvers.length || !complete ? (
            <ul class="plain-list own-list">
              {approvers.map((each) => (
                <li key={each.id}>
                  <div class="own-list-text">
                    <strong dir="auto">{each.name}</strong> {each.id === session.value?.person && <span class="quiet">({t.you})</span>}
                    <p class="quiet small">{each.email}</p>
                  </div>
                  {each.id !== session.value?.person && (
                    <button type="button" onClick={() => (chosen.value = each)} aria-label={t.nameOneOf(each.name)}>
                      {t.nameOne}
                    </button>
                  )}
                </li>
              ))}
            </ul>
          ) : (
            <Empty icon={UserX} title={t.noColleagues}>
              <p>{t.noColleaguesText}</p>
            </Empty>
          )
        }
      </Loaded>
      <More list={list} />
      <More list={accounts} />
      {chosen.value && (
        <Dialog title={t.of(chosen.value.name)} close={() => (chosen.value = undefined)}>
          <DeputyPanel path={`people/${chosen.value.id}/delegate`} name={chosen.value.name} />
        </Dialog>
      )}
    </section>
  );
}
