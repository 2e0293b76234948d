// Beside the ticket: who it is about, what was promised, and what may help.
import { useSignal, type Signal } from "@preact/signals";
import { Mail, Phone, Plus, X } from "lucide";
import type { ComponentChildren } from "preact";
import { api, asProblem } from "~/api/client.ts";
import { invalidate, useGet, type Page } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import type { Article, ArticleDetail, Notice, Person, Relation, TicketDetail, TicketRow } from "~/api/types.ts";
import { dateAndTime, duration } from "~/base/time.ts";
import { statusWord } from "~/ui/domain.tsx";
import { Combobox } from "~/ui/combobox.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Loaded } from "~/ui/states.tsx";
import { Time } from "~/ui/time.tsx";
import { toast } from "~/ui/toast.tsx";
import { t as ui } from "~/ui/words.ts";
import { shortAge } from "../age.ts";
import type { Directory } from "../directory.ts";
import { ticketPath } from "../filters.ts";
import { readAhead } from "../row.tsx";
import type { Audience, SimilarRow } from "../types.ts";
import { canUndo } from "../undo.ts";
import { inserter } from "./composer.tsx";
import type { Asked } from "./dialogs.tsx";
import { Stranger } from "./stranger.tsx";
import { useAgreements } from "./hand_over.tsx";
import { useLater } from "./ticket_find.tsx";
import { t } from "./words.ts";

function Part({ title, children, tools }: { title: string; children: ComponentChildren; tools?: ComponentChildren }) {
  return (
    <section class="side-part">
      <h2>
        {title}
        {tools}
      </h2>
      {children}
    </section>
  );
}

