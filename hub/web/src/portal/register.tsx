// One short form: what it is about, which service, more if there is more, pictures. Before it is sent it shows what may
// help at once and what is known already; what is written stays until it has arrived.
import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { api, randomKey } from "~/api/client.ts";
import { invalidate, useGet } from "~/api/cache.ts";
import type { ArticleDetail, Notice, Service, Ticket, TicketKind } from "~/api/types.ts";
import { session } from "~/api/session.ts";
import { draft } from "~/base/drafts.ts";
import { go, guardLeaving, parameters, setParameters, title } from "~/base/router.tsx";
import { FilePicker, FileZone, sendFiles, type WaitingFile } from "~/ui/files.tsx";
import { ChoiceField, Form, SubmitButton, TextArea, TextField, useForm, type Mistake } from "~/ui/form.tsx";
import { articlePath } from "./article_link.tsx";
import { useRested } from "./hooks.ts";
import { keptFiles } from "~/ui/kept_files.ts";
import { bytesOf, fitting, isTrouble, NoticeCard, servicesOf, subjectBytesMax, useNotices } from "./notices.tsx";
import { ServiceField } from "./service_field.tsx";
import { guessService, useServices } from "./service.ts";
import { Suggestions } from "./suggestions.tsx";
import { t } from "./words.ts";

const kinds: readonly TicketKind[] = ["incident", "order", "question"];

// What is written for one of the reader's organisations is not shown to another.
export function draftsOf(customer: string | null | undefined): string {
  return `register.${customer ?? ""}`;
}

function wordsFor(kind: TicketKind) {
  return {
    incident: { title: t.newIncident, subject: t.subjectIncident, hint: t.subjectIncidentHint, text: t.textIncident, textHint: t.textIncidentHint },
    order: { title: t.newOrder, subject: t.subjectOrder, hint: t.subjectOrderHint, text: t.textOrder, textHint: t.textOrderHint },
    question: { title: t.newQuestion, subject: t.subjectQuestion, hint: t.subjectQuestionHint, text: t.textQuestion, textHint: t.textQuestionHint },
  }[kind];
}

export function Register() {
  const asked = parameters.value.get("kind") as TicketKind | null;
  const kind: TicketKind = asked && kinds.includes(asked) ? asked : "incident";
  const words = wordsFor(kind);
  title.value = words.title;

  const mine = draftsOf(session.value?.customer);
  const subject = draft(`${mine}.subject`);
  const text = draft(`${mine}.text`);
  const service = draft(`${mine}.service`);
  const serviceByHand = useSignal(service.peek() !== "");
  const impact = useSignal("normal");
  const files = useMemo(() => keptFiles(mine), []);
  const restored = useSignal(subject.peek() !== "" || text.peek() !== "");
  const registered = useSignal<Ticket | undefined>(undefined); // while its files are on their way
  const form = useForm();
  const sending = useRef({ body: "", key: "" });

  useFromArticle(subject, service);
  const services = useServices().data?.items ?? [];
  const rested = useRested(`${subject.value} ${text.value}`, 300);
  useEffect(() => {
    if (!serviceByHand.peek() && services.length) service.value = guessService(rested, services)?.id ?? "";
  }, [rested, services]);
  // A file cannot be kept in the browser; texts are.
  useEffect(() => guardLeaving(() => files.peek().some((each) => !each.sent)), []);

  const forgetWords = () => {
    subject.value = text.value = service.value = "";
    serviceByHand.value = restored.value = false;
  };
  const startOver = () => {
    forgetWords();
    files.value = [];
  };
  const arrived = (ticket: Ticket) => {
    startOver();
    invalidate("tickets");
    go(`/tickets/${ticket.id}/received`, { replace: true });
  };
  const check = (): Mistake[] => {
    if (!subject.peek().trim()) return [{ name: "subject", text: t.subjectMissing }];
    if (bytesOf(subject.peek().trim()) > subjectBytesMax) return [{ name: "subject", text: t.subjectLong }];
    return [];
  };
  const send = async () => {
    const body = {
      subject: subject.peek().trim(),
      ...(text.peek().trim() && { text: text.peek().trim() }),
      kind,
      channel: "portal",
      ...(kind === "incident" && impact.peek() !== "normal" && { priority: impact.peek() }),
      ...(service.peek() && { service: service.peek() }),
    };
    // The same words again after a lost answer are the same ticket; other words are another one.
    const written = JSON.stringify(body);
    if (sending.current.body !== written) sending.current = { body: written, key: randomKey() };
    const ticket = await api.post<Ticket>("tickets", body, { key: sending.current.key });
    sending.current = { body: "", key: "" };
    registered.value = ticket;
    if (await sendFiles(files, ticket.id)) arrived(ticket);
  };

  if (registered.value && !form.busy.value) {
    return <FilesLeft ticket={registered.value} files={files} begin={forgetWords} done={arrived} />;
  }
  return (
    <div class="page portal register">
      <h1>{words.title}</h1>
      {restored.value && (
        <p class="restored" role="status">
          {t.draftKept}{" "}
          <button type="button" class="link" onClick={startOver}>
            {t.startOver}
          </button>
        </p>
      )}
      <FileZone files={files}>
        <Form state={form} class="register-form" onSubmit={() => void form.submit(check, send)}>
          <KindField kind={kind} />
          <div class="register-subject">
            <TextField value={subject} name="subject" label={words.subject} hint={words.hint} autocomplete="off" error={form.error("subject")} />
          </div>
          <Suggestions words={subject.value} />
          <div class="register-rest">
            <ServiceField
              value={service}
              services={services}
              guessed={!serviceByHand.value}
              error={form.error("service")}
              choose={(id) => {
                serviceByHand.value = true;
                service.value = id;
              }}
            />
            <KnownTrouble service={service.value} words={rested} services={services} />
            <TextArea value={text} name="text" label={words.text} hint={words.textHint} optional rows={6} error={form.error("text")} />
            <div class="field">
              <span class="field-title" id="files-title">
                {t.files}
              </span>
              <div role="group" aria-labelledby="files-title">
                <FilePicker files={files} />
              </div>
            </div>
            {kind === "incident" && (
              <ChoiceField
                value={impact}
                name="priority"
                legend={t.impact}
                choices={[
                  ["normal", t.impactNormal],
                  ["high", t.impactHigh],
                  ["urgent", t.impactUrgent],
                ]}
              />
            )}
            <SubmitButton state={form} class="send">
              {t.send}
            </SubmitButton>
          </div>
        </Form>
      </FileZone>
    </div>
  );
}

