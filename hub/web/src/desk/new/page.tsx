// A ticket during a call: the person first, then as few fields as can be, all by keyboard; beside them what is worth
// saying at once.
import { useSignal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Megaphone } from "lucide";
import { api, asProblem } from "~/api/client.ts";
import { invalidate, useGet, type Page } from "~/api/cache.ts";
import { may, session } from "~/api/session.ts";
import type { Article, Notice, Person, Ticket, TicketRow } from "~/api/types.ts";
import { draft, forgetDraft } from "~/base/drafts.ts";
import { go, title } from "~/base/router.tsx";
import { Combobox } from "~/ui/combobox.tsx";
import { priorityWord, StatusBadge } from "~/ui/domain.tsx";
import { CheckField, ChoiceField, Form, SelectField, SubmitButton, TextArea, TextField, useForm, type Mistake } from "~/ui/form.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Loaded } from "~/ui/states.tsx";
import { Time } from "~/ui/time.tsx";
import { toast } from "~/ui/toast.tsx";
import { recount } from "../counts.ts";
import type { Directory } from "../directory.ts";
import { useLater } from "../ticket/ticket_find.tsx";
import { t } from "./words.ts";

const phone = /^[+\d][\d\s()/.-]{4,}$/;

function WhoFields({ person, text, fresh, directory, form }: { person: Signal<Person | null>; text: Signal<string>; fresh: Fresh; directory: Directory; form: ReturnType<typeof useForm> }) {
  const asked = useLater(text.value, 140).trim();
  const found = useGet<Page<Person>>(asked.length > 1 && !person.value ? "people" : null, [], { q: asked, limit: 10 }).data?.items ?? [];
  if (person.value) {
    const who = person.value;
    return (
      <div class="who-chosen">
        <p>
          <strong>{who.name}</strong>, {directory.customer(who.customer)}
          <span class="quiet small who-reach">{[who.phone, who.email].filter(Boolean).join(" · ")}</span>
        </p>
        <button type="button" onClick={() => (person.value = null)}>
          {t.change}
        </button>
      </div>
    );
  }
  if (fresh.on.value) {
    return (
      <fieldset class="who-new">
        <legend>{t.who}</legend>
        <div class="fields-two">
          <TextField value={fresh.name} name="name" label={t.name} error={form.error("name")} autoFocus autocomplete="off" />
          <SelectField value={fresh.customer} name="customer" label={t.customer} error={form.error("customer")} choices={[["", t.choose], ...directory.customers.map((each) => [each.id, each.name] as const)]} />
          <TextField value={fresh.phone} name="phone" label={t.phone} error={form.error("phone")} type="tel" autocomplete="off" />
          <TextField value={fresh.email} name="email" label={t.email} error={form.error("email")} type="email" autocomplete="off" />
        </div>
        <button type="button" class="link" onClick={() => (fresh.on.value = false)}>
          {t.known}
        </button>
      </fieldset>
    );
  }
  const typed = text.value.trim();
  return (
    <Combobox
      label={t.who}
      hint={t.whoHint}
      error={form.error("requester")}
      name="requester"
      text={text}
      autoFocus
      options={[
        ...found.map((each) => ({ id: String(each.id), label: each.name, about: [directory.customer(each.customer), each.phone || each.email].filter(Boolean).join(" · ") })),
        ...(typed.length > 1 ? [{ id: "new", label: t.newPerson(typed) }] : []),
      ]}
      choose={(id) => {
        if (id !== "new") {
          person.value = found.find((each) => String(each.id) === id) ?? null;
          setTimeout(() => document.querySelector<HTMLElement>("[name=subject]")?.focus(), 0);
          return;
        }
        // What was typed says which field it belongs to.
        if (typed.includes("@")) {
          fresh.email.value = typed;
          const domain = typed.split("@")[1]?.toLowerCase();
          fresh.customer.value = directory.customers.find((each) => each.mail_domains.some((own) => own === domain))?.id ?? fresh.customer.value;
        } else if (phone.test(typed)) fresh.phone.value = typed;
        else fresh.name.value = typed;
        if (directory.customers.length === 1) fresh.customer.value = directory.customers[0]?.id ?? "";
        fresh.on.value = true;
      }}
    />
  );
}

