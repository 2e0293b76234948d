// Beside a subject that is being written: guidance that may help at once. Its place is there from the beginning, so
// that nothing moves while somebody types.
import { BookOpen } from "lucide";
import { Icon } from "~/ui/icon.tsx";
import { ArticleLink } from "./article_link.tsx";
import { useArticles } from "./guidance_search.tsx";
import { t } from "./words.ts";

const shownMax = 3;

export function Suggestions({ words }: { words: string }) {
  const { articles, settled } = useArticles(words, shownMax);
  return (
    <aside class="suggestions" aria-labelledby="suggestions">
      <h2 id="suggestions">
        <Icon of={BookOpen} /> {t.maybeHelps}
      </h2>
      <p class="sr-only" role="status">
        {settled && articles?.length ? `${t.maybeHelps}: ${t.found(articles.length)}` : ""}
      </p>
      {articles?.length ? (
        <ul class="plain-list">
          {articles.map((each) => (
            <li key={each.id}>
              <ArticleLink article={each} beside />
            </li>
          ))}
        </ul>
      ) : (
        <p class="hint">{settled ? t.maybeNone : t.maybeLater}</p>
      )}
    </aside>
  );
}
