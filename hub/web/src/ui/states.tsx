// The states of anything that is fetched: loading, empty, failed. The fourth and fifth, some and too many, are the page's own.
import { CloudOff, Inbox, type IconNode } from "lucide";
import { useEffect, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import type { ApiProblem } from "~/api/client.ts";
import { Icon } from "./icon.tsx";
import { t } from "./words.ts";

// Grey lines in the place of what will come. Appears after 300 ms, so that fast answers do not flicker.
export function Skeleton({ lines = 4 }: { lines?: number }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class={`skeleton ${late ? "skeleton-late" : ""}`} role="status">
      <span class="sr-only">{late ? t.loading : ""}</span>
      {Array.from({ length: lines }, (_, i) => (
        <span key={i} class="skeleton-line" aria-hidden="true" />
      ))}
    </div>
  );
}

// With `page` it is all that a page says, and its title the page's heading.
export function Empty({ icon = Inbox, title, page, children }: { icon?: IconNode; title: string; page?: boolean; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon of={icon} size={28} />
      {page ? <h1 class="empty-title">{title}</h1> : <p class="empty-title">{title}</p>}
      {children && <div class="empty-text">{children}</div>}
    </div>
  );
}

export function Failed({ problem, retry }: { problem: ApiProblem; retry?: () => void }) {
  return (
    <div class="failed" role="alert">
      <Icon of={CloudOff} size={20} />
      <div>
        <p class="failed-title">{t.failed}</p>
        <p>{problem.message}</p>
        {problem.instance && (
          <p class="quiet small">
            {t.reference}: {problem.instance}
          </p>
        )}
        {retry && (
          <button type="button" onClick={retry}>
            {t.retry}
          </button>
        )}
      </div>
    </div>
  );
}

// The usual three of a useGet in one: children are drawn with what came. `heading`: what the page is called until its
// own heading, which is among them, is there.
export function Loaded<T>({ got, lines, heading, children }: { got: { data: T | undefined; problem: ApiProblem | undefined; reload: () => unknown }; lines?: number; heading?: string; children: (data: T) => ComponentChildren }) {
  if (got.data !== undefined) return <>{children(got.data)}</>;
  return (
    <>
      {heading && <h1 class="sr-only">{heading}</h1>}
      {got.problem ? <Failed problem={got.problem} retry={() => void got.reload()} /> : <Skeleton {...(lines && { lines })} />}
    </>
  );
}
