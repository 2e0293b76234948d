// Asks once before something that cannot simply be taken back, in words that say what happens. A refusal is shown
// in the dialog, and nothing typed there is lost.
import { signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Dialog, DialogButtons } from "~/ui/dialog.tsx";
import { Form, SubmitButton, TextArea, TextField, useForm } from "~/ui/form.tsx";
import { t as ui } from "~/ui/words.ts";
import { t } from "../words.ts";

export interface Question {
  title: string;
  text: ComponentChildren;
  button: string;
  danger?: boolean;
  reason?: "required" | "optional"; // asks why
  field?: { label: string; hint?: string }; // one more line, optional
  run: (answer: { reason: string; field: string }) => Promise<unknown>;
}
const asked = signal<Question | undefined>(undefined);

export function ask(question: Question) {
  asked.value = question;
}

function Asking({ question }: { question: Question }) {
  const form = useForm();
  const reason = useSignal("");
  const field = useSignal("");
  const close = () => {
    asked.value = undefined;
  };
  const send = async () => {
    const done = await form.submit(
      () => (question.reason === "required" && !reason.peek().trim() ? [{ name: "reason", text: ui.required }] : []),
      () => question.run({ reason: reason.peek().trim(), field: field.peek().trim() }),
    );
    if (done) close();
  };
  return (
    <Dialog title={question.title} close={close}>
      <Form state={form} onSubmit={() => void send()}>
        <div class="ask-text">{question.text}</div>
        {question.field && <TextField name="field" label={question.field.label} hint={question.field.hint} value={field} optional autofocus />}
        {question.reason && <TextArea name="reason" label={t.reason} hint={t.reasonHint} value={reason} optional={question.reason === "optional"} error={form.error("reason")} rows={2} autofocus={!question.field} />}
        <DialogButtons>
          <button type="button" onClick={close} autofocus={!question.reason && !question.field}>
            {ui.cancel}
          </button>
          <SubmitButton state={form} danger={question.danger ?? false}>
            {question.button}
          </SubmitButton>
        </DialogButtons>
      </Form>
    </Dialog>
  );
}

export function Asker() {
  return asked.value ? <Asking question={asked.value} /> : null;
}