interface Fresh {
  on: Signal<boolean>;
  name: Signal<string>;
  email: Signal<string>;
  phone: Signal<string>;
  customer: Signal<string>;
}

function Aside({ customer, person, service, subject }: { customer: string; person: Person | null; service: string; subject: string }) {
  const notices = useGet<Page<Notice>>(customer ? "notices" : null, ["notices"], { current: true, limit: 50 });
  const tickets = useGet<Page<TicketRow>>(person ? "tickets" : null, ["tickets"], { requester: person?.id, open: true, limit: 6 });
  const asked = useLater(subject.trim(), 400);
  const articles = useGet<Page<Article>>(may("article.read") && asked.length > 3 ? "articles" : null, ["articles"], { q: asked, state: "published", limit: 4 });
  const here = (notices.data?.items ?? []).filter((each) => each.review !== "dismissed" && each.customers.some((c) => c.customer === customer && (c.services.length === 0 || !service || c.services.includes(service))));
  return (
    <aside class="new-aside" aria-label={t.aside}>
      {!customer && <p class="quiet">{t.asideEmpty}</p>}
      {customer && (
        <section>
          <h2>{t.notices}</h2>
          {here.length === 0 ? (
            <p class="quiet small">{t.noNotices}</p>
          ) : (
            <ul class="plain-list">
              {here.map((each) => (
                <li key={each.id} class="side-notice">
                  <Icon of={Megaphone} size={14} /> <strong>{each.public_title || each.title}</strong>
                  <p class="small">{each.public_text || each.text}</p>
                </li>
              ))}
            </ul>
          )}
        </section>
      )}
      {person && (
        <section>
          <h2>{t.tickets}</h2>
          <Loaded got={tickets} lines={2}>
            {({ items }) =>
              items.length === 0 ? (
                <p class="quiet small">{t.noTickets}</p>
              ) : (
                <ul class="plain-list new-tickets">
                  {items.map((each) => (
                    <li key={each.id}>
                      <a href={`/desk/tickets/${each.id}`}>
                        <span class="figures">{each.reference}</span> <bdi>{each.subject}</bdi>
                      </a>
                      <span class="new-ticket-state">
                        <StatusBadge status={each.status} /> <Time at={each.updated_at} />
                      </span>
                    </li>
                  ))}
                </ul>
              )
            }
          </Loaded>
        </section>
      )}
      {asked.length > 3 && may("article.read") && (
        <section>
          <h2>{t.articles}</h2>
          <Loaded got={articles} lines={2}>
            {({ items }) =>
              items.length === 0 ? (
                <p class="quiet small">{t.noArticles}</p>
              ) : (
                <ul class="plain-list">
                  {items.map((each) => (
                    <li key={each.id}>
                      <a href={`/desk/articles/${each.id}`}>{each.title}</a>
                      <p class="small quiet">{each.summary}</p>
                    </li>
                  ))}
                </ul>
              )
            }
          </Loaded>
        </section>
      )}
    </aside>
  );
}

