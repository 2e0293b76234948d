// One field over all guidance; what may help is listed while the reader types, and Enter shows the whole list.
import { useSignal } from "@preact/signals";
import { Search } from "lucide";
import { useRef } from "preact/hooks";
import { useGet, type Page } from "~/api/cache.ts";
import type { Article } from "~/api/types.ts";
import { go } from "~/base/router.tsx";
import { language } from "~/base/words.ts";
import { Icon } from "~/ui/icon.tsx";
import { ArticleLink } from "./article_link.tsx";
import { useKept, useRested } from "./hooks.ts";
import { t } from "./words.ts";

const shownMax = 5;

export function useArticles(words: string, limit: number, options: { service?: string } = {}) {
  const rested = useRested(words.trim(), 180);
  const asked = rested.length >= 2;
  const got = useGet<Page<Article>>(asked ? "articles" : null, ["articles"], { q: rested, limit, language: language.value, ...options });
  const kept = useKept(asked ? got.data : undefined);
  return {
    articles: asked ? (got.data ?? kept)?.items : undefined,
    problem: asked ? got.problem : undefined,
    settled: asked && got.data !== undefined,
    words: rested,
    next: got.data?.next ?? null,
  };
}

export function GuidanceSearch() {
  const typed = useSignal("");
  const box = useRef<HTMLFormElement>(null);
  const { articles, problem, settled, words, next } = useArticles(typed.value, shownMax);
  const links = () => [...(box.current?.querySelectorAll<HTMLElement>("input[type=search], a") ?? [])];
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape" && typed.peek()) {
      event.preventDefault();
      typed.value = "";
      links()[0]?.focus();
    }
    if (!step) return;
    const all = links();
    const next = all[all.indexOf(document.activeElement as HTMLElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  const heard = !settled ? "" : articles?.length ? t.found(articles.length) : t.foundNone(words);
  return (
    <form
      ref={box}
      role="search"
      class="guidance-search"
      onKeyDown={move}
      onSubmit={(event) => {
        event.preventDefault();
        if (typed.peek().trim()) go(`/guidance?q=${encodeURIComponent(typed.peek().trim())}`);
      }}
    >
      <label for="guidance-words">{t.searchLabel}</label>
      <div class="search-field">
        <Icon of={Search} size={20} />
        <input
          id="guidance-words"
          type="search"
          name="q"
          autocomplete="off"
          enterkeyhint="search"
          placeholder={t.searchHint}
          value={typed.value}
          onInput={(e) => (typed.value = e.currentTarget.value)}
        />
        <button type="submit">{t.search}</button>
      </div>
      <p class="sr-only" role="status">
        {heard}
      </p>
      {articles && articles.length > 0 && (
        <ul class="plain-list search-results">
          {articles.map((each) => (
            <li key={each.id}>
              <ArticleLink article={each} />
            </li>
          ))}
          {(next || articles.length >= shownMax) && (
            <li>
              <a class="search-all" href={`/guidance?q=${encodeURIComponent(words)}`}>
                {t.foundAll}
              </a>
            </li>
          )}
        </ul>
      )}
      {settled && articles?.length === 0 && (
        <p class="search-none">
          <strong>{t.foundNone(words)}.</strong> {t.foundNoneText}
        </p>
      )}
      {problem && !articles && <p class="search-none">{t.searchFailed}</p>}
    </form>
  );
}
