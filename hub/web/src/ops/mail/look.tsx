// How a mail that came in is named and stands, wherever it is shown.
import { CircleAlert, CircleCheck, Clock, ShieldAlert, ShieldCheck, ShieldQuestion, type IconNode } from "lucide";
import type { MailAuthentication } from "~/api/types.ts";
import { Badge, type Tone } from "~/ui/domain.tsx";
import type { Mail } from "./types.ts";
import { t } from "./words.ts";

export const outcomes = ["registered", "quiet", "gathered", "reply", "note", "bounce", "supplier", "notice", "duplicate"] as const;
export function outcomeWord(outcome: string): string {
  const known: Record<string, string> = { registered: t.oRegistered, quiet: t.oQuiet, gathered: t.oGathered, reply: t.oReply, note: t.oNote, bounce: t.oBounce, supplier: t.oSupplier, notice: t.oNotice, duplicate: t.oDuplicate };
  return known[outcome] ?? outcome;
}
export const states = ["received", "waiting_link", "done"] as const;
export function stateWord(state: Mail["state"]): string {
  return { received: t.stateReceived, waiting_link: t.stateLink, done: t.stateDone }[state] ?? state;
}
export function subjectOf(mail: Mail): string {
  return mail.subject.trim() || t.noSubject;
}
export function isStuck(mail: Mail): boolean {
  return mail.state !== "done" && !!mail.problem;
}

export function MailBadge({ mail }: { mail: Mail }) {
  const [tone, icon, word]: [Tone, IconNode, string] = isStuck(mail)
    ? ["danger", CircleAlert, t.stateProblem]
    : mail.state === "done"
      ? [mail.outcome === "bounce" ? "warning" : "ok", CircleCheck, mail.outcome ? outcomeWord(mail.outcome) : t.stateDone]
      : ["info", Clock, stateWord(mail.state)];
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  );
}

export function SenderBadge({ authentication }: { authentication: MailAuthentication }) {
  const [tone, icon, word]: [Tone, IconNode, string] = {
    pass: ["neutral", ShieldCheck, t.verified] as [Tone, IconNode, string],
    fail: ["danger", ShieldAlert, t.notVerified] as [Tone, IconNode, string],
    none: ["neutral", ShieldQuestion, t.notChecked] as [Tone, IconNode, string],
  }[authentication.verdict];
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  );
}