export function NewTicketPage({ directory }: { directory: Directory }) {
  title.value = t.title;
  const form = useForm();
  const person = useSignal<Person | null>(null);
  const text = useSignal("");
  const fresh: Fresh = { on: useSignal(false), name: useSignal(""), email: useSignal(""), phone: useSignal(""), customer: useSignal("") };
  const kind = useSignal("incident");
  const service = useSignal("");
  const priority = useSignal("normal");
  const channel = useSignal("phone");
  const subject = draft("desk.new.subject");
  const words = draft("desk.new.text");
  const mine = useSignal(true);
  const me = session.value?.agent;
  useEffect(() => {
    form.mistakes.value = [];
  }, [person.value, fresh.on.value]);

  const check = (): Mistake[] => {
    const wrong: Mistake[] = [];
    if (!person.value && !fresh.on.value) wrong.push({ name: "requester", text: t.whoMissing });
    if (fresh.on.value && !person.value) {
      if (!fresh.name.value.trim()) wrong.push({ name: "name", text: t.nameMissing });
      if (!fresh.customer.value) wrong.push({ name: "customer", text: t.customerMissing });
      if (!fresh.phone.value.trim() && !fresh.email.value.trim()) wrong.push({ name: "phone", text: t.reachMissing });
    }
    if (!subject.value.trim()) wrong.push({ name: "subject", text: t.subjectMissing });
    return wrong;
  };
  const submit = async () => {
    let made: Ticket | undefined;
    const went = await form.submit(check, async () => {
      const requester = person.value
        ? person.value.id
        : {
            name: fresh.name.value.trim(),
            ...(fresh.email.value.trim() && { email: fresh.email.value.trim() }),
            ...(fresh.phone.value.trim() && { phone: fresh.phone.value.trim() }),
          };
      made = await api.post<Ticket>("tickets", {
        customer: person.value?.customer ?? fresh.customer.value,
        requester,
        kind: kind.value,
        priority: priority.value,
        channel: channel.value,
        subject: subject.value.trim(),
        ...(words.value.trim() && { text: words.value }),
        ...(service.value && { service: service.value }),
      });
    });
    if (!went || !made) return;
    const ticket = made;
    forgetDraft("desk.new.subject");
    forgetDraft("desk.new.text");
    if (mine.value && me) {
      try {
        await api.post(`tickets/${ticket.id}/assign`, { agent: me.id });
      } catch (failed) {
        toast(asProblem(failed).message, { tone: "danger" });
      }
    }
    invalidate("tickets");
    recount();
    toast(t.sent(ticket.reference), { tone: "ok" });
    go(`/desk/tickets/${ticket.id}`);
  };
  return (
    <div
      class="page new-page"
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        void submit();
      }}
    >
      <div>
        <h1>{t.title}</h1>
        <Form state={form} onSubmit={() => void submit()}>
          <WhoFields person={person} text={text} fresh={fresh} directory={directory} form={form} />
          <ChoiceField
            value={kind}
            name="kind"
            legend={t.kind}
            choices={[
              ["incident", t.incident],
              ["order", t.order],
              ["question", t.question],
            ]}
          />
          <TextField value={subject} name="subject" label={t.subject} error={form.error("subject")} maxLength={250} autocomplete="off" />
          <TextArea value={words} name="text" label={t.text} hint={t.textHint} optional error={form.error("text")} />
          <div class="fields-three">
            <SelectField value={service} name="service" label={t.service} error={form.error("service")} choices={[["", t.serviceByWords], ...directory.services.map((each) => [each.id, each.name] as const)]} />
            <SelectField value={priority} name="priority" label={t.priority} choices={(["urgent", "high", "normal", "low"] as const).map((each) => [each, priorityWord(each)] as const)} />
            <SelectField
              value={channel}
              name="channel"
              label={t.channel}
              choices={[
                ["phone", t.chPhone],
                ["mail", t.chMail],
                ["portal", t.chPortal],
                ["api", t.chApi],
              ]}
            />
          </div>
          {me && <CheckField checked={mine} name="mine" label={t.mine} />}
          <div class="buttons">
            <SubmitButton state={form}>{t.send}</SubmitButton>
            <span class="quiet small">Ctrl ↵</span>
          </div>
        </Form>
      </div>
      <Aside customer={person.value?.customer ?? fresh.customer.value} person={person.value} service={service.value} subject={subject.value} />
    </div>
  );
}
