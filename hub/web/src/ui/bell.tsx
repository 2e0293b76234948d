// What one was told, one press away on every page: people by the desk's notifications, agents by what has changed in
// their own tickets. The number follows the stream; the list is fetched when it is opened.
import { signal, useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Bell as BellIcon } from "lucide";
import { useGet, type Got } from "~/api/cache.ts";
import { session } from "~/api/session.ts";
import { path, titleCount } from "~/base/router.tsx";
import { number } from "~/base/words.ts";
import { Icon } from "./icon.tsx";
import { isOnScreen, useOwnNews } from "./own_news.ts";
import { unreadCount } from "./told.ts";
import { t } from "./bell_words.ts";

type List = ComponentType<{ close: () => void }>;
const shownMax = 99;

export function NotificationBell() {
  if (session.value?.person) return <PersonBell />;
  return session.value?.agent ? <AgentBell /> : null;
}

const notifications = signal<List | undefined>(undefined);
const fetchNotifications = async () => (notifications.value ??= (await import("./bell_list.tsx")).NotificationList);

function PersonBell() {
  const count = useGet<{ unread: number }>("notifications/count", ["notifications"]);
  const unread = count.data?.unread ?? 0;
  useEffect(() => {
    if (count.data) unreadCount.value = unread;
  }, [count.data]);
  return <Bell count={count} unread={unread} list={notifications.value} fetchList={fetchNotifications} said={t.some(unread)} came={t.came} none={t.none} title={t.title} />;
}

const news = signal<List | undefined>(undefined);
const fetchNews = async () => (news.value ??= (await import("./own_news_list.tsx")).OwnNewsList);

function AgentBell() {
  const got = useOwnNews();
  const rows = (got.data?.items ?? []).filter((row) => !isOnScreen(row));
  useEffect(() => {
    titleCount.value = rows.length;
    return () => (titleCount.value = 0);
  }, [rows.length]);
  return <Bell count={got} unread={rows.length} list={news.value} fetchList={fetchNews} said={t.ownSome(rows.length)} came={t.ownCame} none={t.ownNone} title={t.ownTitle} />;
}

interface Options {
  count: Pick<Got<unknown>, "data" | "problem">;
  unread: number;
  list: List | undefined;
  fetchList: () => Promise<unknown>;
  said: string; // how many there are
  came: (more: number) => string; // said aloud when there are more
  none: string;
  title: string;
}
function Bell({ count, unread, list: List, fetchList, said, came, none, title }: Options) {
  const id = useId().replaceAll(":", "");
  const open = useSignal(false);
  const aloud = useSignal("");
  const opener = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const before = useRef<number | undefined>(undefined);
  const ready = () => void fetchList().catch(() => undefined); // no contact: the page says so, and the next press tries again
  useEffect(() => {
    if (!count.data) return;
    if (before.current !== undefined && unread > before.current) aloud.value = came(unread - before.current);
    before.current = unread;
  }, [count.data, unread]);
  useEffect(() => {
    const box = panel.current;
    if (!box) return;
    const toggled = (event: Event) => {
      open.value = (event as ToggleEvent).newState === "open";
      if (!open.value) return;
      ready();
      const at = opener.current?.getBoundingClientRect();
      if (!at) return;
      box.style.top = `${at.bottom + 4}px`;
      box.style.left = `${Math.max(8, Math.min(at.right - box.offsetWidth, window.innerWidth - box.offsetWidth - 8))}px`;
    };
    box.addEventListener("toggle", toggled);
    return () => box.removeEventListener("toggle", toggled);
  }, [count.problem === undefined]);
  const close = () => panel.current?.hidePopover();
  useEffect(close, [path.value]);
  if (count.problem && !count.data) return null; // a hub that does not tell anything
  return (
    <>
      <button type="button" ref={opener} class="plain icon-button bell" aria-label={unread ? said : none} aria-expanded={open.value} aria-controls={id} title={title} {...{ popovertarget: id }} onPointerEnter={ready}>
        <Icon of={BellIcon} size={20} />
        {unread > 0 && (
          <span class="bell-count figures" aria-hidden="true">
            {unread > shownMax ? `${shownMax}+` : number(unread)}
          </span>
        )}
      </button>
      <div id={id} ref={panel} class="bell-panel" role="region" aria-label={title} {...{ popover: "auto" }}>
        {open.value && List && <List close={close} />}
      </div>
      <span class="sr-only" role="status">
        {aloud.value}
      </span>
    </>
  );
}
