// Answering orders: who does it while the reader is away, for whom he does it himself, and, for who answers for the
// organisation, how its other approvers stand.
import { useSignal } from "@preact/signals";
import { UserX } from "lucide";
import { useGet, usePages } from "~/api/cache.ts";
import { may, session, staff } from "~/api/session.ts";
import type { Person } from "~/api/types.ts";
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
      {may("approver.name") && may("person.read") && <Colleagues />}
    </>
  );
}

function Colleagues() {
  const list = usePages<Person>("people", ["people"], { limit: 200 });
  const chosen = useSignal<Person | undefined>(undefined);
  const approvers = list.items.filter((each) => each.approver);
  return (
    <section class="account-section">
      <h3>{t.colleagues}</h3>
      <p class="quiet">{t.colleaguesAbout}</p>
      <Loaded got={list} lines={3}>
        {() =>
          approvers.length ? (
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
      {chosen.value && (
        <Dialog title={t.of(chosen.value.name)} close={() => (chosen.value = undefined)}>
          <DeputyPanel path={`people/${chosen.value.id}/delegate`} name={chosen.value.name} />
        </Dialog>
      )}
    </section>
  );
}
