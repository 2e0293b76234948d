// What the desk has written down for users: the list, and where one writes.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { BookOpen, Plus } from "lucide";
import { api, asProblem } from "~/api/client.ts";
import { invalidate, useGet, usePages } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import type { Article, ArticleDetail } from "~/api/types.ts";
import { draft, forgetDraft } from "~/base/drafts.ts";
import { useShortcuts } from "~/base/keys.ts";
import { go, parameters, title } from "~/base/router.tsx";
import { Badge, type Tone } from "~/ui/domain.tsx";
import { Filters, FilterSelect, FilterText } from "~/ui/filters.tsx";
import { Form, SelectField, TextArea, TextField, useForm, type Mistake } from "~/ui/form.tsx";
import { Icon } from "~/ui/icon.tsx";
import { More } from "~/ui/more.tsx";
import { Empty, Failed, Loaded, Skeleton } from "~/ui/states.tsx";
import { Blocks } from "~/ui/blocks.tsx";
import { Time } from "~/ui/time.tsx";
import { toast } from "~/ui/toast.tsx";
import type { Directory } from "../directory.ts";
import { t } from "./words.ts";

type StaffArticle = Article & { version?: number; published_version?: number | null; author?: string };
type StaffDetail = ArticleDetail & StaffArticle;

function stateWord(state: Article["state"]): string {
  return { draft: t.draft, published: t.published, archived: t.archived }[state];
}
const tones: Record<Article["state"], Tone> = { draft: "info", published: "ok", archived: "neutral" };
// Written since it was published last.
function isAhead(article: StaffArticle): boolean {
  return article.state === "published" && !!article.published_version && !!article.version && article.version > article.published_version;
}

function Signs({ article }: { article: StaffArticle }) {
  return (
    <>
      <Badge tone={tones[article.state]}>{stateWord(article.state)}</Badge>
      {isAhead(article) && <Badge tone="warning">{t.unpublished}</Badge>}
    </>
  );
}

export function ArticlesPage({ directory }: { directory: Directory }) {
  title.value = t.title;
  const address = parameters.value;
  const q = address.get("q") ?? "";
  const state = address.get("state") ?? "";
  const service = address.get("service") ?? "";
  const got = usePages<StaffArticle>("articles", ["articles"], { q, state, service, limit: 50 });
  return (
    <div class="page">
      <div class="room-head">
        <h1>{t.title}</h1>
        {may("article.write") && (
          <a class="button primary" href="/desk/articles/new">
            <Icon of={Plus} /> {t.create}
          </a>
        )}
      </div>
      <Filters names={["q", "state", "service"]}>
        <FilterText name="q" label={t.find} />
        <FilterSelect name="state" label={t.state} choices={(["draft", "published", "archived"] as const).map((each) => [each, stateWord(each)] as const)} />
        <FilterSelect name="service" label={t.service} choices={directory.services.map((each) => [each.id, each.name] as const)} />
      </Filters>
      {got.problem && !got.data ? (
        <Failed problem={got.problem} retry={() => void got.reload()} />
      ) : !got.data ? (
        <Skeleton lines={6} />
      ) : got.items.length === 0 ? (
        <Empty icon={BookOpen} title={q || state || service ? t.noneFound : t.none}>
          {!(q || state || service) && <p>{t.noneText}</p>}
        </Empty>
      ) : (
        <ul class="plain-list kept-articles">
          {got.items.map((each) => (
            <li key={each.id}>
              <a class="article-title" href={`/desk/articles/${each.id}`} lang={each.language}>
                <bdi>{each.title}</bdi>
              </a>
              <span class="notice-signs">
                <Signs article={each} />
              </span>
              <p class="small" lang={each.language}>
                {each.summary}
              </p>
              <p class="quiet small">
                {[each.services.map(directory.service).join(", "), each.language === "sv" ? "Svenska" : "English"].filter(Boolean).join(" · ")} · {t.changed.toLowerCase()} <Time at={each.updated_at} /> ·{" "}
                {each.helpful + each.unhelpful > 0 ? t.helpful(each.helpful, each.helpful + each.unhelpful) : t.unrated}
              </p>
            </li>
          ))}
        </ul>
      )}
      <More list={got} />
    </div>
  );
}

