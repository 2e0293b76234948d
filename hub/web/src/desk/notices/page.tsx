// What goes on right now, and what users shall know of it.
import { useSignal } from "@preact/signals";
import { Megaphone, Plus, TriangleAlert, Wrench, Info, ExternalLink } from "lucide";
import { api, asProblem } from "~/api/client.ts";
import { invalidate, useGet, usePages, type Page } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import type { Notice } from "~/api/types.ts";
import { dateAndTime } from "~/base/time.ts";
import { title } from "~/base/router.tsx";
import { Badge, type Tone } from "~/ui/domain.tsx";
import { Icon } from "~/ui/icon.tsx";
import { More } from "~/ui/more.tsx";
import { Empty, Failed, Loaded, Skeleton } from "~/ui/states.tsx";
import { PlainText } from "~/ui/text.tsx";
import { Time } from "~/ui/time.tsx";
import { toast } from "~/ui/toast.tsx";
import { t as ui } from "~/ui/words.ts";
import type { Directory } from "../directory.ts";
import { CreateDialog, DismissDialog, EditDialog, PromoteDialog, PublishDialog } from "./dialogs.tsx";
import { t } from "./words.ts";

export type OwnNotice = Notice & { for_all?: boolean };

function kindSign(kind: Notice["kind"]) {
  return { maintenance: { icon: Wrench, word: t.maintenance }, outage: { icon: TriangleAlert, word: t.outage }, information: { icon: Info, word: t.information } }[kind];
}
function stateSign(state: Notice["state"]): [Tone, string] {
  const signs: Record<Notice["state"], [Tone, string]> = { announced: ["info", t.announced], ongoing: ["warning", t.ongoing], over: ["neutral", t.over], cancelled: ["neutral", t.cancelled] };
  return signs[state];
}
function reviewWord(review: Notice["review"]): string {
  return { new: t.reviewNew, published: t.reviewPublished, dismissed: t.reviewDismissed }[review];
}
const isOwn = (notice: Notice) => !notice.link;

function Signs({ notice }: { notice: OwnNotice }) {
  const kind = kindSign(notice.kind);
  const [tone, state] = stateSign(notice.state);
  return (
    <span class="notice-signs">
      <Badge icon={kind.icon}>{kind.word}</Badge>
      <Badge tone={tone}>{state}</Badge>
      <Badge tone={notice.review === "new" ? "accent" : "neutral"}>{reviewWord(notice.review)}</Badge>
      {notice.news && <Badge tone="info">{t.news}</Badge>}
    </span>
  );
}

function When({ notice }: { notice: Notice }) {
  return (
    <span class="quiet small">
      {notice.starts_at ? dateAndTime(notice.starts_at) : <Time at={notice.created_at} />} – {notice.ends_at ? dateAndTime(notice.ends_at) : t.untilEnded}
    </span>
  );
}

function whom(notice: OwnNotice, directory: Directory): string {
  if (notice.for_all) return t.allCustomers;
  return notice.customers.map((each) => directory.customer(each.customer)).join(", ") || t.nobody;
}

function NoticeRow({ notice, directory }: { notice: OwnNotice; directory: Directory }) {
  return (
    <li class={`notice-row ${notice.review === "new" ? "notice-new" : ""}`}>
      <a class="notice-title" href={`/desk/notices/${notice.id}`}>
        <bdi>{notice.public_title || notice.title}</bdi>
      </a>
      <Signs notice={notice} />
      <p class="small">
        {isOwn(notice) ? t.own : t.from(notice.supplier ?? notice.link ?? "")} · {t.concerns.toLowerCase()}: {whom(notice, directory)}
      </p>
      <When notice={notice} />
    </li>
  );
}

type What = "publish" | "dismiss" | "promote" | "edit";

interface LogLine {
  id: number;
  at: string;
  actor: string;
  type: string;
}

