// What is done with a ticket as a whole and needs a word more than a click.
import { useSignal } from "@preact/signals";
import { api } from "~/api/client.ts";
import { invalidate } from "~/api/cache.ts";
import type { Priority, TicketDetail } from "~/api/types.ts";
import { go } from "~/base/router.tsx";
import { Dialog, DialogFoot } from "~/ui/dialog.tsx";
import { priorityWord } from "~/ui/domain.tsx";
import { Form, SelectField, TextArea, TextField, useForm, type Mistake } from "~/ui/form.tsx";
import { toast } from "~/ui/toast.tsx";
import type { Directory } from "../directory.ts";
import { ticketPath } from "../filters.ts";
import { changeTicket } from "../undo.ts";
import { TicketFind, type FoundTicket } from "./ticket_find.tsx";
import { t } from "./words.ts";

export type Asked = "resolve" | "close" | "reopen" | "escalate" | "merge" | "split" | "link" | "handover";

export interface DialogProps {
  ticket: TicketDetail;
  directory: Directory;
  close: () => void;
}

export function ResolveDialog({ ticket, close }: DialogProps) {
  const form = useForm();
  const text = useSignal("");
  const submit = async () => {
    const went = await form.submit(
      () => [],
      () => changeTicket(ticket.id, "POST", `tickets/${ticket.id}/resolve`, text.value.trim() ? { text: text.value } : {}, t.resolved),
    );
    if (went) close();
  };
  return (
    <Dialog title={t.resolveTitle} close={close}>
      <Form state={form} onSubmit={() => void submit()}>
        <div class="to-user dialog-audience">
          <TextArea value={text} name="text" label={t.resolveText} optional autoFocus lang={ticket.language} error={form.error("text")} />
        </div>
        <DialogFoot close={close} form={form} word={t.resolveButton} />
      </Form>
    </Dialog>
  );
}

// Close and reopen: a reason, if one wants to give it.
export function ReasonDialog({ ticket, close, what }: DialogProps & { what: "close" | "reopen" }) {
  const form = useForm();
  const reason = useSignal("");
  const submit = async () => {
    const went = await form.submit(
      () => [],
      () => changeTicket(ticket.id, "POST", `tickets/${ticket.id}/${what}`, reason.value.trim() ? { reason: reason.value } : {}, what === "close" ? t.closed : t.reopened),
    );
    if (went) close();
  };
  return (
    <Dialog title={what === "close" ? t.closeTitle : t.reopenTitle} close={close}>
      <Form state={form} onSubmit={() => void submit()}>
        <TextField value={reason} name="reason" label={t.reason} optional autoFocus error={form.error("reason")} />
        <DialogFoot close={close} form={form} word={what === "close" ? t.close : t.reopen} />
      </Form>
    </Dialog>
  );
}

export function EscalateDialog({ ticket, directory, close }: DialogProps) {
  const form = useForm();
  const team = useSignal(directory.teams.find((each) => each.id !== ticket.team)?.id ?? "");
  const agent = useSignal("");
  const priority = useSignal("");
  const reason = useSignal("");
  const submit = async () => {
    const went = await form.submit(
      () => {
        const wrong: Mistake[] = [];
        if (!team.value) wrong.push({ name: "team", text: t.teamMissing });
        if (!reason.value.trim()) wrong.push({ name: "reason", text: t.reasonMissing });
        return wrong;
      },
      () =>
        changeTicket(
          ticket.id,
          "POST",
          `tickets/${ticket.id}/escalate`,
          { team: team.value, reason: reason.value, ...(agent.value && { agent: agent.value }), ...(priority.value && { priority: priority.value as Priority }) },
          t.escalated,
        ),
    );
    if (went) close();
  };
  return (
    <Dialog title={t.escalateTitle} close={close}>
      <Form state={form} onSubmit={() => void submit()}>
        <div class="fields-two">
          <SelectField value={team} name="team" label={t.team} error={form.error("team")} choices={directory.teams.map((each) => [each.id, each.name])} autoFocus />
          <SelectField value={agent} name="agent" label={t.agent} choices={[["", t.nobody], ...directory.agents.filter((each) => each.team === team.value).map((each) => [each.id, each.name] as const)]} />
        </div>
        <SelectField value={priority} name="priority" label={t.priority} choices={[["", t.unchanged], ...(["urgent", "high", "normal", "low"] as const).map((each) => [each, priorityWord(each)] as const)]} />
        <div class="to-internal dialog-audience">
          <TextArea value={reason} name="reason" label={t.escalateReason} hint={t.audienceInternal} error={form.error("reason")} />
        </div>
        <DialogFoot close={close} form={form} word={t.escalateButton(directory.team(team.value))} />
      </Form>
    </Dialog>
  );
}

export function MergeDialog({ ticket, close }: DialogProps) {
  const form = useForm();
  const found = useSignal<FoundTicket | null>(null);
  const submit = async () => {
    const into = found.value;
    const went = await form.submit(
      () => (into ? [] : [{ name: "ticket", text: t.ticketMissing }]),
      async () => {
        await api.post(`tickets/${ticket.id}/merge`, { into: into?.id });
        invalidate(`ticket:${ticket.id}`, `ticket:${into?.id ?? 0}`, "tickets");
      },
    );
    if (!went || !into) return;
    close();
    toast(t.merged(into.reference), { tone: "ok" });
    go(ticketPath(into.id));
  };
  return (
    <Dialog title={t.mergeTitle} close={close}>
      <Form state={form} onSubmit={() => void submit()}>
        <p>{t.mergeAbout}</p>
        <TicketFind label={`${t.mergeInto}: ${t.findTicket.toLowerCase()}`} found={found} except={ticket.id} error={form.error("ticket") ?? form.error("into")} />
        <DialogFoot close={close} form={form} word={found.value ? t.mergeButton(found.value.reference) : t.mergeShort} />
      </Form>
    </Dialog>
  );
}

export function LinkDialog({ ticket, close }: DialogProps) {
  const form = useForm();
  const kind = useSignal("related");
  const found = useSignal<FoundTicket | null>(null);
  const submit = async () => {
    const other = found.value;
    const went = await form.submit(
      () => (other ? [] : [{ name: "ticket", text: t.ticketMissing }]),
      async () => {
        await changeTicket(ticket.id, "POST", `tickets/${ticket.id}/relations`, { kind: kind.value, ticket: other?.id }, t.linked(other?.reference ?? ""));
        invalidate(`ticket:${other?.id ?? 0}`, "tickets");
      },
    );
    if (!went || !other) return;
    close();
  };
  return (
    <Dialog title={t.linkTitle} close={close}>
      <Form state={form} onSubmit={() => void submit()}>
        <SelectField
          value={kind}
          name="kind"
          label={t.linkKind}
          choices={[
            ["related", t.linkRelated],
            ["parent", t.linkChild], // the kind says what the other one is
            ["child", t.linkParent],
            ["duplicate_of", t.linkDuplicate],
          ]}
        />
        <TicketFind label={t.findTicket} found={found} except={ticket.id} error={form.error("ticket")} />
        <DialogFoot close={close} form={form} word={t.linkButton} />
      </Form>
    </Dialog>
  );
}
