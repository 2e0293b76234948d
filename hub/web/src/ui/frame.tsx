// What stands around every page: skip link, the head with its places and the reader's own menu, news of the connection.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { CircleUser } from "lucide";
import { live } from "~/api/stream.ts";
import { choose, may, session, signedIn, signOut, speakFor, staff } from "~/api/session.ts";
import { customer } from "~/api/client.ts";
import { path, title } from "~/base/router.tsx";
import { language } from "~/base/words.ts";
import { NotificationBell } from "./bell.tsx";
import { approvalsAtOnce, mayApprove, useApprovals } from "./approval.ts";
import { Icon } from "./icon.tsx";
import { Menu, type MenuItem } from "./menu.tsx";
import { Toasts } from "./toast.tsx";
import { t } from "./words.ts";

function Logo() {
  return (
    <svg class="logo" viewBox="0 0 64 64" width="28" height="28" aria-hidden="true">
      <rect width="64" height="64" rx="14" />
      <g fill="none" stroke="#fff" stroke-width="5" stroke-linecap="round">
        <circle cx="32" cy="32" r="8" />
        <path d="M14 20c4-7 10.5-10 18-10 12 0 22 9.500 22 22" />
        <path d="M50 44c-4 7-10.500 10-18 10-12 0-22-9.500-22-22" />
      </g>
    </svg>
  );
}

function OwnMenu() {
  const s = session.value!;
  const theme = document.documentElement.dataset.theme ?? "system";
  const items: MenuItem[] = [];
  if (signedIn.value) items.push({ label: s.account!.name, heading: true }, { label: t.account, href: "/account" });
  const speaking = s.memberships ?? [];
  if (speaking.length > 1 || (speaking.length > 0 && (staff.value || customer.value))) {
    if (s.agent) items.push({ label: `${s.desk.name}`, checked: !s.customer, run: () => void speakFor("") });
    for (const each of speaking) {
      items.push({ label: each.customer_name, checked: s.customer === each.customer, run: () => void speakFor(each.customer) });
    }
  }
  items.push({ label: t.language, heading: true });
  items.push({ label: <span lang="sv">Svenska</span>, checked: language.value === "sv", run: () => void choose({ language: "sv" }) });
  items.push({ label: <span lang="en">English</span>, checked: language.value === "en", run: () => void choose({ language: "en" }) });
  items.push({ label: t.theme, heading: true });
  for (const [key, label] of [["system", t.themeSystem], ["light", t.themeLight], ["dark", t.themeDark]] as const) {
    items.push({ label, checked: theme === key, run: () => void choose({ theme: key }) });
  }
  if (signedIn.value) items.push({ label: "", heading: true }, { label: t.signOut, run: () => void signOut() });
  return (
    <Menu
      class="plain own-menu"
      label={signedIn.value ? `${t.account}: ${s.account!.name}` : t.settings}
      button={
        <>
          <Icon of={CircleUser} size={20} />
          {signedIn.value && <span class="own-name">{s.account!.name}</span>}
        </>
      }
      items={items}
    />
  );
}

// What waits for the reader's yes stands beside the place where it is given.
function ApprovalsCount() {
  const waiting = useApprovals().data;
  const n = waiting?.items.length ?? 0;
  return n > 0 ? (
    <span class="place-count figures">
      {n}
      {waiting?.next && n >= approvalsAtOnce && "+"}
      <span class="sr-only"> {t.approvalsWait}</span>
    </span>
  ) : null;
}

// `tools` stands in the head (a search field, a palette button); `wide` takes the whole width.
export function Frame({ children, tools, wide }: { children: ComponentChildren; tools?: ComponentChildren; wide?: boolean }) {
  const main = useRef<HTMLElement>(null);
  const here = path.value;
  const first = useRef(true);
  useEffect(() => {
    // A new page: screen readers and the keyboard begin at its start.
    if (first.current) first.current = false;
    else if (!document.querySelector("dialog[open]")) main.current?.focus({ preventScroll: true });
  }, [here]);
  const places: [to: string, label: string, short?: string][] = [];
  if (signedIn.value && staff.value) {
    if (may("ticket.work") || may("ticket.read_all")) places.push(["/desk", t.desk]);
    if (may("statistics.read")) places.push(["/statistics", t.statistics]);
    if (may("link.read") || may("link.operate")) places.push(["/ops", t.ops]);
  }
  if (signedIn.value && !staff.value) {
    places.push(["/", t.start], ["/tickets", t.myTickets, t.ticketsShort]);
    if (mayApprove()) places.push(["/approvals", t.approvals, t.approvalsShort]);
    places.push(["/guidance", t.guidance]);
    if (may("statistics.read")) places.push(["/statistics", t.statistics]);
  }
  return (
    <div class={`frame ${wide ? "frame-wide" : ""}`}>
      <a class="skip" href="#content" onClick={(e) => { e.preventDefault(); main.current?.focus(); }}>
        {t.skip}
      </a>
      <header class="head">
        <div class="head-inner">
          <a class="brand" href={staff.value ? "/desk" : "/"} aria-label={session.value?.desk.name ?? "Ombud"}>
            <Logo />
            <span>{session.value?.desk.name ?? "Ombud"}</span>
          </a>
          {places.length > 1 && (
            <nav class={`places ${places.length > 3 ? "places-many" : ""}`} aria-label="Ombud">
              {places.map(([to, label, short]) => (
                <a key={to} href={to} class={to === "/" ? "place-start" : ""} aria-current={here === to || here.startsWith(`${to}/`) ? "page" : undefined}>
                  <span class={short ? "place-long" : ""}>{label}</span>
                  {short && <span class="place-short">{short}</span>}
                  {to === "/approvals" && <ApprovalsCount />}
                </a>
              ))}
            </nav>
          )}
          <div class="head-tools">{tools}</div>
          {signedIn.value && <NotificationBell />}
          <OwnMenu />
        </div>
      </header>
      {live.value === "away" && signedIn.value && (
        <div class="away" role="status">
          {t.away}
        </div>
      )}
      <main id="content" ref={main} tabIndex={-1}>
        {children}
      </main>
      <p class="sr-only" aria-live="polite">
        {title.value}
      </p>
      <Toasts />
    </div>
  );
}
