// Decisions about a notice, and new ones of the desk's own.
import { useSignal, type Signal } from "@preact/signals";
import { api } from "~/api/client.ts";
import { invalidate } from "~/api/cache.ts";
import type { Notice } from "~/api/types.ts";
import { go } from "~/base/router.tsx";
import { Dialog, DialogFoot } from "~/ui/dialog.tsx";
import { CheckField, Form, SelectField, TextArea, TextField, useForm, type Mistake } from "~/ui/form.tsx";
import { toast } from "~/ui/toast.tsx";
import { t as ui } from "~/ui/words.ts";
import type { Directory } from "../directory.ts";
import { toInstant, toLocal } from "./local_time.ts";
import { t } from "./words.ts";

interface Props {
  notice: Notice & { for_all?: boolean };
  directory: Directory;
  close: () => void;
}

function Checks({ legend, all, chosen, name, error }: { legend: string; all: readonly { id: string; name: string }[]; chosen: Signal<ReadonlySet<string>>; name: string; error?: string | undefined }) {
  return (
    <fieldset class={`choices check-grid ${error ? "field-wrong" : ""}`}>
      <legend>{legend}</legend>
      {error && <p class="field-error">{error}</p>}
      {all.map((each) => (
        <div class="check" key={each.id}>
          <input
            type="checkbox"
            id={`${name}-${each.id}`}
            name={name}
            checked={chosen.value.has(each.id)}
            onChange={(event) => {
              const next = new Set(chosen.value);
              if (event.currentTarget.checked) next.add(each.id);
              else next.delete(each.id);
              chosen.value = next;
            }}
          />
          <label for={`${name}-${each.id}`}>{each.name}</label>
        </div>
      ))}
    </fieldset>
  );
}

function told(notice: number, said: string) {
  invalidate(`notice:${notice}`, "notices", "tickets");
  toast(said, { tone: "ok" });
}

export function PublishDialog({ notice, directory, close }: Props) {
  const form = useForm();
  const title = useSignal(notice.public_title || notice.title);
  const text = useSignal(notice.public_text || notice.text);
  const customers = useSignal<ReadonlySet<string>>(new Set(notice.customers.map((each) => each.customer)));
  const submit = async () => {
    const went = await form.submit(
      () => {
        const wrong: Mistake[] = [];
        if (!title.value.trim()) wrong.push({ name: "title", text: t.titleMissing });
        if (!notice.for_all && customers.value.size === 0) wrong.push({ name: "customers", text: t.customersMissing });
        return wrong;
      },
      () =>
        api.post(`notices/${notice.id}/publish`, {
          title: title.value.trim(),
          text: text.value,
          ...(customers.value.size < notice.customers.length && { customers: [...customers.value] }),
        }),
    );
    if (!went) return;
    told(notice.id, t.published);
    close();
  };
  return (
    <Dialog title={t.publishTitle} close={close}>
      <Form state={form} onSubmit={() => void submit()}>
        <div class="to-user dialog-audience">
          <TextField value={title} name="title" label={t.titleField} error={form.error("title")} autoFocus />
          <TextArea value={text} name="text" label={t.textField} hint={t.textHint} error={form.error("text")} />
        </div>
        {notice.customers.length > 1 && !notice.for_all && (
          <Checks legend={t.customers} name="customers" all={notice.customers.map((each) => ({ id: each.customer, name: directory.customer(each.customer) }))} chosen={customers} error={form.error("customers")} />
        )}
        <DialogFoot close={close} form={form} word={t.publishButton} />
      </Form>
    </Dialog>
  );
}

export function DismissDialog({ notice, close }: Props) {
  const form = useForm();
  const reason = useSignal("");
  const submit = async () => {
    const went = await form.submit(
      () => [],
      () => api.post(`notices/${notice.id}/dismiss`, reason.value.trim() ? { reason: reason.value } : {}),
    );
    if (!went) return;
    told(notice.id, t.dismissed);
    close();
  };
  return (
    <Dialog title={t.dismissTitle} close={close}>
      <Form state={form} onSubmit={() => void submit()}>
        <TextField value={reason} name="reason" label={t.reason} optional autoFocus error={form.error("reason")} />
        <DialogFoot close={close} form={form} word={t.dismissButton} />
      </Form>
    </Dialog>
  );
}

export function PromoteDialog({ notice, close }: Props) {
  const form = useForm();
  const subject = useSignal(notice.public_title ?? "");
  const text = useSignal(notice.public_text ?? "");
  const submit = async () => {
    const went = await form.submit(
      () => [],
      () => api.post(`notices/${notice.id}/promote`, { ...(subject.value.trim() && { subject: subject.value.trim() }), ...(text.value.trim() && { text: text.value }) }),
    );
    if (!went) return;
    told(notice.id, t.promoted);
    close();
  };
  return (
    <Dialog title={t.promoteTitle} close={close}>
      <Form state={form} onSubmit={() => void submit()}>
        <p>{t.promoteAbout}</p>
        <div class="to-user dialog-audience">
          <TextField value={subject} name="subject" label={t.promoteSubject} hint={t.promoteEmpty} optional autoFocus error={form.error("subject")} />
          <TextArea value={text} name="text" label={t.promoteText} optional error={form.error("text")} />
        </div>
        <DialogFoot close={close} form={form} word={t.promoteButton} />
      </Form>
    </Dialog>
  );
}

