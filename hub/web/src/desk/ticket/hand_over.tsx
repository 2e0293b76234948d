// Before a ticket is handed to a supplier: to whom, with which words, and exactly what of it leaves.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { FileText, MessageSquare } from "lucide";
import type { ComponentChildren } from "preact";
import { api, asProblem, type ApiProblem } from "~/api/client.ts";
import { invalidate, useGet, type Page } from "~/api/cache.ts";
import type { Delegation, Priority, TicketDetail, TicketKind } from "~/api/types.ts";
import { dateAndTime, duration, now } from "~/base/time.ts";
import { Dialog, DialogButtons } from "~/ui/dialog.tsx";
import { kindWord, priorityWord } from "~/ui/domain.tsx";
import { Form, SubmitButton, TextArea, useForm } from "~/ui/form.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Empty, Failed, Skeleton } from "~/ui/states.tsx";
import { toast } from "~/ui/toast.tsx";
import { t as ui } from "~/ui/words.ts";
import type { Directory } from "../directory.ts";
import type { Agreement, Preview } from "../types.ts";
import { fieldWord } from "./fields.ts";
import { useLater } from "./ticket_find.tsx";
import { t } from "./words.ts";

interface LinkRow {
  id: string;
  supplier: string;
  state?: string; // open, auth or paused
}

const ended = new Set(["closed", "withdrawn", "accepted"]);

// The agreements of the ticket's customer that hold today; those about its service first.
export function useAgreements(ticket: TicketDetail) {
  const got = useGet<Page<Agreement>>("agreements", ["agreements"]);
  const today = now.value;
  const own = (got.data?.items ?? []).filter(
    (each) => each.customer === ticket.customer && Date.parse(each.valid_from) <= today && (each.valid_until === null || Date.parse(each.valid_until) > today),
  );
  return {
    got,
    fitting: own.filter((each) => !ticket.service || each.services.includes(ticket.service)),
    others: own.filter((each) => ticket.service && !each.services.includes(ticket.service)),
  };
}

const mark = "[withheld]";

// The redacted text with what was cut out put back, struck through: between two pieces that stayed lies what did not.
function Redacted({ text, original }: { text: string; original: string }) {
  const pieces = text.split(mark);
  const drawn: ComponentChildren[] = [];
  let at = 0;
  pieces.forEach((piece, i) => {
    if (i > 0) {
      const next = piece === "" ? -1 : original.indexOf(piece, at);
      const last = i === pieces.length - 1;
      const cut = next >= at ? original.slice(at, next) : last && piece === "" ? original.slice(at) : "";
      drawn.push(
        <del key={i} class="withheld" title={t.withheldMark}>
          {cut.trim() || t.withheldMark}
        </del>,
      );
      if (next >= 0) at = next;
    }
    drawn.push(piece);
    const found = original.indexOf(piece, at);
    if (found >= 0) at = found + piece.length;
  });
  return <div class="plain-text">{drawn}</div>;
}

