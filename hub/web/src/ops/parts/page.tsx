// What the operator's pages have in common: a head with its actions, facts in pairs, a list's foot.
import { ArrowLeft } from "lucide";
import type { ComponentChildren } from "preact";
import { title as pageTitle } from "~/base/router.tsx";
import type { ApiProblem } from "~/api/client.ts";
import { Icon } from "~/ui/icon.tsx";
import { t as ui } from "~/ui/words.ts";

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

export function More({ list }: { list: { next: string | null; more: () => Promise<void>; loadingMore: boolean; moreProblem: ApiProblem | undefined } }) {
  if (!list.next && !list.moreProblem) return null;
  return (
    <div class="more">
      {list.moreProblem && (
        <p class="field-error" role="alert">
          {list.moreProblem.message}
        </p>
      )}
      <button type="button" onClick={() => void list.more()} aria-disabled={list.loadingMore}>
        {ui.more}
        {list.loadingMore && <span class="busy" aria-hidden="true" />}
      </button>
    </div>
  );
}
