// One entry of the log as a sentence, and what was changed by it: only the fields that differ, before and after.
import type { AuditEntry } from "../types.ts";
import { Json } from "../parts/json.tsx";
import { t as ops } from "../words.ts";
import { t } from "./words.ts";

export function subjectWords(): (readonly [string, string])[] {
  return [
    ["account", t.sAccount], ["session", t.sSession], ["agreement", t.sAgreement], ["link", t.sLink], ["delivery", t.sDelivery], ["customer", t.sCustomer],
    ["person", t.sPerson], ["team", t.sTeam], ["agent", t.sAgent], ["service", t.sService], ["token", t.sToken], ["template", t.sTemplate], ["view", t.sView],
    ["article", t.sArticle], ["notice", t.sNotice], ["mail", t.sMail], ["configuration", t.sConfiguration],
  ];
}
function verbWord(type: string): string | undefined {
  const known: Record<string, string> = {
    added: t.added, changed: t.changed, removed: t.removed, revoked: t.revoked, paused: t.paused, resumed: t.resumed, restarted: t.restarted, reloaded: t.didReload, refused: t.didRefuse,
    retried: t.retried, retry: t.retried, skipped: t.skipped, skip: t.skipped, parked: t.parked, park: t.parked, confirmed: t.confirmed, confirm: t.confirmed,
    published: t.published, archived: t.archived, disabled: t.disabled, enabled: t.enabled, erased: t.didErase, approver_named: t.didNameApprover, approver_ended: t.didEndApprover, deputy_named: t.didNameDeputy, deputy_ended: t.didEndDeputy,
  };
  return known[type.split(".").at(-1) ?? ""];
}

// What somebody did with his own account: he is the subject of the sentence.
function ownWord(type: string): ((who: string) => string) | undefined {
  const known: Record<string, (who: string) => string> = {
    "account.signed_in": t.signedIn, "account.sign_in_refused": t.signInRefused, "account.sign_in_code_wrong": t.codeWrong, "account.recovery_code_used": t.recoveryUsed,
    "account.signed_out": t.signedOut, "account.session_ended": t.sessionEnded, "account.other_sessions_ended": t.sessionEnded, "account.sessions_ended": t.sessionsEnded,
    "account.password_set": t.passwordSet, "account.invited": t.invited, "account.reset_asked": t.resetAsked, "account.reset_made": t.resetMade,
    "account.second_factor_added": t.factorAdded, "account.second_factor_removed": t.factorRemoved, "account.token_made": t.tokenMade, "account.token_revoked": t.tokenRevoked,
    "account.provider_linked": t.providerLinked, "account.renamed": t.renamed,
  };
  return known[type];
}

type Fields = Record<string, unknown>;
function object(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
function nameIn(data: unknown): string {
  const all = object(data);
  for (const side of [object(all?.after), object(all?.before), all]) {
    const name = side?.name ?? side?.title ?? side?.subject;
    if (typeof name === "string" && name) return name;
  }
  return "";
}

export function sentence(entry: AuditEntry, nameOf: (subject: string, id: string) => string): string {
  const own = ownWord(entry.type);
  if (own) return own(entry.subject_id === "0" ? t.unknownAccount : nameOf(entry.subject, entry.subject_id));
  const verb = verbWord(entry.type);
  if (!verb) return entry.summary || entry.type;
  const subject = new Map(subjectWords()).get(entry.subject) ?? entry.subject;
  return `${verb} ${subject === t.sToken ? subject : subject.toLowerCase()} ${nameIn(entry.data) || nameOf(entry.subject, entry.subject_id)}`.trim();
}

function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return ops.none;
  if (Array.isArray(value) && value.every((each) => typeof each !== "object")) return value.join(", ") || ops.none;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export function Changes({ entry }: { entry: AuditEntry }) {
  const data = object(entry.data);
  if (!data || Object.keys(data).length === 0) return null;
  const before = object(data.before);
  const after = object(data.after);
  if (!before && !after) {
    const reason = data.reason;
    if (Object.keys(data).length === 1 && typeof reason === "string") {
      return reason ? (
        <span class="row-under">
          {ops.reason}: <bdi>{reason}</bdi>
        </span>
      ) : null;
    }
    return (
      <details class="small">
        <summary>{ops.details}</summary>
        <Json value={data} label={entry.summary || entry.type} />
      </details>
    );
  }
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter((name) => JSON.stringify(before?.[name] ?? null) !== JSON.stringify(after?.[name] ?? null));
  if (!names.length) return null;
  return (
    <details class="small">
      <summary>{ops.details}</summary>
      <dl class="changes">
        {names.map((name) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {before && (
                <>
                  <del>
                    <bdi>{shown(before[name])}</bdi>
                  </del>{" "}
                  →{" "}
                </>
              )}
              <ins>
                <bdi>{shown(after?.[name])}</bdi>
              </ins>
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
