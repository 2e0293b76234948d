// The one box: text, files, and one button that says where it goes. What is written is kept until it has arrived.
import { useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { ApiProblem, api, randomKey } from "~/api/client.ts";
import { invalidate } from "~/api/cache.ts";
import type { Message, TicketDetail } from "~/api/types.ts";
import { draft } from "~/base/drafts.ts";
import { guardLeaving } from "~/base/router.tsx";
import { FilePicker, FileZone, sendFiles } from "~/ui/files.tsx";
import { Form, SubmitButton, TextArea, useForm } from "~/ui/form.tsx";
import { toast } from "~/ui/toast.tsx";
import { idsOf, keptFiles } from "~/ui/kept_files.ts";
import type { EndingOptions } from "./ending_options.ts";
import { mayIn } from "./standing.tsx";
import { t } from "./words.ts";

export function AnswerBox({ ticket, talk, change, reload, label, send, focus, sent: done }: EndingOptions & { label: string; send: string; focus?: boolean; sent: () => void }) {
  const form = useForm();
  const text = draft(`reply.${ticket.id}`);
  const files = useMemo(() => keptFiles(`reply.${ticket.id}`), []);
  const box = useRef<HTMLDivElement>(null);
  const key = useRef({ said: "", key: "" });
  useSignalEffect(() => {
    talk.writing.value = text.value !== "" || files.value.length > 0;
  });
  useEffect(() => () => void (talk.writing.value = false), []);
  useEffect(() => guardLeaving(() => files.peek().some((each) => !each.sent)), []);
  useEffect(() => {
    if (focus) box.current?.querySelector("textarea")?.focus();
  }, []);

  const check = () => (text.peek().trim() || files.peek().length ? [] : [{ name: "text", text: t.writeMissing }]);
  const submit = async () => {
    // Files first: when the words arrive, what they speak of is there.
    if (!(await sendFiles(files, ticket.id))) throw new ApiProblem(0, "files", t.filesFailed);
    const words = text.peek().trim() || t.filesOnly;
    const said = JSON.stringify([words, idsOf(files)]);
    if (key.current.said !== said) key.current = { said, key: randomKey() };
    if (!mayIn(ticket, "reply")) await api.post(`tickets/${ticket.id}/reopen`);
    const message = await api.post<Message>(`tickets/${ticket.id}/messages`, { text: words, ...(idsOf(files).length && { attachments: idsOf(files) }) }, { key: key.current.key });
    key.current = { said: "", key: "" };
    const sent = files.peek().flatMap((each) => (each.sent ? [{ ...each.sent, message: message.id }] : []));
    text.value = "";
    files.value = [];
    talk.acted.value += 1;
    change((data) => withMessage(data, message, sent));
    toast(t.sent, { tone: "ok" });
    invalidate("tickets");
    done();
    await reload();
  };
  const sendIt = () => void form.submit(check, submit);
  return (
    <div
      class="answer-box"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        sendIt();
      }}
    >
      <FileZone files={files}>
        <Form state={form} onSubmit={sendIt}>
          <TextArea value={text} name="text" label={label} rows={4} error={form.error("text")} />
          <FilePicker files={files} hint={false} />
          <div class="answer-send">
            <SubmitButton state={form}>{send}</SubmitButton>
            <span class="hint answer-keys">{t.sendKeys}</span>
          </div>
        </Form>
      </FileZone>
    </div>
  );
}

function withMessage(ticket: TicketDetail, message: Message, files: TicketDetail["attachments"]): TicketDetail {
  const known = new Set(ticket.attachments.map((each) => each.id));
  return {
    ...ticket,
    messages: ticket.messages.some((each) => each.id === message.id) ? ticket.messages : [...ticket.messages, message],
    attachments: [...ticket.attachments, ...files.filter((each) => !known.has(each.id))],
  };
}
