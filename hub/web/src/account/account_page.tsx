import type { ComponentChildren } from "preact";
import { path } from "~/base/router.tsx";
import { session } from "~/api/session.ts";
import { approves } from "./approving.tsx";
import { t as notifications } from "./notification_words.ts";
import { t } from "./words.ts";

export function AccountPage({ children }: { children: ComponentChildren }) {
  const parts: [string, string][] = [
    ["/account", t.profile],
    ["/account/security", t.security],
    ["/account/sessions", t.devices],
    ...(session.value?.person ? [["/account/notifications", notifications.title] satisfies [string, string]] : []),
    ...(approves() ? [["/account/approvals", t.approving] satisfies [string, string]] : []),
    ["/account/tokens", t.tokens],
  ];
  return (
    <div class="page account">
      <h1>{t.account}</h1>
      <div class="account-columns">
        <nav class="account-nav" aria-label={t.sections}>
          {parts.map(([to, label]) => (
            <a key={to} href={to} aria-current={path.value === to ? "page" : undefined}>
              {label}
            </a>
          ))}
        </nav>
        <div class="account-part">{children}</div>
      </div>
    </div>
  );
}
