// /guidance: all that is written, or what answers the words in the address.
import { BookOpen, SearchX } from "lucide";
import { useEffect } from "preact/hooks";
import { usePages } from "~/api/cache.ts";
import type { Article } from "~/api/types.ts";
import { parameters, restoreScroll, setParameters, title } from "~/base/router.tsx";
import { language } from "~/base/words.ts";
import { More } from "~/ui/more.tsx";
import { Empty, Failed, Skeleton } from "~/ui/states.tsx";
import { ArticleLink } from "./article_link.tsx";
import { useServices } from "./service.ts";
import { t } from "./words.ts";
import { WordsField } from "./words_field.tsx";

const pageSize = 30;

export function GuidanceList() {
  title.value = t.guidance;
  const words = parameters.value.get("q") ?? "";
  const service = parameters.value.get("service") ?? "";
  const services = useServices();
  const got = usePages<Article>("articles", ["articles"], { q: words, service, language: language.value, limit: pageSize });
  useEffect(() => {
    if (got.data) restoreScroll();
  }, [got.data !== undefined]);
  const known = services.data?.items ?? [];
  return (
    <div class="page portal">
      <h1>{t.guidanceTitle}</h1>
      <p class="quiet">{t.guidanceAbout}</p>
      <div class="list-filters">
        <WordsField label={t.searchLabel} hint={t.searchHint} />
        {known.length > 1 && (
          <label class="filter-select">
            <span class="sr-only">{t.serviceFact}</span>
            <select value={service} onChange={(e) => setParameters({ service: e.currentTarget.value })}>
              <option value="">{t.allServices}</option>
              {known.map((each) => (
                <option key={each.id} value={each.id}>
                  {each.name}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <p class="sr-only" role="status">
        {got.data && words ? (got.items.length ? t.found(got.items.length) : t.foundNone(words)) : ""}
      </p>
      {!got.data && got.problem && <Failed problem={got.problem} retry={() => void got.reload()} />}
      {!got.data && !got.problem && <Skeleton lines={6} />}
      {got.data && got.items.length > 0 && (
        <ul class="plain-list guidance-list">
          {got.items.map((each) => (
            <li key={each.id}>
              <ArticleLink article={each} />
            </li>
          ))}
        </ul>
      )}
      {got.data && got.items.length === 0 && (
        <Empty icon={words ? SearchX : BookOpen} title={words ? t.foundNone(words) : t.guidanceEmpty}>
          <p>{words ? t.foundNoneText : t.guidanceEmptyText}</p>
          <a class="button" href="/new?kind=question">
            {t.writeToUs}
          </a>
        </Empty>
      )}
      <More list={got} />
    </div>
  );
}