function KindField({ kind }: { kind: TicketKind }) {
  const names = { incident: t.kindIncident, order: t.kindOrder, question: t.kindQuestion };
  return (
    <fieldset class="kinds">
      <legend>{t.kind}</legend>
      <div class="kinds-row">
        {kinds.map((each) => (
          <label key={each}>
            <input type="radio" name="kind" value={each} checked={each === kind} onChange={() => setParameters({ kind: each })} />
            <span>{names[each]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

// Comes from an article that did not help enough: it is named, and its service is known.
function useFromArticle(subject: { value: string; peek: () => string }, service: { value: string; peek: () => string }) {
  const id = Number(parameters.value.get("article"));
  const wanted = Number.isInteger(id) && id > 0;
  const article = useGet<ArticleDetail>(wanted ? articlePath(id) : null, [`article:${id}`]).data;
  useEffect(() => {
    if (!article || subject.peek()) return;
    subject.value = fitting(t.moreHelpSubject(article.title));
    if (!service.peek() && article.services.length === 1) service.value = article.services[0] ?? "";
  }, [article?.id]);
}

function KnownTrouble({ service, words, services }: { service: string; words: string; services: readonly Service[] }) {
  const notices = useNotices().data?.items ?? [];
  const about = (notice: Notice) => {
    const its = servicesOf(notice);
    if (its.length === 0) return service !== "" || guessService(words, [{ id: "", name: notice.title, words: [] }]) !== undefined;
    return its.includes(service || (guessService(words, services)?.id ?? ""));
  };
  const known = notices.filter((each) => isTrouble(each) && about(each));
  return (
    <div role="status">
      {known.length > 0 && (
        <section class="known-trouble" aria-label={t.knownTrouble}>
          <p class="known-trouble-title">{t.knownTrouble}</p>
          <p>{t.knownTroubleText}</p>
          {known.map((each) => (
            <NoticeCard key={each.id} notice={each} />
          ))}
        </section>
      )}
    </div>
  );
}

// The ticket is there; some of its files are not yet.
function FilesLeft({
  ticket,
  files,
  begin,
  done,
}: {
  ticket: Ticket;
  files: { value: WaitingFile[] } & Parameters<typeof sendFiles>[0];
  begin: () => void;
  done: (ticket: Ticket) => void;
}) {
  const form = useForm();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    begin(); // the words have arrived
    heading.current?.focus();
    return () => void (files.value = []); // they belong to this ticket, not to the next
  }, []);
  const again = async () => {
    if (await sendFiles(files, ticket.id)) done(ticket);
  };
  return (
    <div class="page page-narrow">
      <h1 ref={heading} tabIndex={-1}>
        {t.registeredFilesFailed(ticket.reference)}
      </h1>
      <Form state={form} onSubmit={() => void form.submit(() => [], again)}>
        <FilePicker files={files} />
        <div class="buttons register-again">
          <SubmitButton state={form}>{t.sendFilesAgain}</SubmitButton>
          <button
            type="button"
            onClick={() => {
              files.value = [];
              done(ticket);
            }}
          >
            {t.goOnWithout}
          </button>
        </div>
      </Form>
    </div>
  );
}
