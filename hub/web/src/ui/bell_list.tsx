// What one was told, the newest first. Who follows one has read it.
import { BellOff } from "lucide";
import { api, asProblem } from "~/api/client.ts";
import { expectTagged, invalidate, usePages, type Page } from "~/api/cache.ts";
import { staff } from "~/api/session.ts";
import type { Notification } from "~/api/types.ts";
import { More } from "./more.tsx";
import { Empty, Failed, Skeleton } from "./states.tsx";
import { Time } from "./time.tsx";
import { toast } from "./toast.tsx";
import { t } from "./bell_words.ts";

const pageSize = 20;

function addressOf(one: Notification): string {
  if (one.ticket) return `${staff.value ? "/desk" : ""}/tickets/${one.ticket}`;
  return staff.value && one.notice ? `/desk/notices/${one.notice}` : "/";
}

async function markRead(which: { until: number } | { ids: number[] }) {
  const reads = (one: Notification) => ("until" in which ? one.id <= which.until : which.ids.includes(one.id));
  // Shown in the same frame; what the hub says replaces it.
  expectTagged("notifications", (data) => {
    const known = data as Partial<Page<Notification>> & { unread?: number };
    if (typeof known.unread === "number") return { unread: "until" in which ? 0 : Math.max(0, known.unread - which.ids.length) };
    return known.items ? { ...known, items: known.items.map((each) => (reads(each) ? { ...each, read: true } : each)) } : data;
  });
  try {
    await api.post("notifications/read", which);
  } catch (failed) {
    toast(asProblem(failed).message, { tone: "danger" });
  }
  invalidate("notifications");
}

// What was told about the same ticket in the same words again and again is one row: the newest of them.
interface Told {
  last: Notification;
  unread: number[];
  more: number;
}
function gathered(items: readonly Notification[]): Told[] {
  const rows: Told[] = [];
  for (const each of items) {
    const unread = each.read ? [] : [each.id];
    const row = rows.at(-1);
    if (row && each.ticket && row.last.ticket === each.ticket && row.last.kind === each.kind) {
      row.unread.push(...unread);
      row.more += 1;
    } else rows.push({ last: each, unread, more: 0 });
  }
  return rows;
}

export function NotificationList({ close }: { close: () => void }) {
  const list = usePages<Notification>("notifications", ["notifications"], { limit: pageSize });
  const newest = list.items[0];
  const unread = list.items.some((each) => !each.read);
  return (
    <>
      <div class="bell-head">
        <h2>{t.title}</h2>
        {unread && newest && (
          <button type="button" class="link" onClick={() => void markRead({ until: newest.id })}>
            {t.allRead}
          </button>
        )}
      </div>
      {!list.data ? (
        list.problem ? (
          <Failed problem={list.problem} retry={() => void list.reload()} />
        ) : (
          <Skeleton lines={4} />
        )
      ) : list.items.length === 0 ? (
        <Empty icon={BellOff} title={t.emptyTitle}>
          <p>{t.emptyText}</p>
        </Empty>
      ) : (
        <ul class="plain-list bell-items">
          {gathered(list.items).map(({ last: each, unread, more }) => (
            <li key={each.id} class={unread.length ? "bell-unread" : ""}>
              <a
                href={addressOf(each)}
                onClick={() => {
                  if (unread.length) void markRead({ ids: unread });
                  close();
                }}
              >
                <span class="bell-text">
                  {unread.length > 0 && <span class="bell-new">{t.unread}</span>} {each.text}
                </span>
                {each.subject && (
                  <span class="bell-subject" dir="auto">
                    {each.subject}
                  </span>
                )}
                <span class="quiet small">
                  {each.reference && `${each.reference} · `}
                  <Time at={each.at} />
                  {more > 0 && ` · ${t.earlierSame(more)}`}
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
      <More list={list} />
      <p class="bell-foot">
        <a href="/account/notifications" onClick={close}>
          {t.settings}
        </a>
      </p>
    </>
  );
}
