// A button that opens a list of things to do: ARIA's menu button, on the platform's popover.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";

export interface MenuItem {
  label: ComponentChildren;
  run?: () => void;
  href?: string;
  checked?: boolean; // a choice among several
  danger?: boolean;
  heading?: boolean; // not to be chosen: a title of what follows
}

export function Menu({ button, label, items, class: name }: { button: ComponentChildren; label?: string; items: MenuItem[]; class?: string }) {
  const id = useId().replaceAll(":", "");
  const open = useSignal(false);
  const opener = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const choices = () => [...(list.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
  useEffect(() => {
    const menu = list.current!;
    const toggled = (event: Event) => {
      open.value = (event as ToggleEvent).newState === "open";
      if (!open.value) return;
      const at = opener.current!.getBoundingClientRect();
      const width = menu.offsetWidth;
      const height = menu.offsetHeight;
      menu.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - width - 8))}px`;
      menu.style.top = `${at.bottom + height + 8 > window.innerHeight && at.top > height ? at.top - height - 4 : at.bottom + 4}px`;
      (choices().find((each) => each.getAttribute("aria-checked") === "true") ?? choices()[0])?.focus();
    };
    menu.addEventListener("toggle", toggled);
    return () => menu.removeEventListener("toggle", toggled);
  }, []);
  const close = () => {
    list.current?.hidePopover();
    opener.current?.focus();
  };
  const keys = (event: KeyboardEvent) => {
    const all = choices();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const focus = (index: number) => all[(index + all.length) % all.length]?.focus();
    if (event.key === "ArrowDown") focus(at + 1);
    else if (event.key === "ArrowUp") focus(at - 1);
    else if (event.key === "Home") focus(0);
    else if (event.key === "End") focus(-1);
    else if (event.key === "Tab") {
      list.current?.hidePopover();
      return;
    } else if (event.key === "Escape") close();
    else if (event.key.length === 1 && /\S/.test(event.key)) {
      const from = [...all.slice(at + 1), ...all.slice(0, at + 1)];
      from.find((each) => each.textContent?.trim().toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <span class="menu">
      <button
        type="button"
        ref={opener}
        class={name ?? ""}
        aria-haspopup="menu"
        aria-expanded={open.value}
        aria-label={label}
        {...{ popovertarget: id }}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
          event.preventDefault();
          list.current?.showPopover();
        }}
      >
        {button}
      </button>
      <div id={id} ref={list} class="menu-list" role="menu" {...{ popover: "auto" }} onKeyDown={keys}>
        {items.map((item, i) => {
          if (item.heading) {
            return (
              <div key={i} class="menu-heading" role="presentation">
                {item.label}
              </div>
            );
          }
          const common = {
            key: i,
            tabIndex: -1,
            class: `menu-item ${item.danger ? "menu-danger" : ""}`,
            role: item.checked === undefined ? ("menuitem" as const) : ("menuitemradio" as const),
            ...(item.checked !== undefined && { "aria-checked": item.checked }),
          };
          return item.href ? (
            <a {...common} href={item.href} onClick={() => list.current?.hidePopover()}>
              {item.label}
            </a>
          ) : (
            <button
              {...common}
              type="button"
              onClick={() => {
                close();
                item.run?.();
              }}
            >
              {item.label}
            </button>
          );
        })}
      </div>
    </span>
  );
}
