// Part of a ticket becomes one of its own: messages with their files, files that came alone, and who follows it.
import { useSignal, type Signal } from "@preact/signals";
import { Paperclip } from "lucide";
import type { ComponentChildren } from "preact";
import { api } from "~/api/client.ts";
import { invalidate } from "~/api/cache.ts";
import type { Ticket } from "~/api/types.ts";
import { go } from "~/base/router.tsx";
import { bytes } from "~/base/time.ts";
import { Dialog, DialogFoot } from "~/ui/dialog.tsx";
import { Form, TextField, useForm, type Mistake } from "~/ui/form.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Time } from "~/ui/time.tsx";
import { toast } from "~/ui/toast.tsx";
import { ticketPath } from "../filters.ts";
import type { DialogProps } from "./dialogs.tsx";
import { t } from "./words.ts";

function Choice({ id, name, chosen, children }: { id: number; name: string; chosen: Signal<ReadonlySet<number>>; children: ComponentChildren }) {
  return (
    <div class="check">
      <input
        type="checkbox"
        name={name}
        id={`split-${name}-${id}`}
        checked={chosen.value.has(id)}
        onChange={(event) => {
          const next = new Set(chosen.value);
          if (event.currentTarget.checked) next.add(id);
          else next.delete(id);
          chosen.value = next;
        }}
      />
      <label for={`split-${name}-${id}`}>{children}</label>
    </div>
  );
}

export function SplitDialog({ ticket, close }: DialogProps) {
  const form = useForm();
  const subject = useSignal("");
  const messages = ticket.messages.filter((each) => each.visibility !== "supplier");
  const loose = ticket.attachments.filter((each) => each.message === null && each.visibility !== "supplier");
  const people = ticket.participants ?? [];
  const along = useSignal<ReadonlySet<number>>(new Set(people.map((each) => each.person)));
  const chosen = useSignal<ReadonlySet<number>>(new Set());
  const files = useSignal<ReadonlySet<number>>(new Set());
  const submit = async () => {
    let made: Ticket | undefined;
    const went = await form.submit(
      () => {
        const wrong: Mistake[] = [];
        if (chosen.value.size === 0) wrong.push({ name: "messages", text: t.splitMissing });
        if (!subject.value.trim()) wrong.push({ name: "subject", text: t.subjectMissing });
        return wrong;
      },
      async () => {
        made = await api.post<Ticket>(`tickets/${ticket.id}/split`, { messages: [...chosen.value], subject: subject.value, ...(files.value.size && { attachments: [...files.value] }), ...(along.value.size < people.length && { participants: [...along.value] }) });
        invalidate(`ticket:${ticket.id}`, "tickets");
      },
    );
    if (!went || !made) return;
    const to = made;
    close();
    toast(t.splitDone(to.reference), { tone: "ok", action: { label: to.reference, run: () => go(ticketPath(to.id)) } });
  };
  return (
    <Dialog title={t.splitTitle} close={close} wide>
      <Form state={form} onSubmit={() => void submit()}>
        <p>{t.splitAbout}</p>
        <TextField value={subject} name="subject" label={t.splitSubject} error={form.error("subject")} autoFocus maxLength={250} />
        <fieldset class={`choices ${form.error("messages") ? "field-wrong" : ""}`}>
          <legend>{t.splitMessages}</legend>
          {form.error("messages") && <p class="field-error">{form.error("messages")}</p>}
          {messages.map((each) => {
            const own = ticket.attachments.filter((file) => file.message === each.id);
            return (
              <Choice key={each.id} id={each.id} name="messages" chosen={chosen}>
                <strong>{each.author}</strong> <Time at={each.at} /> {each.visibility === "internal" && `(${t.internalNote.toLowerCase()})`}
                <span class="split-text">{each.text}</span>
                {own.length > 0 && (
                  <span class="quiet small">
                    <Icon of={Paperclip} size={14} /> {t.splitAlong} {own.map((file) => file.name).join(", ")}
                  </span>
                )}
              </Choice>
            );
          })}
        </fieldset>
        {loose.length > 0 && (
          <fieldset class="choices">
            <legend>{t.splitFiles}</legend>
            {loose.map((each) => (
              <Choice key={each.id} id={each.id} name="attachments" chosen={files}>
                <bdi>{each.name}</bdi> <span class="quiet small">{bytes(each.bytes)}</span> {each.visibility === "internal" && `(${t.onlyDesk.toLowerCase()})`}
              </Choice>
            ))}
          </fieldset>
        )}
        {people.length > 0 && (
          <fieldset class="choices">
            <legend>{t.splitPeople}</legend>
            {people.map((each) => (
              <Choice key={each.person} id={each.person} name="participants" chosen={along}>
                <bdi>{each.name || each.email}</bdi>
              </Choice>
            ))}
          </fieldset>
        )}
        <DialogFoot close={close} form={form} word={t.splitButton} />
      </Form>
    </Dialog>
  );
}
