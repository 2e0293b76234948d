// An agreement as a form, beside what would leave under it.
import { computed, useSignal, useSignalEffect, type Signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { api } from "~/api/client.ts";
import { invalidate, useGet } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import { draft, forgetDraft } from "~/base/drafts.ts";
import { go } from "~/base/router.tsx";
import { dayAfter, dayKey, startOfDay } from "~/base/time.ts";
import { CheckField, Form, SelectField, SubmitButton, TextField, useForm, type Mistake } from "~/ui/form.tsx";
import { Loaded } from "~/ui/states.tsx";
import { toast } from "~/ui/toast.tsx";
import { t as ui } from "~/ui/words.ts";
import { ask } from "../parts/ask.tsx";
import { CheckList } from "../parts/checks.tsx";
import { useCustomers, useLinks, useServices } from "../parts/names.ts";
import { PageHead } from "../parts/page.tsx";
import type { Agreement } from "../types.ts";
import { t as ops } from "../words.ts";
import { useShareFields } from "./fields.ts";
import { ValidBadge } from "./list.tsx";
import { AgreementPreview, type Draft } from "./preview.tsx";
import { t } from "./words.ts";

const hour = 3_600_000;
const unitMs: Record<string, number> = { hours: hour, days: 24 * hour };

// What stands in the form, as it is kept in this browser until it is sent.
interface Plain {
  customer: string;
  link: string;
  services: string[];
  share: string[];
  relay: boolean;
  delegate: boolean;
  within: string;
  unit: string;
  from: string;
  until: string;
}
function plainOf(agreement: Agreement | undefined): Plain {
  const ms = agreement?.resolve_within_ms ?? 0;
  const inDays = ms > 0 && ms % (24 * hour) === 0;
  return {
    customer: agreement?.customer ?? "",
    link: agreement?.link ?? "",
    services: agreement?.services ?? [],
    share: agreement?.share ?? ["subject", "description", "messages", "attachments"],
    relay: agreement?.relay_automatically ?? false,
    delegate: agreement?.delegate_automatically ?? false,
    within: ms ? String(ms / (inDays ? 24 * hour : hour)) : "",
    unit: inDays ? "days" : "hours",
    from: agreement ? dayKey(agreement.valid_from) : "",
    until: agreement?.valid_until ? dayKey(new Date(new Date(agreement.valid_until).getTime() - 1)) : "",
  };
}
function begunIn(kept: string, saved: Plain): Plain | null {
  if (!kept) return null;
  try {
    return { ...saved, ...(JSON.parse(kept) as Partial<Plain>) };
  } catch {
    return null; // of an older form
  }
}

interface Values {
  customer: Signal<string>;
  link: Signal<string>;
  services: Signal<ReadonlySet<string>>;
  share: Signal<ReadonlySet<string>>;
  relay: Signal<boolean>;
  delegate: Signal<boolean>;
  within: Signal<string>;
  unit: Signal<string>;
  from: Signal<string>;
  until: Signal<string>;
}

// As the API takes it. `kept`: times to the second that the days of the form stand for.
function documentOf(v: Values, kept: Agreement | undefined): Draft {
  const from = v.from.value;
  const until = v.until.value;
  const same = (day: string, at: string | null | undefined, end: boolean) => !!at && !!day && dayKey(new Date(new Date(at).getTime() - (end ? 1 : 0))) === day;
  return {
    customer: v.customer.value,
    link: v.link.value,
    services: [...v.services.value],
    share: [...v.share.value],
    relay_automatically: v.relay.value,
    delegate_automatically: v.delegate.value,
    ...(from && { valid_from: same(from, kept?.valid_from, false) ? kept?.valid_from : startOfDay(from).toISOString() }),
    ...(until && { valid_until: same(until, kept?.valid_until, true) ? kept?.valid_until : startOfDay(dayAfter(until, 1)).toISOString() }),
    ...(v.within.value.trim() && { resolve_within_ms: Math.round(Number(v.within.value)) * (unitMs[v.unit.value] ?? hour) }),
  };
}

function Editor({ agreement, startAgain }: { agreement?: Agreement; startAgain: () => void }) {
  const links = useLinks();
  const customers = useCustomers();
  const services = useServices();
  const fields = useShareFields();
  const form = useForm();
  const writes = may("agreement.write");
  const keptName = `agreement.${agreement?.id ?? "new"}`;
  const saved = useMemo(() => plainOf(agreement), []);
  const begun = useMemo(() => (writes ? begunIn(draft(keptName).peek(), saved) : null), []);
  const start = begun ?? saved;
  const v: Values = {
    customer: useSignal(start.customer),
    link: useSignal(start.link),
    services: useSignal<ReadonlySet<string>>(new Set(start.services)),
    share: useSignal<ReadonlySet<string>>(new Set(start.share)),
    relay: useSignal(start.relay),
    delegate: useSignal(start.delegate),
    within: useSignal(start.within),
    unit: useSignal(start.unit),
    from: useSignal(start.from),
    until: useSignal(start.until),
  };
  const shown = useMemo(() => computed(() => (v.customer.value && v.link.value && v.services.value.size ? documentOf(v, agreement) : null)), []);
  const finished = useSignal(false);
  useSignalEffect(() => {
    const now: Plain = { customer: v.customer.value, link: v.link.value, services: [...v.services.value], share: [...v.share.value], relay: v.relay.value, delegate: v.delegate.value, within: v.within.value, unit: v.unit.value, from: v.from.value, until: v.until.value };
    const text = JSON.stringify(now);
    if (!finished.value && writes) draft(keptName).value = text === JSON.stringify(saved) ? "" : text;
  });
  const finish = () => {
    finished.value = true;
    forgetDraft(keptName);
    go("/ops/agreements");
  };
  const check = (): Mistake[] => {
    const mistakes: Mistake[] = [];
    if (!v.customer.value) mistakes.push({ name: "customer", text: t.needCustomer });
    if (!v.link.value) mistakes.push({ name: "link", text: t.needLink });
    if (!v.services.value.size) mistakes.push({ name: "services", text: t.needService });
    if (v.within.value.trim() && !/^[1-9]\d*$/.test(v.within.value.trim())) mistakes.push({ name: "resolve_within_ms", text: t.needNumber });
    if (v.from.value && v.until.value && v.until.value < v.from.value) mistakes.push({ name: "valid_until", text: t.needOrder });
    return mistakes;
  };
  const save = async () => {
    const done = await form.submit(check, async () => {
      if (agreement) await api.put(`agreements/${agreement.id}`, documentOf(v, agreement), { ifMatch: agreement.version });
      else await api.post("agreements", documentOf(v, agreement));
    });
    if (!done) return;
    invalidate("agreements", `agreement:${agreement?.id}`);
    toast(t.saved, { tone: "ok" });
    finish();
  };
  const end = (one: Agreement) =>
    ask({
      title: t.endTitle,
      text: <p>{t.endText(links.name(one.link))}</p>,
      button: t.end,
      danger: true,
      run: async () => {
        const { id, version, ...rest } = one;
        const before = documentFrom(rest);
        const ended = await api.put<Agreement>(`agreements/${id}`, { ...before, valid_until: new Date().toISOString() }, { ifMatch: version });
        invalidate("agreements", `agreement:${id}`);
        toast(t.ended, { action: { label: ui.undo, run: () => void api.put(`agreements/${id}`, before, { ifMatch: ended.version }).then(() => invalidate("agreements", `agreement:${id}`)) } });
        finish();
      },
    });
  const running = agreement && (!agreement.valid_until || new Date(agreement.valid_until).getTime() > Date.now());
  const suppliers = (links.data?.items ?? []).filter((each) => each.kind === "supplier" || each.id === agreement?.link).map((each) => [each.id, each.supplier] as const);
  return (
    <>
      <PageHead
        title={agreement ? t.one(customers.name(agreement.customer), links.name(agreement.link)) : t.newTitle}
        up={{ href: "/ops/agreements", label: ops.agreements }}
        badge={agreement && <ValidBadge agreement={agreement} />}
        actions={
          writes && running && agreement && (
            <button type="button" onClick={() => end(agreement)}>
              {t.end}
            </button>
          )
        }
      />
      {!writes && <p class="quiet">{t.readOnly}</p>}
      {begun && (
        <p class="begun" role="status">
          {t.begun}{" "}
          <button type="button" class="link" onClick={() => { forgetDraft(keptName); startAgain(); }}>
            {t.startAgain}
          </button>
        </p>
      )}
      <div class="agreement">
        <Form state={form} onSubmit={() => void save()} label={t.agreement}>
          <fieldset disabled={!writes} class="agreement-fields">
            <legend class="sr-only">{t.agreement}</legend>
            {agreement ? (
              <p class="hint">{t.keeps}</p>
            ) : (
              <div class="field-pair">
                <SelectField name="customer" label={t.customer} value={v.customer} error={form.error("customer")} choices={[["", t.chooseCustomer], ...customers.choices]} />
                <SelectField name="link" label={t.supplier} value={v.link} error={form.error("link")} choices={[["", t.chooseSupplier], ...suppliers]} />
              </div>
            )}
            <CheckList name="services" legend={t.services} hint={t.servicesHint} error={form.error("services")} chosen={v.services} choices={services.choices} />
            <CheckList name="share" legend={t.shareLegend} hint={t.shareHint} error={form.error("share")} chosen={v.share} choices={fields} />
            <fieldset>
              <legend>{t.how}</legend>
              <CheckField name="delegate_automatically" label={t.delegate} hint={t.delegateHint} checked={v.delegate} />
              <CheckField name="relay_automatically" label={t.relay} hint={t.relayHint} checked={v.relay} />
            </fieldset>
            <div class="field-pair">
              <TextField name="resolve_within_ms" label={t.within} hint={t.withinHint} value={v.within} error={form.error("resolve_within_ms")} inputMode="numeric" optional />
              <SelectField name="unit" label={t.unit} value={v.unit} choices={[["hours", t.hours], ["days", t.days]]} />
            </div>
            <div class="field-pair">
              <TextField name="valid_from" label={t.from} hint={t.fromHint} value={v.from} error={form.error("valid_from")} type="date" optional />
              <TextField name="valid_until" label={t.until} hint={t.untilHint} value={v.until} error={form.error("valid_until")} type="date" optional />
            </div>
          </fieldset>
          {writes && (
            <div class="buttons">
              <SubmitButton state={form}>{t.save}</SubmitButton>
              <button type="button" onClick={finish}>
                {ui.cancel}
              </button>
            </div>
          )}
        </Form>
        {writes && <AgreementPreview draft={shown} />}
      </div>
    </>
  );
}

// The document to send for an agreement as it was read: what is empty is left out.
function documentFrom(rest: Omit<Agreement, "id" | "version">): Record<string, unknown> {
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
}

function FreshEditor({ agreement }: { agreement?: Agreement }) {
  const times = useSignal(0);
  return <Editor key={times.value} {...(agreement && { agreement })} startAgain={() => (times.value += 1)} />;
}

export function NewAgreement() {
  return <FreshEditor />;
}
export function AgreementPage({ id }: { id: string }) {
  const got = useGet<Agreement>(`agreements/${encodeURIComponent(id)}`, [`agreement:${id}`]);
  return <Loaded got={got} heading={ops.agreements}>{(agreement) => <FreshEditor agreement={agreement} />}</Loaded>;
}
