// The list of the operator's pages, beside the one that is shown; on a phone behind a button.
import { Activity, Building2, CircleAlert, FileCog, Handshake, History, KeyRound, MailOpen, Mails, Send, ShieldCheck, UserCog, Users, UsersRound, Headset, Layers, type IconNode } from "lucide";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { may } from "~/api/session.ts";
import { path } from "~/base/router.tsx";
import { number } from "~/base/words.ts";
import { Icon } from "~/ui/icon.tsx";
import { t as mail } from "./mail/words.ts";
import { useLinks } from "./parts/names.ts";
import { t } from "./words.ts";

interface Item {
  href: string;
  label: string;
  icon: IconNode;
  permission: string;
  count?: number;
}

function groups(dead: number): [string, Item[]][] {
  const all: [string, Item[]][] = [
    [
      t.groupNow,
      [
        { href: "/ops", label: t.overview, icon: Activity, permission: "link.read" },
        { href: "/ops/dead", label: t.deadLetters, icon: CircleAlert, permission: "delivery.read", count: dead },
        { href: "/ops/deliveries", label: t.deliveries, icon: Send, permission: "delivery.read" },
      ],
    ],
    [
      t.groupMail,
      [
        { href: "/ops/mail", label: mail.mails, icon: Mails, permission: "mail.read" },
        { href: "/ops/letters", label: mail.letters, icon: MailOpen, permission: "configuration.operate" },
      ],
    ],
    [t.groupAgreed, [{ href: "/ops/agreements", label: t.agreements, icon: Handshake, permission: "agreement.read" }]],
    [
      t.groupDirectory,
      [
        { href: "/ops/customers", label: t.customers, icon: Building2, permission: "customer.read" },
        { href: "/ops/people", label: t.people, icon: Users, permission: "person.read" },
        { href: "/ops/teams", label: t.teams, icon: UsersRound, permission: "directory.read" },
        { href: "/ops/agents", label: t.agents, icon: Headset, permission: "directory.read" },
        { href: "/ops/services", label: t.services, icon: Layers, permission: "service.read" },
      ],
    ],
    [
      t.groupAccess,
      [
        { href: "/ops/accounts", label: t.accounts, icon: UserCog, permission: "account.read" },
        { href: "/ops/roles", label: t.roles, icon: ShieldCheck, permission: "policy.read" },
        { href: "/ops/tokens", label: t.tokens, icon: KeyRound, permission: "token.manage" },
      ],
    ],
    [
      t.groupSystem,
      [
        { href: "/ops/audit", label: t.audit, icon: History, permission: "audit.read" },
        { href: "/ops/configuration", label: t.configuration, icon: FileCog, permission: "configuration.operate" },
      ],
    ],
  ];
  return all.map(([name, items]) => [name, items.filter((each) => may(each.permission))] as [string, Item[]]).filter(([, items]) => items.length > 0);
}

function isHere(href: string, here: string): boolean {
  if (href === "/ops") return here === "/ops" || here.startsWith("/ops/links/");
  return here === href || here.startsWith(`${href}/`);
}

function Pages({ here }: { here: string }) {
  const links = useLinks();
  const dead = (links.data?.items ?? []).reduce((sum, each) => sum + each.backlog.dead, 0);
  return (
    <>
      {groups(dead).map(([name, items]) => (
        <div key={name} class="ops-group">
          <p class="ops-group-name">{name}</p>
          <ul class="plain-list">
            {items.map((each) => (
              <li key={each.href}>
                <a href={each.href} aria-current={isHere(each.href, here) ? "page" : undefined}>
                  <Icon of={each.icon} /> {each.label}
                  {each.count ? <span class="ops-count">{number(each.count)}</span> : null}
                </a>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </>
  );
}

export function Shell({ children }: { children: ComponentChildren }) {
  const here = path.value;
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (menu.current) menu.current.open = false;
  }, [here]);
  return (
    <div class="ops">
      <nav class="ops-nav" aria-label={t.menu}>
        <div class="ops-nav-wide">
          <Pages here={here} />
        </div>
        <details class="ops-nav-narrow" ref={menu}>
          <summary>
            {t.menuOpen}: {groups(0).flatMap(([, items]) => items).find((each) => isHere(each.href, here))?.label ?? t.title}
          </summary>
          <Pages here={here} />
        </details>
      </nav>
      <div class="ops-page">{children}</div>
    </div>
  );
}