function Editor({ article, directory }: { article: StaffDetail | null; directory: Directory }) {
  const form = useForm();
  const name = `article.${article?.id ?? "new"}`;
  const words = draft(name); // the text alone: that is what takes long to write
  const hadDraft = useRef(words.peek() !== "" && words.peek() !== article?.text).current;
  const headline = useSignal(article?.title ?? "");
  const summary = useSignal(article?.summary ?? "");
  const language = useSignal<string>(article?.language ?? "sv");
  const services = useSignal<ReadonlySet<string>>(new Set(article?.services ?? []));
  const kept = useSignal(hadDraft);
  const text = useSignal(hadDraft ? words.peek() : (article?.text ?? ""));
  const shown = useSignal<StaffDetail | null>(article);
  const now = JSON.stringify([headline.value, summary.value, language.value, [...services.value].sort(), text.value]);
  const saved = useSignal(hadDraft ? "" : now);
  useEffect(() => {
    words.value = text.value === (shown.peek()?.text ?? "") ? "" : text.value;
  }, [text.value]);
  const check = (): Mistake[] => {
    const wrong: Mistake[] = [];
    if (!headline.value.trim()) wrong.push({ name: "title", text: t.titleMissing });
    if (!text.value.trim()) wrong.push({ name: "text", text: t.textMissing });
    return wrong;
  };
  const save = () =>
    form.submit(check, async () => {
      const body = { title: headline.value.trim(), summary: summary.value.trim(), text: text.value, language: language.value, services: [...services.value] };
      const answer = shown.peek() ? await api.put<StaffDetail>(`articles/${shown.peek()?.id ?? 0}`, body) : await api.post<StaffDetail>("articles", body);
      const fresh = !shown.peek();
      shown.value = answer;
      saved.value = JSON.stringify([headline.value, summary.value, language.value, [...services.value].sort(), text.value]);
      forgetDraft(name);
      invalidate("articles", `article:${answer.id}`);
      toast(t.saved, { tone: "ok" });
      if (fresh) go(`/desk/articles/${answer.id}`, { replace: true });
    });
  const act = async (what: "publish" | "archive") => {
    if (what === "publish" && now !== saved.peek() && !(await save())) return;
    const id = shown.peek()?.id;
    if (!id) return;
    try {
      shown.value = { ...(shown.peek() as StaffDetail), ...(await api.post<StaffDetail>(`articles/${id}/${what}`)) };
      invalidate("articles", `article:${id}`);
      toast(what === "publish" ? t.publishedDone : t.archivedDone, { tone: "ok" });
    } catch (failed) {
      toast(asProblem(failed).message, { tone: "danger" });
    }
  };
  useShortcuts([{ keys: "mod+s", about: t.save, evenWhileTyping: true, run: () => void save() }], [now]);
  const changed = now !== saved.value;
  const current = shown.value;
  return (
    <Form state={form} onSubmit={() => void save()} class="article-editor">
      <div class="article-write">
        {kept.value && (
          <p class="compose-hint">
            {t.draftKept}{" "}
            <button
              type="button"
              class="link"
              onClick={() => {
                text.value = article?.text ?? "";
                kept.value = false;
              }}
            >
              {t.dropDraft}
            </button>
          </p>
        )}
        <TextField value={headline} name="title" label={t.headline} hint={t.headlineHint} error={form.error("title")} lang={language.value} maxLength={250} />
        <TextField value={summary} name="summary" label={t.summary} hint={t.summaryHint} optional error={form.error("summary")} lang={language.value} />
        <div class="fields-two">
          <SelectField
            value={language}
            name="language"
            label={t.language}
            choices={[
              ["sv", "Svenska"],
              ["en", "English"],
            ]}
          />
        </div>
        <fieldset class="choices check-grid">
          <legend>{t.services}</legend>
          {directory.services.map((each) => (
            <div class="check" key={each.id}>
              <input
                type="checkbox"
                id={`about-${each.id}`}
                checked={services.value.has(each.id)}
                onChange={(event) => {
                  const next = new Set(services.value);
                  if (event.currentTarget.checked) next.add(each.id);
                  else next.delete(each.id);
                  services.value = next;
                }}
              />
              <label for={`about-${each.id}`}>{each.name}</label>
            </div>
          ))}
        </fieldset>
        <TextArea value={text} name="text" label={t.text} hint={t.textHint} error={form.error("text")} lang={language.value} class="article-text" />
        <div class="buttons article-do">
          <button type="submit" class={changed ? "primary" : ""} aria-disabled={form.busy.value}>
            {t.save} <span class="quiet small send-keys">Ctrl S</span>
          </button>
          {may("article.publish") && current && (
            <>
              {(current.state !== "published" || isAhead(current) || changed) && (
                <button type="button" class={changed ? "" : "primary"} onClick={() => void act("publish")}>
                  {current.state === "published" ? t.publishChanges : t.publish}
                </button>
              )}
              {current.state === "published" && (
                <button type="button" onClick={() => void act("archive")}>
                  {t.archive}
                </button>
              )}
            </>
          )}
          {current && <Signs article={current} />}
          {changed && <span class="quiet small">{t.unsaved}</span>}
        </div>
      </div>
      <section class="article-preview" aria-label={t.preview}>
        <h2>{t.preview}</h2>
        {current ? (
          <>
            {changed && <p class="quiet small">{t.previewOld}</p>}
            <article class="card" lang={current.language}>
              <h3 class="article-preview-title">{current.title}</h3>
              <Blocks blocks={current.blocks} />
            </article>
          </>
        ) : (
          <p class="quiet">{t.previewEmpty}</p>
        )}
      </section>
    </Form>
  );
}

export function ArticlePage({ id, directory }: { id: number | null; directory: Directory }) {
  const got = useGet<StaffDetail>(id ? `articles/${id}` : null, id ? [`article:${id}`] : []);
  title.value = got.data?.title ?? (id ? t.title : t.create);
  return (
    <div class="page article-page">
      <a href="/desk/articles">← {t.back}</a>
      <h1>{got.data?.title ?? (id ? t.title : t.create)}</h1>
      {id ? (
        <Loaded got={got} lines={8}>
          {(article) =>
            may("article.write") ? (
              <Editor key={id} article={article} directory={directory} />
            ) : (
              <>
                <p class="quiet">{t.readOnly}</p>
                <Blocks blocks={article.blocks} />
              </>
            )
          }
        </Loaded>
      ) : (
        <Editor key="new" article={null} directory={directory} />
      )}
    </div>
  );
}