function Log({ notice, directory }: { notice: number; directory: Directory }) {
  const got = useGet<Page<LogLine>>(`notices/${notice}/events`, [`notice:${notice}`]);
  const words: Record<string, string> = { told: t.logTold, published: t.logPublished, dismissed: t.logDismissed, promoted: t.logPromoted, announced: t.logAnnounced, edited: t.logEdited, ended: t.logEnded };
  return (
    <Loaded got={got} lines={2}>
      {({ items }) => (
        <ul class="plain-list small">
          {items.map((each) => (
            <li key={each.id}>
              {words[each.type] ?? each.type} <span class="quiet">{each.actor.startsWith("system") ? "" : directory.actor(each.actor)}</span> <Time at={each.at} />
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}

export function NoticePage({ id, directory }: { id: number; directory: Directory }) {
  const got = useGet<OwnNotice>(`notices/${id}`, [`notice:${id}`]);
  const asked = useSignal<What | null>(null);
  title.value = got.data ? got.data.public_title || got.data.title : t.title;
  const end = async (notice: Notice) => {
    try {
      await api.post(`notices/${notice.id}/end`);
      invalidate(`notice:${notice.id}`, "notices");
      toast(t.ended, { tone: "ok" });
    } catch (failed) {
      toast(asProblem(failed).message, { tone: "danger" });
    }
  };
  return (
    <div class="page page-narrow">
      <a href="/desk/notices">← {t.back}</a>
      <Loaded got={got} lines={6} heading={t.title}>
        {(notice) => {
          const current = notice.state === "announced" || notice.state === "ongoing";
          const close = () => (asked.value = null);
          const props = { notice, directory, close };
          const url = notice.url && /^https?:/i.test(notice.url) ? notice.url : undefined;
          const unpromoted = notice.kind !== "information" && notice.customers.some((each) => !each.ticket);
          return (
            <>
              <h1 class="notice-heading">
                <bdi>{notice.public_title || notice.title}</bdi>
              </h1>
              <Signs notice={notice} />
              {may("notice.work") && (
                <div class="buttons notice-do">
                  {(notice.review !== "published" || notice.news) && (
                    <button type="button" class="primary" onClick={() => (asked.value = "publish")}>
                      {t.publish}
                    </button>
                  )}
                  {current && unpromoted && (
                    <button type="button" onClick={() => (asked.value = "promote")}>
                      {t.promote}
                    </button>
                  )}
                  {isOwn(notice) && current && (
                    <>
                      <button type="button" onClick={() => (asked.value = "edit")}>
                        {t.edit}
                      </button>
                      <button type="button" onClick={() => void end(notice)}>
                        {t.end}
                      </button>
                    </>
                  )}
                  {notice.review !== "dismissed" && (
                    <button type="button" onClick={() => (asked.value = "dismiss")}>
                      {t.dismiss}
                    </button>
                  )}
                </div>
              )}
              <dl class="notice-particulars">
                <div>
                  <dt>{t.starts}</dt>
                  <dd>{notice.starts_at ? dateAndTime(notice.starts_at) : dateAndTime(notice.created_at)}</dd>
                </div>
                <div>
                  <dt>{t.ends}</dt>
                  <dd>{notice.ends_at ? dateAndTime(notice.ends_at) : t.untilEnded}</dd>
                </div>
                <div>
                  <dt>{t.concerns}</dt>
                  <dd>
                    {notice.for_all && t.allCustomers}
                    <ul class="plain-list">
                      {notice.customers.map((each) => (
                        <li key={each.customer}>
                          {directory.customer(each.customer)}
                          {each.services.length > 0 && <span class="quiet">: {each.services.map(directory.service).join(", ")}</span>}
                          {each.ticket && (
                            <>
                              {" "}
                              <a href={`/desk/tickets/${each.ticket}`}>
                                {t.ticket} {each.ticket}
                              </a>
                            </>
                          )}
                        </li>
                      ))}
                    </ul>
                    {!notice.for_all && notice.customers.length === 0 && t.nobody}
                  </dd>
                </div>
                {notice.reason && (
                  <div>
                    <dt>{t.reason}</dt>
                    <dd>{notice.reason}</dd>
                  </div>
                )}
              </dl>
              {notice.review === "published" && (
                <section class="card to-user notice-public">
                  <h2>{t.usersRead}</h2>
                  <h3>
                    <bdi>{notice.public_title || notice.title}</bdi>
                  </h3>
                  <PlainText text={notice.public_text || notice.text} />
                </section>
              )}
              {!isOwn(notice) ? (
                <section class="card to-supplier notice-public">
                  <h2>
                    {t.theirWords}, {notice.supplier}
                  </h2>
                  <h3>
                    <bdi>{notice.title}</bdi>
                  </h3>
                  <PlainText text={notice.text} />
                  {url && (
                    <a href={url} target="_blank" rel="noopener noreferrer">
                      {t.toSupplier} <Icon of={ExternalLink} size={14} label={ui.newWindow} />
                    </a>
                  )}
                </section>
              ) : (
                notice.review !== "published" && <PlainText text={notice.text} />
              )}
              {may("notice.log") && (
                <details>
                  <summary>{t.log}</summary>
                  <Log notice={notice.id} directory={directory} />
                </details>
              )}
              {asked.value === "publish" && <PublishDialog {...props} />}
              {asked.value === "dismiss" && <DismissDialog {...props} />}
              {asked.value === "promote" && <PromoteDialog {...props} />}
              {asked.value === "edit" && <EditDialog {...props} />}
            </>
          );
        }}
      </Loaded>
    </div>
  );
}

export function NoticesPage({ directory }: { directory: Directory }) {
  title.value = t.title;
  const creating = useSignal(false);
  const old = useSignal(false);
  const current = usePages<OwnNotice>("notices", ["notices"], { current: true, limit: 100 });
  const all = usePages<OwnNotice>(old.value ? "notices" : null, ["notices"], { limit: 50 });
  const review = current.items.filter((each) => each.review === "new" || each.news);
  const shown = current.items.filter((each) => each.review === "published" && !each.news);
  const known = new Set([...review, ...shown].map((each) => each.id));
  const list = (name: string, items: OwnNotice[]) =>
    items.length > 0 && (
      <section>
        <h2>{name}</h2>
        <ul class="plain-list notice-list">
          {items.map((each) => (
            <NoticeRow key={each.id} notice={each} directory={directory} />
          ))}
        </ul>
      </section>
    );
  return (
    <div class="page page-narrow">
      <div class="room-head">
        <h1>{t.title}</h1>
        {may("notice.work") && (
          <button type="button" class="primary" onClick={() => (creating.value = true)}>
            <Icon of={Plus} /> {t.create}
          </button>
        )}
      </div>
      <p class="quiet">{t.about}</p>
      {current.problem && !current.data ? (
        <Failed problem={current.problem} retry={() => void current.reload()} />
      ) : !current.data ? (
        <Skeleton lines={5} />
      ) : review.length + shown.length === 0 ? (
        <Empty icon={Megaphone} title={t.none}>
          <p>{t.noneText}</p>
        </Empty>
      ) : (
        <>
          {list(t.toReview, review)}
          {list(t.shown, shown)}
        </>
      )}
      <More list={current} />
      <button type="button" class="plain notice-old" aria-expanded={old.value} onClick={() => (old.value = !old.value)}>
        {old.value ? t.hideEarlier : t.showEarlier}
      </button>
      {old.value && (
        <Loaded got={all} lines={4}>
          {() => (
            <>
              {list(
                t.earlier,
                all.items.filter((each) => !known.has(each.id)),
              )}
              {all.next && (
                <button type="button" onClick={() => void all.more()}>
                  {ui.more}
                </button>
              )}
            </>
          )}
        </Loaded>
      )}
      {creating.value && <CreateDialog directory={directory} close={() => (creating.value = false)} />}
    </div>
  );
}
