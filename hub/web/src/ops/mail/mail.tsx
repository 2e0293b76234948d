// One mail that came in: what became of it, why not if nothing did, and its bytes.
import { Download, RotateCw } from "lucide";
import { api, urlOf } from "~/api/client.ts";
import { invalidate, useGet } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import type { MailAuthentication } from "~/api/types.ts";
import { bytes } from "~/base/time.ts";
import { Icon } from "~/ui/icon.tsx";
import { intakeNote } from "~/ui/intake_words.ts";
import { Loaded } from "~/ui/states.tsx";
import { PlainText } from "~/ui/text.tsx";
import { Time } from "~/ui/time.tsx";
import { toast } from "~/ui/toast.tsx";
import { ask } from "../parts/ask.tsx";
import { useLinks } from "../parts/names.ts";
import { Facts, PageHead, Section } from "../parts/page.tsx";
import { t as ops } from "../words.ts";
import { isStuck, MailBadge, outcomeWord, SenderBadge, subjectOf } from "./look.tsx";
import type { MailDetail } from "./types.ts";
import { t } from "./words.ts";

function meaning(mail: MailDetail): string {
  if (isStuck(mail)) return t.meaningProblem;
  if (mail.state === "received") return t.meaningReceived;
  if (mail.state === "waiting_link") return t.meaningLink;
  return mail.outcome ? outcomeWord(mail.outcome) : t.stateDone;
}
function Checks({ authentication }: { authentication: MailAuthentication }) {
  const said = (["spf", "dkim", "dmarc"] as const).flatMap((each) => (authentication[each] ? [`${each.toUpperCase()} ${authentication[each]}`] : []));
  return (
    <>
      <SenderBadge authentication={authentication} /> {said.length > 0 && <span class="quiet small">{said.join(", ")}</span>}
    </>
  );
}

function retry(mail: MailDetail) {
  ask({
    title: t.retry,
    text: t.retryText,
    button: t.retry,
    reason: "optional",
    run: async ({ reason }) => {
      await api.post(`mails/${mail.id}/retry`, reason ? { reason } : {});
      invalidate(`mail:${mail.id}`, "mails");
      toast(t.retried, { tone: "ok" });
    },
  });
}

function Body({ mail }: { mail: MailDetail }) {
  const links = useLinks();
  return (
    <>
      <p class="meaning">
        {meaning(mail)}
        {mail.ticket && (
          <>
            : <a href={`/desk/tickets/${mail.ticket}`}>{mail.reference ?? mail.ticket}</a>
          </>
        )}
      </p>
      {mail.problem && (
        <blockquote class="last-error">
          <bdi>{mail.problem}</bdi>
        </blockquote>
      )}
      <div class="buttons">
        {mail.state !== "done" && may("mail.operate") && (
          <button type="button" class="primary" onClick={() => retry(mail)}>
            <Icon of={RotateCw} /> {t.retry}
          </button>
        )}
        <a class="button" href={urlOf(`mails/${mail.id}/original`)} download={`mail-${mail.id}.eml`}>
          <Icon of={Download} /> {t.original}
        </a>
      </div>
      <Section title={ops.details}>
        <Facts
          facts={[
            [t.from, <bdi>{mail.from_name ? `${mail.from_name} <${mail.from ?? ""}>` : (mail.from ?? t.noSender)}</bdi>],
            [t.authentication, mail.authentication && <Checks authentication={mail.authentication} />],
            [t.to, <bdi>{mail.to.join(", ")}</bdi>],
            [t.received, <Time at={mail.received_at} exact />],
            [t.done, mail.done_at && <Time at={mail.done_at} exact />],
            [t.mailbox, mail.mailbox],
            [t.link, mail.link && <a href={`/ops/links/${encodeURIComponent(mail.link)}`}>{links.name(mail.link)}</a>],
            [t.size, bytes(mail.bytes)],
            [t.remarks, mail.remarks && <PlainText text={intakeNote(mail.remarks)} />],
            [t.attempts, mail.attempts > 1 && t.times(mail.attempts)],
            [t.envelope, mail.envelope_from && mail.envelope_from !== mail.from && <bdi>{mail.envelope_from}</bdi>],
            [t.messageId, mail.message_id && <code>{mail.message_id}</code>],
            [t.digest, <code>{mail.sha256}</code>],
          ]}
        />
      </Section>
    </>
  );
}

export function MailPage({ id }: { id: string }) {
  const got = useGet<MailDetail>(`mails/${encodeURIComponent(id)}`, [`mail:${id}`, "tickets"]);
  const data = got.data;
  return (
    <>
      <PageHead title={data ? subjectOf(data) : `${t.mail} ${id}`} up={{ href: "/ops/mail", label: t.mails }} badge={data && <MailBadge mail={data} />} />
      <Loaded got={got} lines={8}>
        {(mail) => <Body mail={mail} />}
      </Loaded>
    </>
  );
}
