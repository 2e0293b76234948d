// What one was told, one press away on every page. The number follows the stream; the list is fetched when it is opened.
import { signal, useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Bell } from "lucide";
import { useGet } from "~/api/cache.ts";
import { session } from "~/api/session.ts";
import { path } from "~/base/router.tsx";
import { number } from "~/base/words.ts";
import { Icon } from "./icon.tsx";
import { unreadCount } from "./told.ts";
import { t } from "./bell_words.ts";

const list = signal<ComponentType<{ close: () => void }> | undefined>(undefined);
async function fetchList() {
  try {
    list.value ??= (await import("./bell_list.tsx")).NotificationList;
  } catch {
    // no contact: the page says so, and the next press comes here again
  }
}
const shownMax = 99;

// The desk tells people of customers; who is none of them has no bell.
export function NotificationBell() {
  return session.value?.person ? <OwnBell /> : null;
}

function OwnBell() {
  const id = useId().replaceAll(":", "");
  const open = useSignal(false);
  const came = useSignal("");
  const opener = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const count = useGet<{ unread: number }>("notifications/count", ["notifications"]);
  const unread = count.data?.unread ?? 0;
  const before = useRef<number | undefined>(undefined);
  useEffect(() => {
    if (count.data && before.current !== undefined && unread > before.current) came.value = t.came(unread - before.current);
    if (!count.data) return;
    before.current = unread;
    unreadCount.value = unread;
  }, [count.data]);
  useEffect(() => {
    const box = panel.current;
    if (!box) return;
    const toggled = (event: Event) => {
      open.value = (event as ToggleEvent).newState === "open";
      if (!open.value) return;
      void fetchList();
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
  if (count.problem && !count.data) return null; // a hub that does not tell people anything
  const List = list.value;
  return (
    <>
      <button type="button" ref={opener} class="plain icon-button bell" aria-label={unread ? t.some(unread) : t.none} aria-expanded={open.value} aria-controls={id} title={t.title} {...{ popovertarget: id }} onPointerEnter={() => void fetchList()}>
        <Icon of={Bell} size={20} />
        {unread > 0 && (
          <span class="bell-count figures" aria-hidden="true">
            {unread > shownMax ? `${shownMax}+` : number(unread)}
          </span>
        )}
      </button>
      <div id={id} ref={panel} class="bell-panel" role="region" aria-label={t.title} {...{ popover: "auto" }}>
        {open.value && List && <List close={close} />}
      </div>
      <span class="sr-only" role="status">
        {came.value}
      </span>
    </>
  );
}
