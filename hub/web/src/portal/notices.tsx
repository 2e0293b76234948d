// Known trouble: what goes on right now, what is planned, and "me too" for who is affected.
import { signal, useSignal } from "@preact/signals";
import { CircleCheck, Info, TriangleAlert, Wrench, type IconNode } from "lucide";
import { api } from "~/api/client.ts";
import { useGet, invalidate, type Page } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import type { Notice, Ticket } from "~/api/types.ts";
import { draft } from "~/base/drafts.ts";
import { go } from "~/base/router.tsx";
import { dateAndTime } from "~/base/time.ts";
import { Dialog, DialogButtons } from "~/ui/dialog.tsx";
import { Form, SubmitButton, TextArea, useForm } from "~/ui/form.tsx";
import { Icon } from "~/ui/icon.tsx";
import { PlainText } from "~/ui/text.tsx";
import { Time } from "~/ui/time.tsx";
import { t as common } from "~/ui/words.ts";
import { useServices } from "./service.ts";
import { t } from "./words.ts";

export function useNotices() {
  return useGet<Page<Notice>>("notices", ["notices"], { current: true });
}

// Trouble that goes on comes first, then what goes on, then what is to come.
function weight(notice: Notice): number {
  return (notice.state === "ongoing" ? 0 : 10) + { outage: 0, maintenance: 1, information: 2 }[notice.kind];
}
function heading(notice: Notice): [IconNode, string] {
  const ongoing = notice.state === "ongoing";
  if (notice.kind === "outage") return [TriangleAlert, ongoing ? t.outage : t.outageComing];
  if (notice.kind === "maintenance") return [Wrench, ongoing ? t.maintenance : t.maintenanceComing];
  return [Info, t.information];
}
export function servicesOf(notice: Notice): string[] {
  return [...new Set(notice.customers.flatMap((each) => each.services))];
}
export function isTrouble(notice: Notice): boolean {
  return notice.kind === "outage" && notice.state === "ongoing";
}

export function Notices() {
  const got = useNotices();
  if (!got.data) {
    return got.problem ? (
      <p class="no-trouble quiet" role="status">
        {t.noticesFailed}{" "}
        <button type="button" class="link" onClick={() => void got.reload()}>
          {common.retry}
        </button>
      </p>
    ) : null;
  }
  const all = [...got.data.items].sort((a, b) => weight(a) - weight(b) || b.updated_at.localeCompare(a.updated_at));
  if (all.length === 0) {
    return (
      <p class="no-trouble quiet">
        <Icon of={CircleCheck} /> {t.noNotices}
      </p>
    );
  }
  return (
    <section class="notices" aria-label={t.notices}>
      {all.map((each) => (
        <NoticeCard key={each.id} notice={each} />
      ))}
    </section>
  );
}

const longText = 220; // characters; what is longer opens on demand

export function NoticeCard({ notice }: { notice: Notice }) {
  const services = useServices();
  const [icon, kind] = heading(notice);
  const names = servicesOf(notice).map((id) => services.data?.items.find((each) => each.id === id)?.name ?? id);
  const long = notice.text.length > longText;
  return (
    <div class={`notice notice-${isTrouble(notice) ? "trouble" : notice.kind}`}>
      <Icon of={icon} size={20} />
      <div class="notice-text">
        <p class="notice-kind">{kind}</p>
        <h2 dir="auto">{notice.title}</h2>
        {notice.text && !long && <PlainText text={notice.text} />}
        {long && (
          <details>
            <summary>{t.readMore}</summary>
            <PlainText text={notice.text} />
          </details>
        )}
        <p class="notice-about small">
          {names.length > 0 && (
            <span>
              {t.concerns} {names.join(", ")}
            </span>
          )}
          <When notice={notice} />
          <span>
            {t.updated} <Time at={notice.updated_at} />
          </span>
        </p>
        {isTrouble(notice) && may("ticket.register") && <Affected notice={notice} />}
      </div>
    </div>
  );
}

// The ticket that the reader got for being affected, kept where drafts are: nobody needs two.
function ticketFor(notice: Notice) {
  return draft(`affected.${notice.id}`);
}

function Affected({ notice }: { notice: Notice }) {
  const ticket = ticketFor(notice).value;
  return ticket ? (
    <p class="notice-told">
      <Icon of={CircleCheck} /> {t.meTooTold} <a href={`/tickets/${ticket}`}>{t.toTicket}</a>
    </p>
  ) : (
    <button type="button" onClick={() => (affected.value = notice)}>
      {t.meToo}
    </button>
  );
}

function When({ notice }: { notice: Notice }) {
  const { starts_at: start, ends_at: end } = notice;
  if (!start && !end) return null;
  if (notice.state === "ongoing") {
    return (
      <>
        {start && (
          <span>
            {t.since} {dateAndTime(start)}
          </span>
        )}
        {end && (
          <span>
            {t.expectedUntil} {dateAndTime(end)}
          </span>
        )}
      </>
    );
  }
  return (
    <span>
      {start ? `${t.from} ${dateAndTime(start)}` : ""} {end ? `${t.until} ${dateAndTime(end)}` : ""}
    </span>
  );
}

// The notice that the reader says he is affected by. Asked about over the page: a notice may stand within a form.
const affected = signal<Notice | undefined>(undefined);
export function MeTooDialog() {
  return affected.value ? <MeToo notice={affected.value} close={() => (affected.value = undefined)} /> : null;
}

function MeToo({ notice, close }: { notice: Notice; close: () => void }) {
  const form = useForm();
  const more = useSignal("");
  const send = async () => {
    const service = servicesOf(notice)[0];
    const ticket = await api.post<Ticket>("tickets", {
      subject: fitting(t.meTooSubject(notice.title)),
      text: more.peek().trim() || t.meTooPlain,
      kind: "incident",
      channel: "portal",
      ...(service && { service }),
    });
    ticketFor(notice).value = String(ticket.id);
    invalidate("tickets");
    close();
    go(`/tickets/${ticket.id}/received`);
  };
  return (
    <Dialog title={t.meTooTitle} close={close}>
      <Form state={form} onSubmit={() => void form.submit(() => [], send)}>
        <p>
          <strong dir="auto">{notice.title}</strong>
        </p>
        <p>{t.meTooText}</p>
        <TextArea value={more} name="text" label={t.meTooMore} optional rows={3} error={form.error("text")} />
        <DialogButtons>
          <button type="button" onClick={close}>
            {common.cancel}
          </button>
          <SubmitButton state={form}>{t.meTooSend}</SubmitButton>
        </DialogButtons>
      </Form>
    </Dialog>
  );
}

export const subjectBytesMax = 255;
const encoder = new TextEncoder();
export function bytesOf(text: string): number {
  return encoder.encode(text).length;
}
// As much of a text as a subject holds.
export function fitting(text: string): string {
  if (bytesOf(text) <= subjectBytesMax) return text;
  const letters = [...text];
  while (bytesOf(`${letters.join("")}…`) > subjectBytesMax) letters.pop();
  return `${letters.join("")}…`;
}