function TicketLinks({ rows, none }: { rows: readonly (Pick<TicketRow, "id" | "reference" | "subject" | "status"> & { created_at?: string })[]; none: string }) {
  if (rows.length === 0) return <p class="quiet small">{none}</p>;
  return (
    <ul class="plain-list side-tickets">
      {rows.map((each) => (
        <li key={each.id}>
          <a href={ticketPath(each.id)} onMouseEnter={() => readAhead(each.id)}>
            <span class="figures">{each.reference}</span> <bdi>{each.subject}</bdi>
          </a>
          <span class="quiet small">
            {statusWord(each.status)}
            {each.created_at && ` · ${shortAge(each.created_at)}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

function UserPart({ ticket, directory }: { ticket: TicketDetail; directory: Directory }) {
  if (!ticket.requester && ticket.may?.includes("set_requester")) {
    return (
      <Part title={t.user}>
        <Stranger ticket={ticket} directory={directory} />
      </Part>
    );
  }
  const person = ticket.requester_detail;
  const name = person?.name ?? ticket.requester_name;
  return (
    <Part title={t.user}>
      <p class="side-person">
        <strong>
          <bdi>{name ?? "–"}</bdi>
        </strong>
        {person?.approver && <span class="quiet small"> ({t.approver})</span>}
        <br />
        {ticket.customer_name ?? directory.customer(ticket.customer)}
      </p>
      {person?.phone && (
        <a class="side-contact" href={`tel:${person.phone.replace(/[^\d+]/g, "")}`}>
          <Icon of={Phone} size={14} /> {person.phone}
        </a>
      )}
      {person?.email && (
        <a class="side-contact" href={`mailto:${person.email}`}>
          <Icon of={Mail} size={14} /> {person.email}
        </a>
      )}
    </Part>
  );
}

function Participants({ ticket }: { ticket: TicketDetail }) {
  const adding = useSignal(false);
  const text = useSignal("");
  const asked = useLater(text.value);
  const people = useGet<Page<Person>>(adding.value && asked.length > 1 ? "people" : null, [], { q: asked, customer: ticket.customer, limit: 10 }).data?.items ?? [];
  const list = ticket.participants ?? [];
  const tell = (failed: unknown) => toast(asProblem(failed).message, { tone: "danger" });
  const add = async (body: { person: number } | { email: string; name: string }, name: string) => {
    try {
      await api.post(`tickets/${ticket.id}/participants`, body);
      invalidate(`ticket:${ticket.id}`);
      adding.value = false;
      text.value = "";
      toast(t.participantAdded(name), { tone: "ok" });
    } catch (failed) {
      tell(failed);
    }
  };
  const remove = async (person: { person: number; name: string }) => {
    try {
      await api.delete(`tickets/${ticket.id}/participants/${person.person}`);
      invalidate(`ticket:${ticket.id}`);
      canUndo(t.participantRemoved(person.name), () => add({ person: person.person }, person.name));
    } catch (failed) {
      tell(failed);
    }
  };
  const mail = /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(asked.trim()) ? asked.trim() : "";
  const unknown = mail && !people.some((each) => each.email.toLowerCase() === mail.toLowerCase());
  return (
    <Part
      title={t.participants}
      tools={
        may("ticket.work") && (
          <button type="button" class="plain icon-button side-add" aria-label={t.addParticipant} title={t.addParticipant} aria-expanded={adding.value} onClick={() => (adding.value = !adding.value)}>
            <Icon of={adding.value ? X : Plus} />
          </button>
        )
      }
    >
      {list.length > 0 && (
        <ul class="plain-list">
          {list.map((each) => (
            <li key={each.person} class="side-row">
              <span title={each.email}>{each.name}</span>
              {may("ticket.work") && (
                <button type="button" class="plain icon-button side-add" aria-label={t.removeParticipant(each.name)} onClick={() => void remove(each)}>
                  <Icon of={X} size={14} />
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {list.length === 0 && !adding.value && <p class="quiet small">–</p>}
      {adding.value && (
        <Combobox
          label={t.participantFind}
          hideLabel
          prompt={t.participantFind}
          text={text}
          autoFocus
          options={[...people.map((each) => ({ id: String(each.id), label: each.name, about: each.email })), ...(unknown ? [{ id: "new", label: mail, about: t.addParticipant }] : [])]}
          choose={(id) => {
            const person = people.find((each) => String(each.id) === id);
            if (person) void add({ person: person.id }, person.name);
            else void add({ email: mail, name: mail.split("@")[0] ?? mail }, mail);
          }}
        />
      )}
    </Part>
  );
}

function Relations({ ticket, ask }: { ticket: TicketDetail; ask: (what: Asked) => void }) {
  const words: Record<Relation["kind"], string> = { parent: t.relationParent, child: t.relationChild, related: t.relationRelated, duplicate_of: t.relationDuplicateOf, duplicated_by: t.relationDuplicatedBy };
  const remove = async (other: Relation) => {
    try {
      await api.delete(`tickets/${ticket.id}/relations/${other.ticket}`);
      invalidate(`ticket:${ticket.id}`, `ticket:${other.ticket}`);
      canUndo(t.unlinked(other.reference), async () => {
        await api.post(`tickets/${ticket.id}/relations`, { kind: other.kind, ticket: other.ticket });
        invalidate(`ticket:${ticket.id}`, `ticket:${other.ticket}`);
      });
    } catch (failed) {
      toast(asProblem(failed).message, { tone: "danger" });
    }
  };
  const list = ticket.relations ?? [];
  return (
    <Part
      title={t.relations}
      tools={
        may("ticket.work") && (
          <button type="button" class="plain icon-button side-add" aria-label={t.link} title={t.link} onClick={() => ask("link")}>
            <Icon of={Plus} />
          </button>
        )
      }
    >
      {list.length === 0 && <p class="quiet small">–</p>}
      <ul class="plain-list side-tickets">
        {list.map((each) => (
          <li key={`${each.kind}-${each.ticket}`} class="side-row">
            <span>
              <span class="quiet small">{words[each.kind]}</span>
              <br />
              <a href={ticketPath(each.ticket)}>
                <span class="figures">{each.reference}</span> <bdi>{each.subject}</bdi>
              </a>{" "}
              <span class="quiet small">{statusWord(each.status)}</span>
            </span>
            {may("ticket.work") && (
              <button type="button" class="plain icon-button side-add" aria-label={t.removeLink(each.reference)} onClick={() => void remove(each)}>
                <Icon of={X} size={14} />
              </button>
            )}
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Agreements({ ticket, directory }: { ticket: TicketDetail; directory: Directory }) {
  const { got, fitting } = useAgreements(ticket);
  const links = useGet<Page<{ id: string; supplier: string }>>("links", ["links"]).data?.items ?? [];
  return (
    <Part title={t.agreements}>
      <Loaded got={got} lines={2}>
        {() =>
          fitting.length === 0 ? (
            <p class="quiet small">{t.noAgreements}</p>
          ) : (
            <ul class="plain-list">
              {fitting.map((each) => (
                <li key={each.id}>
                  <strong>{links.find((link) => link.id === each.link)?.supplier ?? each.link}</strong>
                  <span class="quiet small side-line">
                    {[each.services.map(directory.service).join(", "), each.resolve_within_ms && t.promises(duration(each.resolve_within_ms))].filter(Boolean).join(" · ")}
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Part>
  );
}

function Notices({ ticket }: { ticket: TicketDetail }) {
  const got = useGet<Page<Notice>>("notices", ["notices"], { current: true, limit: 50 });
  const here = (got.data?.items ?? []).filter((each) => each.review !== "dismissed" && each.customers.some((c) => c.customer === ticket.customer && (c.services.length === 0 || !ticket.service || c.services.includes(ticket.service))));
  if (here.length === 0) return null;
  return (
    <Part title={t.noticesHere}>
      <ul class="plain-list">
        {here.map((each) => (
          <li key={each.id} class="side-notice">
            <a href={`/desk/notices/${each.id}`}>{each.public_title || each.title}</a>
            <span class="quiet small side-line">
              {each.starts_at && <Time at={each.starts_at} />} {each.supplier}
            </span>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Articles({ ticket, audience }: { ticket: TicketDetail; audience: Signal<Audience | null> }) {
  const text = useSignal("");
  const asked = useLater(text.value);
  // Before anything is typed: what is written about the ticket's service.
  const query = asked.trim() ? { q: asked.trim() } : ticket.service ? { service: ticket.service } : null;
  const got = useGet<Page<Article>>(query ? "articles" : null, ["articles"], { ...query, state: "published", limit: 6 });
  const put = async (article: Article, whole: boolean) => {
    try {
      const link = `${article.title}: ${window.location.origin}/guidance/${article.id}`;
      const words = whole ? ((await api.get<ArticleDetail>(`articles/${article.id}`)).text ?? link) : link;
      if (!audience.peek()) audience.value = "user";
      setTimeout(() => inserter.peek()?.(words), 60); // the box opens first
    } catch (failed) {
      toast(asProblem(failed).message, { tone: "danger" });
    }
  };
  return (
    <Part title={t.articles}>
      <input type="search" class="side-search" aria-label={t.articleFind} placeholder={t.articleFind} value={text.value} onInput={(event) => (text.value = event.currentTarget.value)} />
      {query && (
        <Loaded got={got} lines={2}>
          {({ items }) =>
            items.length === 0 ? (
              <p class="quiet small">{t.articleNone}</p>
            ) : (
              <ul class="plain-list">
                {items.map((each) => (
                  <li key={each.id} class="side-article">
                    <a href={`/desk/articles/${each.id}`}>{each.title}</a>
                    <span class="side-do">
                      <button type="button" class="link" onClick={() => void put(each, false)} aria-label={`${t.insertLink}: ${each.title}`}>
                        {t.insertLink}
                      </button>
                      <button type="button" class="link" onClick={() => void put(each, true)} aria-label={`${t.insertText}: ${each.title}`}>
                        {t.insertText}
                      </button>
                    </span>
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      )}
    </Part>
  );
}

export function SidePanel({ ticket, directory, close, ask, audience }: { ticket: TicketDetail; directory: Directory; close: () => void; ask: (what: Asked) => void; audience: Signal<Audience | null> }) {
  const others = useGet<Page<TicketRow>>(ticket.requester ? "tickets" : null, ["tickets"], { requester: ticket.requester, limit: 6 });
  const similar = useGet<Page<SimilarRow>>(`tickets/${ticket.id}/similar`, [`ticket:${ticket.id}`]);
  const times: [string, string | null][] = [
    [t.registeredAt, ticket.created_at],
    [t.changedAt, ticket.updated_at],
    [t.resolvedAt, ticket.resolved_at],
    [t.closedAt, ticket.closed_at],
  ];
  return (
    <aside class="side" aria-label={t.side}>
      <button type="button" class="plain icon-button side-close no-print" aria-label={ui.close} onClick={close}>
        <Icon of={X} />
      </button>
      <UserPart ticket={ticket} directory={directory} />
      <Notices ticket={ticket} />
      <Agreements ticket={ticket} directory={directory} />
      <Part title={t.similar}>
        <Loaded got={similar} lines={2}>
          {({ items }) => <TicketLinks rows={items.slice(0, 5)} none={t.noSimilar} />}
        </Loaded>
      </Part>
      <Part title={t.othersOfUser}>
        {ticket.requester ? (
          <Loaded got={others} lines={2}>
            {({ items }) => (
              <>
                <TicketLinks rows={items.filter((each) => each.id !== ticket.id).slice(0, 5)} none={t.noOthers} />
                {items.length > 5 && (
                  <a class="small" href={`/desk?requester=${ticket.requester ?? 0}`}>
                    {t.showAllOf}
                  </a>
                )}
              </>
            )}
          </Loaded>
        ) : (
          <p class="quiet small">{t.noOthers}</p>
        )}
      </Part>
      <Relations ticket={ticket} ask={ask} />
      <Participants ticket={ticket} />
      {may("article.read") && <Articles ticket={ticket} audience={audience} />}
      <Part title={t.times}>
        <dl class="side-times">
          {times.map(([label, at]) =>
            at ? (
              <div key={label}>
                <dt>{label}</dt>
                <dd title={dateAndTime(at)}>
                  <Time at={at} />
                </dd>
              </div>
            ) : null,
          )}
          <div>
            <dt>{t.channel}</dt>
            <dd>{{ mail: t.chMail, portal: t.chPortal, phone: t.chPhone, api: t.chApi }[ticket.channel]}</dd>
          </div>
        </dl>
      </Part>
      {ticket.rating && (
        <Part title={t.rating}>
          <p>
            {"★".repeat(ticket.rating.score)}
            {"☆".repeat(5 - ticket.rating.score)} {ticket.rating.score}/5
          </p>
          {ticket.rating.text && <p class="small">{ticket.rating.text}</p>}
        </Part>
      )}
    </aside>
  );
}