export function EditDialog({ notice, close }: Props) {
  const form = useForm();
  const title = useSignal(notice.public_title || notice.title);
  const text = useSignal(notice.public_text || notice.text);
  const ends = useSignal(toLocal(notice.ends_at));
  const submit = async () => {
    const went = await form.submit(
      () => (title.value.trim() ? [] : [{ name: "title", text: t.titleMissing }]),
      () => {
        const at = toInstant(ends.value);
        return api.patch(`notices/${notice.id}`, { title: title.value.trim(), text: text.value, ...(at && at !== notice.ends_at && { ends_at: at }) });
      },
    );
    if (!went) return;
    told(notice.id, ui.saved);
    close();
  };
  return (
    <Dialog title={t.editTitle} close={close}>
      <Form state={form} onSubmit={() => void submit()}>
        <TextField value={title} name="title" label={t.titleField} error={form.error("title")} autoFocus />
        <TextArea value={text} name="text" label={t.textField} hint={t.textHint} error={form.error("text")} />
        <TextField value={ends} name="ends_at" type="datetime-local" label={t.ends} optional error={form.error("ends_at")} />
        <DialogFoot close={close} form={form} word={ui.save} />
      </Form>
    </Dialog>
  );
}

export function CreateDialog({ directory, close }: { directory: Directory; close: () => void }) {
  const form = useForm();
  const kind = useSignal<string>("outage");
  const title = useSignal("");
  const text = useSignal("");
  const whom = useSignal("all");
  const customers = useSignal<ReadonlySet<string>>(new Set());
  const services = useSignal<ReadonlySet<string>>(new Set());
  const starts = useSignal("");
  const ends = useSignal("");
  const publish = useSignal(true);
  const submit = async () => {
    let made: Notice | undefined;
    const went = await form.submit(
      () => {
        const wrong: Mistake[] = [];
        if (!title.value.trim()) wrong.push({ name: "title", text: t.titleMissing });
        if (whom.value === "some" && customers.value.size === 0) wrong.push({ name: "customers", text: t.customersMissing });
        if (starts.value && ends.value && ends.value <= starts.value) wrong.push({ name: "ends_at", text: t.endBefore });
        return wrong;
      },
      async () => {
        made = await api.post<Notice>("notices", {
          kind: kind.value,
          title: title.value.trim(),
          ...(text.value.trim() && { text: text.value }),
          customers: whom.value === "all" ? "all" : [...customers.value],
          ...(services.value.size && { services: [...services.value] }),
          ...(starts.value && { starts_at: toInstant(starts.value) }),
          ...(ends.value && { ends_at: toInstant(ends.value) }),
          publish: publish.value,
        });
      },
    );
    if (!went || !made) return;
    told(made.id, t.created);
    close();
    go(`/desk/notices/${made.id}`);
  };
  return (
    <Dialog title={t.create} close={close} wide>
      <Form state={form} onSubmit={() => void submit()}>
        <SelectField
          value={kind}
          name="kind"
          label={t.kind}
          choices={[
            ["outage", t.outage],
            ["maintenance", t.maintenance],
            ["information", t.information],
          ]}
        />
        <div class="to-user dialog-audience">
          <TextField value={title} name="title" label={t.titleField} error={form.error("title")} autoFocus />
          <TextArea value={text} name="text" label={t.textField} hint={t.textHint} optional error={form.error("text")} />
        </div>
        <div class="fields-two notice-times">
          <TextField value={starts} name="starts_at" type="datetime-local" label={t.starts} optional error={form.error("starts_at")} />
          <TextField value={ends} name="ends_at" type="datetime-local" label={t.ends} optional error={form.error("ends_at")} />
        </div>
        <SelectField
          value={whom}
          name="whom"
          label={t.customers}
          choices={[
            ["all", t.allCustomers],
            ["some", t.chosenCustomers],
          ]}
        />
        {whom.value === "some" && <Checks legend={t.customers} name="customers" all={directory.customers} chosen={customers} error={form.error("customers")} />}
        {directory.services.length > 0 && <Checks legend={`${t.services} (${ui.optional})`} name="services" all={directory.services} chosen={services} error={form.error("services")} />}
        <CheckField checked={publish} name="publish" label={t.atOnce} />
        <DialogFoot close={close} form={form} word={publish.value ? t.publishButton : t.createButton} />
      </Form>
    </Dialog>
  );
}
