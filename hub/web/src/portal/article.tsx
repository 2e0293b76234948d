// One article: its text, whether it helped, and the way on for whom it did not.
import { useSignal } from "@preact/signals";
import { BookX, ThumbsDown, ThumbsUp } from "lucide";
import { useEffect } from "preact/hooks";
import { api, asProblem } from "~/api/client.ts";
import { useGet } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import type { ArticleDetail } from "~/api/types.ts";
import { restoreScroll, title } from "~/base/router.tsx";
import { date } from "~/base/time.ts";
import { language } from "~/base/words.ts";
import { Icon } from "~/ui/icon.tsx";
import { Empty, Loaded } from "~/ui/states.tsx";
import { Blocks } from "~/ui/blocks.tsx";
import { toast } from "~/ui/toast.tsx";
import { articlePath } from "./article_link.tsx";
import { t } from "./words.ts";

export function ArticlePage({ id }: { id: number }) {
  const got = useGet<ArticleDetail>(Number.isInteger(id) ? articlePath(id) : null, [`article:${id}`]);
  title.value = got.data?.title ?? t.guidance;
  useEffect(() => {
    if (got.data) restoreScroll();
  }, [got.data !== undefined]);
  if (!Number.isInteger(id) || (got.problem?.status === 404 && !got.data)) {
    return (
      <div class="page page-narrow">
        <Empty page icon={BookX} title={t.articleGone}>
          <p>{t.articleGoneText}</p>
          <a class="button" href="/guidance">
            {t.backToGuidance}
          </a>
        </Empty>
      </div>
    );
  }
  return (
    <div class="page page-narrow">
      <p class="crumb no-print">
        <a href="/guidance">{t.backToGuidance}</a>
      </p>
      <Loaded got={got} lines={8} heading={t.guidance}>
        {(article) => (
          <>
            <article lang={article.language}>
              <h1 dir="auto">{article.title}</h1>
              <p class="quiet small" lang={language.value}>
                {t.articleUpdated} {date(article.updated_at)}
              </p>
              <Blocks blocks={article.blocks} />
            </article>
            <Helpful article={article} change={(yours) => got.expect((data) => ({ ...data, yours }))} />
          </>
        )}
      </Loaded>
    </div>
  );
}

function Helpful({ article, change }: { article: ArticleDetail; change: (yours: boolean) => void }) {
  const said = useSignal<boolean | null>(article.yours ?? null);
  const say = async (helpful: boolean) => {
    const before = said.peek();
    said.value = helpful;
    try {
      await api.post(`${articlePath(article.id)}/feedback`, { helpful });
      change(helpful);
    } catch (failed) {
      said.value = before;
      toast(asProblem(failed).message, { tone: "danger" });
    }
  };
  return (
    <section class="helpful no-print" aria-labelledby="helpful">
      <h2 id="helpful">{t.helpful}</h2>
      <div class="buttons">
        <button type="button" aria-pressed={said.value === true} onClick={() => void say(true)}>
          <Icon of={ThumbsUp} /> {t.yes}
        </button>
        <button type="button" aria-pressed={said.value === false} onClick={() => void say(false)}>
          <Icon of={ThumbsDown} /> {t.no}
        </button>
      </div>
      <p role="status">{said.value === true ? t.helpfulYes : said.value === false ? t.helpfulNo : ""}</p>
      {may("ticket.register") && (
        <p>
          {said.value !== false && <>{t.stillNeedHelp} </>}
          <a class={said.value === false ? "button primary" : ""} href={`/new?kind=question&article=${article.id}`}>
            {t.writeToUs}
          </a>
        </p>
      )}
    </section>
  );
}
