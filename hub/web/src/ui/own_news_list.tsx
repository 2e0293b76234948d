// An agent's own tickets with something new in them, the latest first. Who follows one reads it.
import { BellOff } from "lucide";
import { isOnScreen, announcing, canAnnounce, chooseAnnouncing, pathOf, useOwnNews, wordsOf } from "./own_news.ts";
import { Empty, Loaded } from "./states.tsx";
import { Time } from "./time.tsx";
import { toast } from "./toast.tsx";
import { t } from "./bell_words.ts";

export function OwnNewsList({ close }: { close: () => void }) {
  const got = useOwnNews();
  const choose = async (on: boolean) => {
    if (!(await chooseAnnouncing(on))) toast(t.desktopRefused, { tone: "danger" });
  };
  return (
    <>
      <div class="bell-head">
        <h2>{t.ownTitle}</h2>
        <a href="/desk?view=mine&unread=true" onClick={close}>
          {t.ownAll}
        </a>
      </div>
      <Loaded got={got}>
        {({ items }) => {
          const rows = items.filter((row) => !isOnScreen(row));
          return rows.length === 0 ? (
            <Empty icon={BellOff} title={t.emptyTitle}>
              <p>{t.ownEmpty}</p>
            </Empty>
          ) : (
            <ul class="plain-list bell-items">
              {rows.map((row) => (
                <li key={row.id}>
                  <a href={pathOf(row)} onClick={close}>
                    <span class="bell-text">
                      <b class="bell-subject" dir="auto">
                        {row.subject}
                      </b>
                    </span>
                    <span dir="auto">{wordsOf(row)}</span>
                    <span class="quiet small">
                      {row.reference} · <Time at={row.updated_at} />
                    </span>
                  </a>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
      {canAnnounce && (
        <p class="bell-foot">
          <label class="bell-choice">
            <input type="checkbox" checked={announcing.value} onChange={(event) => void choose(event.currentTarget.checked)} /> {t.desktop}
          </label>
        </p>
      )}
    </>
  );
}
