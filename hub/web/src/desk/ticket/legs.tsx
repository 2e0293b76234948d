// The hand-overs of a ticket: how each stands, what the supplier promised, and what the desk must say to its answer.
import { useSignal } from "@preact/signals";
import { Building2, ExternalLink } from "lucide";
import { api, asProblem } from "~/api/client.ts";
import { invalidate } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import type { Delegation, DelegationState, TicketDetail } from "~/api/types.ts";
import { now, relative } from "~/base/time.ts";
import { Dialog, DialogButtons } from "~/ui/dialog.tsx";
import { Badge, delegationWord, type Tone } from "~/ui/domain.tsx";
import { Form, SubmitButton, TextArea, useForm } from "~/ui/form.tsx";
import { Icon } from "~/ui/icon.tsx";
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

function AnswerDialog({ leg, what, close }: { leg: Delegation; what: "reject" | "withdraw"; close: () => void }) {
  const form = useForm();
  const reason = useSignal("");
  const rejects = what === "reject";
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
    toast(rejects ? t.rejected(leg.supplier) : t.withdrawn(leg.supplier), { tone: "ok" });
  };
  return (
    <Dialog title={rejects ? t.rejectTitle(leg.supplier) : t.withdrawTitle(leg.supplier)} close={close}>
      <Form state={form} onSubmit={() => void submit()}>
        <div class="to-supplier dialog-audience">
          <TextArea value={reason} name="reason" label={rejects ? t.rejectReason : t.withdrawReason} optional={!rejects} autoFocus error={form.error("reason")} />
        </div>
        <DialogButtons>
          <button type="button" onClick={close}>
            {ui.cancel}
          </button>
          <SubmitButton state={form} danger={!rejects}>
            {rejects ? t.rejectButton(leg.supplier) : t.withdrawButton(leg.supplier)}
          </SubmitButton>
        </DialogButtons>
      </Form>
    </Dialog>
  );
}

export function Legs({ ticket }: { ticket: TicketDetail }) {
  const asked = useSignal<{ leg: Delegation; what: "reject" | "withdraw" } | null>(null);
  if (ticket.delegations.length === 0) return null;
  const accept = async (leg: Delegation) => {
    try {
      await api.post(`delegations/${leg.id}/accept`);
      invalidate(`ticket:${ticket.id}`, "tickets");
      toast(t.accepted(leg.supplier), { tone: "ok" });
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
            <p class="leg-line">
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
                  <button type="button" class="plain" onClick={() => (asked.value = { leg, what: "withdraw" })}>
                    {t.withdraw}
                  </button>
                </span>
              )}
            </p>
            {leg.state === "resolved" && <p class="leg-say">{t.theyHaveResolved(leg.supplier)}</p>}
            {leg.state === "waiting_on_us" && <p class="leg-say">{t.theyWait(leg.supplier)}</p>}
          </div>
        );
      })}
      {asked.value && <AnswerDialog leg={asked.value.leg} what={asked.value.what} close={() => (asked.value = null)} />}
    </section>
  );
}
