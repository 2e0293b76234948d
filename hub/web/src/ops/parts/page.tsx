// What the operator's pages have in common: a head with its actions, facts in pairs, a list's foot.
import { ArrowLeft } from "lucide";
import type { ComponentChildren } from "preact";
import { title as pageTitle } from "~/base/router.tsx";
import { Icon } from "~/ui/icon.tsx";

export function PageHead({ title, about, actions, up, badge }: { title: string; about?: ComponentChildren; actions?: ComponentChildren; up?: { href: string; label: string }; badge?: ComponentChildren }) {
  pageTitle.value = title;
  return (
    <div class="page-head">
      {up && (
        <a class="page-up" href={up.href}>
          <Icon of={ArrowLeft} size={14} /> {up.label}
        </a>
      )}
      <div class="page-head-row">
        <h1>
          <bdi>{title}</bdi>
          {badge}
        </h1>
        {actions && <div class="buttons">{actions}</div>}
      </div>
      {about && <div class="page-about">{about}</div>}
    </div>
  );
}

export function Section({ title, actions, children, class: name }: { title: string; actions?: ComponentChildren; children: ComponentChildren; class?: string }) {
  return (
    <section class={`section ${name ?? ""}`}>
      <div class="section-head">
        <h2>{title}</h2>
        {actions && <div class="buttons">{actions}</div>}
      </div>
      {children}
    </section>
  );
}

// Pairs of a word and what it is; those without a value are left out.
export function Facts({ facts, wide }: { facts: readonly (readonly [label: string, value: ComponentChildren])[]; wide?: boolean }) {
  return (
    <dl class={`facts ${wide ? "facts-wide" : ""}`}>
      {facts
        .filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false)
        .map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
