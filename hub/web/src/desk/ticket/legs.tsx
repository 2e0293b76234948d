// The hand-overs of a ticket: how each stands, what the supplier promised, and what the desk must say to its answer.
import { useSignal } from "@preact/signals";
import { Building2, ExternalLink, MoreHorizontal } from "lucide";
import { api, asProblem } from "~/api/client.ts";
import { invalidate } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import type { Delegation, DelegationState, TicketDetail } from "~/api/types.ts";
import { now, relative } from "~/base/time.ts";
import { Dialog, DialogFoot } from "~/ui/dialog.tsx";
import { Badge, delegationWord, type Tone } from "~/ui/domain.tsx";
import { Form, TextArea, useForm } from "~/ui/form.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Menu } from "~/ui/menu.tsx";
import { toast } from "~/ui/toast.tsx";
import { t as ui } from "~/ui/words.ts";
import { readable } from "./event_words.tsx";
import { legTone } from "./timeline.tsx";
import { t } from "./words.ts";

const tones: Partial<Record<DelegationState, Tone>> = { resolved: "ok", waiting_on_us: "warning", rejected: "warning", in_progress: "accent" };
const over = new Set<DelegationState>(["closed", "withdrawn", "accepted"]);

function safeUrl(url: string): string | undefined {
  return /^https?:\/\//i.test(url) ? url : undefined;
}

type What = "reject" | "withdraw" | "recreate" | "write-off";

function AnswerDialog({ leg, what, close }: { leg: Delegation; what: What; close: () => void }) {
  const form = useForm();
  const reason = useSignal("");
  const rejects = what === "reject";
  const words = {
    reject: { title: t.rejectTitle(leg.supplier), reason: t.rejectReason, button: t.rejectButton(leg.supplier), done: t.rejected(leg.supplier) },
    withdraw: { title: t.withdrawTitle(leg.supplier), reason: t.withdrawReason, button: t.withdrawButton(leg.supplier), done: t.withdrawn(leg.supplier) },
    recreate: { title: t.recreateTitle(leg.supplier), reason: t.reason, button: t.recreateButton(leg.supplier), done: t.handedOver(leg.supplier) },
    "write-off": { title: t.writeOffTitle(leg.supplier), reason: t.reason, button: t.writeOffButton, done: t.writtenOff(leg.supplier) },
  }[what];
  // Only these two tell the supplier; the others are about a copy that it has lost.
  const told = rejects || what === "withdraw";
  const submit = async () => {
    const went = await form.submit(
      () => (rejects && !reason.value.trim() ? [{ name: "reason", text: t.reasonMissing }] : []),
      async () => {
        await api.post(`delegations/${leg.id}/${what}`, reason.value.trim() ? { reason: reason.value } : {});
        invalidate(`ticket:${leg.ticket}`, "tickets");
      },
    );
    if (!went) return;
    close();
    toast(words.done, { tone: "ok" });
  };
  return (
    <Dialog title={words.title} close={close}>
      <Form state={form} onSubmit={() => void submit()}>
        {!told && <p>{what === "recreate" ? t.recreateAbout : t.writeOffAbout}</p>}
        <div class={`${told ? "to-supplier" : "to-internal"} dialog-audience`}>
          <TextArea value={reason} name="reason" label={words.reason} optional={!rejects} autoFocus error={form.error("reason")} />
        </div>
        <DialogFoot close={close} form={form} word={words.button} danger={what === "withdraw" || what === "write-off"} />
      </Form>
    </Dialog>
  );
}

export function Legs({ ticket, tellUser }: { ticket: TicketDetail; tellUser: () => void }) {
  const asked = useSignal<{ leg: Delegation; what: What } | null>(null);
  if (ticket.delegations.length === 0) return null;
  const accept = async (leg: Delegation) => {
    try {
      await api.post(`delegations/${leg.id}/accept`);
      invalidate(`ticket:${ticket.id}`, "tickets");
      toast(t.accepted(leg.supplier), { tone: "ok", action: { label: t.tellUser, run: tellUser } });
    } catch (failed) {
      toast(asProblem(failed).message, { tone: "danger" });
    }
  };
  return (
    <section class="legs" aria-label={t.legsTitle}>
      {ticket.delegations.map((leg) => {
        const late = leg.due_at !== null && Date.parse(leg.due_at) < now.value;
        const url = safeUrl(leg.external_url);
        return (
          <div key={leg.id} class={`leg to-${legTone(`supplier:${leg.id}`, ticket)}`}>
            <div class="leg-line">
              <p class="leg-info">
                <Icon of={Building2} size={14} />
                <strong>{leg.supplier}</strong>
                <Badge tone={tones[leg.state] ?? "neutral"}>{delegationWord(leg.state)}</Badge>
                {leg.external_status && <span class="quiet small">”{leg.external_status}”</span>}
                {readable(leg.external_id) &&
                  (url ? (
                    <a class="small" href={url} target="_blank" rel="noopener noreferrer">
                      {t.theirNumber(leg.external_id)} <Icon of={ExternalLink} size={14} label={ui.newWindow} />
                    </a>
                  ) : (
                    <span class="quiet small">{t.theirNumber(leg.external_id)}</span>
                  ))}
                {leg.due_at && !over.has(leg.state) && <span class={`small ${late ? "due-late" : "quiet"}`}>{late ? t.late(relative(leg.due_at)) : t.promised(relative(leg.due_at))}</span>}
              </p>
              {may("delegation.work") && !over.has(leg.state) && (
                <span class="leg-do no-print">
                  {leg.state === "resolved" && (
                    <>
                      <button type="button" class="primary" onClick={() => void accept(leg)}>
                        {t.accept}
                      </button>
                      <button type="button" onClick={() => (asked.value = { leg, what: "reject" })}>
                        {t.reject}
                      </button>
                    </>
                  )}
                  <Menu
                    class="plain icon-button"
                    label={t.legMore(leg.supplier)}
                    button={<Icon of={MoreHorizontal} />}
                    items={[
                      { label: t.withdraw, run: () => (asked.value = { leg, what: "withdraw" }) },
                      { label: t.lost, heading: true },
                      { label: t.recreate, run: () => (asked.value = { leg, what: "recreate" }) },
                      { label: t.writeOff, run: () => (asked.value = { leg, what: "write-off" }) },
                    ]}
                  />
                </span>
              )}
            </div>
            {leg.state === "resolved" && <p class="leg-say">{t.theyHaveResolved(leg.supplier)}</p>}
            {leg.state === "waiting_on_us" && <p class="leg-say">{t.theyWait(leg.supplier)}</p>}
          </div>
        );
      })}
      {asked.value && <AnswerDialog leg={asked.value.leg} what={asked.value.what} close={() => (asked.value = null)} />}
    </section>
  );
}