function Line({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="leaving-line">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Leaving({ preview, ticket, brief, directory }: { preview: Preview; ticket: TicketDetail; brief: string; directory: Directory }) {
  const documents = preview.documents.map((each) => {
    try {
      return { op: each.op, data: JSON.parse(each.document) as Record<string, unknown> };
    } catch {
      return { op: each.op, data: {} };
    }
  });
  const main = documents.find((each) => each.op === "put_ticket")?.data ?? {};
  const text = (name: string) => (typeof main[name] === "string" ? main[name] : "");
  const user = main.user as { name?: string; email?: string; phone?: string } | undefined;
  const first = ticket.messages.find((each) => each.visibility === "user")?.text ?? "";
  const original = brief.trim() ? `${brief}\n\n${first}` : first;
  const person = ticket.requester_detail;
  const held: Record<string, string | undefined> = {
    subject: ticket.subject,
    description: first.slice(0, 160),
    priority: priorityWord(ticket.priority),
    service: ticket.service_name ?? directory.service(ticket.service),
    "customer.name": ticket.customer_name ?? directory.customer(ticket.customer),
    "user.name": person?.name ?? ticket.requester_name ?? undefined,
    "user.email": person?.email,
    "user.phone": person?.phone,
    messages: ticket.messages.filter((each) => each.visibility === "user" && each.from === "user").length > 1 ? t.fMessages : undefined,
    attachments: ticket.attachments.filter((each) => each.visibility === "user" && each.from === "user").map((each) => each.name).join(", ") || undefined,
  };
  return (
    <>
      <dl class="leaving">
        <Line name={t.fReference}>{text("reference")}</Line>
        <Line name={t.fKind}>{kindWord(text("kind") as TicketKind)}</Line>
        <Line name={t.fSubject}>{text("subject") && <Redacted text={text("subject")} original={ticket.subject} />}</Line>
        <Line name={t.fDescription}>{text("description") && <Redacted text={text("description")} original={original} />}</Line>
        {!preview.withheld.includes("priority") && <Line name={t.fPriority}>{priorityWord(text("priority") as Priority)}</Line>}
        {text("service") && <Line name={t.fService}>{text("service")}</Line>}
        {text("customer") && <Line name={t.fCustomer}>{text("customer")}</Line>}
        {user && <Line name={t.fUser}>{[user.name, user.email, user.phone].filter(Boolean).join(", ")}</Line>}
        {text("due_at") && <Line name={t.fDue}>{dateAndTime(text("due_at"))}</Line>}
        {documents
          .filter((each) => each.op !== "put_ticket")
          .map((each, i) => (
            <Line key={i} name={each.op === "add_attachment" ? t.alsoFile : t.alsoMessage}>
              <Icon of={each.op === "add_attachment" ? FileText : MessageSquare} size={14} /> {String(each.data.name ?? each.data.text ?? "")}
            </Line>
          ))}
      </dl>
      {preview.withheld.length > 0 && (
        <>
          <h4>{t.heldBack}</h4>
          <ul class="held plain-list">
            {preview.withheld.map((field) => (
              <li key={field}>
                {fieldWord(field)}: {held[field] ? <del class="withheld">{held[field]}</del> : <span class="quiet">{t.heldNotSet}</span>} {field === "priority" && <span class="quiet">{t.heldPriority(priorityWord("normal"))}</span>}
              </li>
            ))}
          </ul>
        </>
      )}
      <details>
        <summary>{t.machineForm}</summary>
        {preview.documents.map((each, i) => (
          <pre key={i} tabIndex={0}>
            {each.op}
            {"\n"}
            {JSON.stringify(documents[i]?.data, null, 2)}
          </pre>
        ))}
      </details>
    </>
  );
}

export function HandOverDialog({ ticket, directory, close, done }: { ticket: TicketDetail; directory: Directory; close: () => void; done: (delegation: Delegation) => void }) {
  const form = useForm();
  const { got, fitting, others } = useAgreements(ticket);
  const links = useGet<Page<LinkRow>>("links", ["links"]).data?.items ?? [];
  const chosen = useSignal<number | null>(null);
  const brief = useSignal("");
  const preview = useSignal<Preview | undefined>(undefined);
  const trouble = useSignal<ApiProblem | undefined>(undefined);
  const busy = (each: Agreement) => ticket.delegations.some((d) => d.link === each.link && !ended.has(d.state));
  const all = [...fitting, ...others];
  const agreement = all.find((each) => each.id === chosen.value) ?? fitting.find((each) => !busy(each));
  const service = agreement && (ticket.service && agreement.services.includes(ticket.service) ? ticket.service : agreement.services[0]);
  const supplierName = (each: Agreement) => links.find((link) => link.id === each.link)?.supplier ?? each.link;
  const words = useLater(brief.value, 300);
  const request = agreement && { link: agreement.link, ...(service && { service }), ...(words.trim() && { brief: words }) };
  const asked = JSON.stringify(request);
  useEffect(() => {
    if (!request) return;
    const stop = new AbortController();
    api.post<Preview>(`tickets/${ticket.id}/delegations/preview`, request, { signal: stop.signal }).then(
      (answer) => {
        preview.value = answer;
        trouble.value = undefined;
      },
      (failed: unknown) => {
        if (!stop.signal.aborted) trouble.value = asProblem(failed);
      },
    );
    return () => stop.abort();
  }, [asked, ticket.version]);
  const submit = async () => {
    if (!agreement) return;
    let made: Delegation | undefined;
    const went = await form.submit(
      () => [],
      async () => {
        made = await api.post<Delegation>(`tickets/${ticket.id}/delegations`, { link: agreement.link, ...(service && { service }), ...(brief.value.trim() && { brief: brief.value }) });
        invalidate(`ticket:${ticket.id}`, "tickets");
      },
    );
    if (!went || !made) return;
    close();
    toast(t.handedOver(made.supplier), { tone: "ok" });
    done(made);
  };
  const choice = (each: Agreement) => {
    const taken = busy(each);
    const about = [
      each.services.map(directory.service).join(", "),
      each.resolve_within_ms && t.promises(duration(each.resolve_within_ms)),
      taken && t.alreadyThere,
    ].filter(Boolean);
    return (
      <label key={each.id} class={`agreement-choice ${agreement?.id === each.id ? "agreement-chosen" : ""}`}>
        <input type="radio" name="agreement" checked={agreement?.id === each.id} disabled={taken} onChange={() => (chosen.value = each.id)} />
        <span>
          <strong>{supplierName(each)}</strong>
          <span class="quiet small">{about.join(" · ")}</span>
        </span>
      </label>
    );
  };
  const link = agreement && links.find((each) => each.id === agreement.link);
  const nothing = got.data && all.length === 0;
  return (
    <Dialog title={t.handOverTitle} close={close} wide class="hand-over to-supplier">
      {!got.data && !got.problem && <Skeleton lines={6} />}
      {got.problem && !got.data && <Failed problem={got.problem} retry={() => void got.reload()} />}
      {nothing && (
        <Empty title={t.noAgreement}>
          <p>{t.noAgreementText(ticket.customer_name ?? directory.customer(ticket.customer), ticket.service ? directory.service(ticket.service) : t.anyService)}</p>
        </Empty>
      )}
      {all.length > 0 && (
        <Form state={form} onSubmit={() => void submit()}>
          <div class="hand-over-columns">
            <div>
              <fieldset class="agreement-choices">
                <legend>{t.handOverTo}</legend>
                {fitting.map(choice)}
                {fitting.length === 0 && <p class="quiet">{t.noAgreements}</p>}
                {others.length > 0 && (
                  <details open={fitting.every(busy)}>
                    <summary>{t.otherServices}</summary>
                    {others.map(choice)}
                  </details>
                )}
              </fieldset>
              {link?.state === "paused" && <p class="compose-hint">{t.linkPaused}</p>}
              <TextArea value={brief} name="brief" label={t.handOverBrief} hint={t.handOverBriefHint} optional autoFocus error={form.error("brief")} />
            </div>
            <section class="leaving-box" aria-label={t.handOverPreview} aria-live="polite">
              <h3>{t.handOverPreview}</h3>
              {trouble.value ? <Failed problem={trouble.value} /> : preview.value && agreement && preview.value.link === agreement.link ? <Leaving preview={preview.value} ticket={ticket} brief={words} directory={directory} /> : agreement ? <Skeleton lines={6} /> : <p class="quiet">{t.handOverChoose}</p>}
            </section>
          </div>
          <DialogButtons>
            <button type="button" onClick={close}>
              {ui.cancel}
            </button>
            {agreement && <SubmitButton state={form}>{t.handOverButton(supplierName(agreement))}</SubmitButton>}
          </DialogButtons>
        </Form>
      )}
    </Dialog>
  );
}
