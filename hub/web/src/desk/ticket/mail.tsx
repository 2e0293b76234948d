// A mail on the timeline: whether it is from whom it says, and of what the desk wrote who got it.
import { CircleX, MailWarning, Phone, ShieldAlert, ShieldCheck } from "lucide";
import type { MailAuthentication, MessageMail, TicketDetail, Told } from "~/api/types.ts";
import { may } from "~/api/session.ts";
import { Badge } from "~/ui/domain.tsx";
import { Icon } from "~/ui/icon.tsx";
import { MailMarks, OriginalLink } from "~/ui/message_text.tsx";
import { t } from "./mail_words.ts";

function checksOf(authentication: MailAuthentication): string {
  return (["spf", "dkim", "dmarc"] as const).flatMap((each) => (authentication[each] ? [`${each.toUpperCase()}: ${authentication[each]}`] : [])).join(", ");
}

// Quiet when all is well, nothing when nobody looked.
export function MailSigns({ mail }: { mail: MessageMail }) {
  return (
    <>
      {mail.authentication?.verdict === "pass" && (
        <span title={checksOf(mail.authentication)}>
          <Badge icon={ShieldCheck}>{t.proven}</Badge>
        </span>
      )}
      <MailMarks mail={mail} />
    </>
  );
}

// What stands above the words, so that it is read before them.
export function SenderDoubt({ mail }: { mail: MessageMail }) {
  if (mail.authentication?.verdict !== "fail") return null;
  const checks = checksOf(mail.authentication);
  return (
    <div class="mail-trouble" role="note">
      <p>
        <strong>
          <Icon of={ShieldAlert} /> {t.notProven}
        </strong>{" "}
        {t.notProvenHelp(mail.from ?? "")}
      </p>
      {checks && (
        <p class="quiet small">
          {t.checks}: {checks}
        </p>
      )}
    </div>
  );
}

export function MailFoot({ mail }: { mail: MessageMail }) {
  return (
    <p class="mail-foot small no-print">
      {mail.from && (
        <span class="quiet">
          <bdi>{t.mailFrom(mail.from)}</bdi>
        </span>
      )}
      <OriginalLink mail={mail} />
    </p>
  );
}

function DeliveryLink({ delivery }: { delivery: number }) {
  if (!delivery || !may("delivery.read")) return null;
  return (
    <a class="button" href={`/ops/deliveries/${delivery}`}>
      {t.showDelivery}
    </a>
  );
}
// The number of whoever was not reached, where the ticket knows it.
function CallButton({ ticket, person }: { ticket: TicketDetail; person: number | null }) {
  const phone = person !== null && ticket.requester_detail?.id === person ? ticket.requester_detail.phone : "";
  if (!phone) return null;
  return (
    <a class="button" href={`tel:${phone.replace(/[^\d+]/g, "")}`}>
      <Icon of={Phone} /> {t.call(phone)}
    </a>
  );
}

function stateWord(told: Told): string {
  return { waiting: t.waiting, sent: t.sent, failed: t.failed, bounced: t.bounced }[told.state];
}

const namedMax = 2;
// Whom a message of the desk was mailed to. Who was not reached stands out, with what to do.
export function ToldLines({ told, ticket }: { told: readonly Told[]; ticket: TicketDetail }) {
  const lost = told.filter((each) => each.state === "failed" || each.state === "bounced");
  const fine = told.filter((each) => !lost.includes(each));
  const names = fine.slice(0, namedMax).map((each) => each.name || each.address);
  const said = names.join(", ") + (fine.length > namedMax ? ` ${t.andMore(fine.length - namedMax)}` : "");
  return (
    <>
      {lost.map((each) => (
        <div key={each.delivery} class="mail-trouble">
          <p>
            <strong>
              <Icon of={each.state === "failed" ? CircleX : MailWarning} /> {t.notReached(each.name || each.address)}
            </strong>{" "}
            {each.name && <bdi class="quiet">{each.address}</bdi>}
          </p>
          <p>{each.state === "failed" ? t.failedHelp : t.bouncedHelp}</p>
          {each.why && <p class="quiet small">{t.serverSaid(each.why)}</p>}
          <p class="buttons">
            <CallButton ticket={ticket} person={each.person} />
            <DeliveryLink delivery={each.delivery} />
          </p>
        </div>
      ))}
      {fine.length > 0 && (
        <details class="told small no-print">
          <summary>
            {t.toldAll(said)}
            {fine.every((each) => each.state === "sent") ? "" : `, ${t.waiting}`}
          </summary>
          <ul class="plain-list">
            {fine.map((each) => (
              <li key={each.delivery}>
                <bdi>{each.name}</bdi> <bdi class="quiet">{each.address}</bdi>: {stateWord(each)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

export interface Bounce {
  person: number | null;
  address: string;
  delivery: number;
  permanent: boolean;
  why: string;
}
export function bounceOf(data: Record<string, unknown>): Bounce {
  return {
    person: Number(data.person ?? 0) || null,
    address: typeof data.address === "string" ? data.address : "",
    delivery: Number(data.delivery ?? 0),
    permanent: data.permanent === true,
    why: typeof data.why === "string" ? data.why : "",
  };
}
export function nameOfBounce(bounce: Bounce, ticket: TicketDetail): string {
  if (bounce.person !== null && ticket.requester_detail?.id === bounce.person) return ticket.requester_detail.name;
  return ticket.participants?.find((each) => each.person === bounce.person)?.name || bounce.address;
}

// A report that a mail did not arrive, in its place in the story.
export function BounceEntry({ bounce, ticket }: { bounce: Bounce; ticket: TicketDetail }) {
  const name = nameOfBounce(bounce, ticket);
  return (
    <div class="mail-trouble">
      <p>
        <strong>
          <Icon of={MailWarning} /> {bounce.permanent ? t.notReached(name) : t.evLate(name)}
        </strong>{" "}
        {name !== bounce.address && <bdi class="quiet">{bounce.address}</bdi>}
      </p>
      <p>{bounce.permanent ? t.bouncedHelp : t.lateHelp}</p>
      {bounce.why && <p class="quiet small">{t.serverSaid(bounce.why)}</p>}
      <p class="buttons">
        <CallButton ticket={ticket} person={bounce.person} />
        <DeliveryLink delivery={bounce.delivery} />
      </p>
    </div>
  );
}
