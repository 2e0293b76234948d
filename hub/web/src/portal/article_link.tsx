import { prefetch } from "~/api/cache.ts";
import type { Article } from "~/api/types.ts";
import { language } from "~/base/words.ts";
import { t } from "./words.ts";

export function articlePath(id: number): string {
  return `articles/${id}`;
}

// An article in a list. `beside`: opens next to what the reader is writing.
export function ArticleLink({ article, beside }: { article: Article; beside?: boolean }) {
  const foreign = article.language !== language.value;
  return (
    <a
      class="article-link"
      href={`/guidance/${article.id}`}
      onPointerEnter={() => prefetch(articlePath(article.id), [`article:${article.id}`])}
      {...(beside && { target: "_blank", rel: "noopener" })}
    >
      <span class="article-link-title" lang={article.language} dir="auto">
        {article.title}
      </span>
      {foreign && <span class="quiet small"> ({t.otherLanguage[article.language] ?? article.language})</span>}
      {beside && <span class="sr-only"> ({t.opensBeside})</span>}
      {article.summary && (
        <span class="article-link-summary" lang={article.language} dir="auto">
          {article.summary}
        </span>
      )}
    </a>
  );
}
