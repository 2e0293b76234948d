// Words to others leave five seconds after the button, so that they can be taken back. Until the hub has taken them
// they stay among the drafts: a closed browser loses nothing and sends nothing.
import { signal } from "@preact/signals";
import { api, asProblem, randomKey } from "~/api/client.ts";
import { invalidate } from "~/api/cache.ts";
import { forgetWithAccount, session } from "~/api/session.ts";
import type { Message, Priority } from "~/api/types.ts";
import { asides, draft, forgetDraft, putAside } from "~/base/drafts.ts";
import { guardLeaving } from "~/base/router.tsx";
import { sendFiles, type Files } from "~/ui/files.tsx";
import { giveBack, idsOf, keptFiles } from "~/ui/kept_files.ts";
import { toast } from "~/ui/toast.tsx";
import { draftName, draftsChanged } from "../drafts.tsx";
import type { Audience } from "../types.ts";
import { canUndo, dropStep, undo } from "../undo.ts";
import { delegationOf } from "./entries.ts";
import { t } from "./words.ts";

export const delay = 5_000;
export type Then = "nothing" | "wait" | "resolve";

export interface Sending {
  key: string;
  ticket: number;
  audience: Audience;
  text: string;
  relays: number | null;
  then: Then;
  also: { team?: string; agent?: string; priority?: Priority }; // what a template sets besides
  files: Files | null; // its own: what is chosen meanwhile belongs to the next
  state: "waiting" | "sending";
  takeBack: () => void; // this one, whatever else was done since
}
type Wanted = Omit<Sending, "key" | "state" | "takeBack">;
// What this page has sent itself: no news to whoever goes on writing.
export const sentHere = new Set<number>();
export const sendings = signal<readonly Sending[]>([]);
guardLeaving(() => sendings.peek().length > 0);

// Another reads now: what waited does not leave in his name. It is a draft again when its writer comes back.
const timers = new Map<string, ReturnType<typeof setTimeout>>();
let reader = 0;
forgetWithAccount(() => {
  reader += 1;
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
  doubtful.clear();
  sendings.value = [];
});

// What may have arrived though no answer came: sent again unchanged, it goes under the same key, so that the hub knows
// it. By what was said to whom.
const doubtful = new Map<string, string>();
function saidBy(sending: Pick<Wanted, "ticket" | "audience" | "text" | "then" | "relays">): string {
  return JSON.stringify([sending.ticket, sending.audience, sending.text, sending.then, sending.relays]);
}

export function relaysName(ticket: number): string {
  return `relays.${ticket}`;
}

function replace(sending: Sending, next: Sending | null) {
  sendings.value = sendings.value.flatMap((each) => (each.key === sending.key ? (next ? [next] : []) : [each]));
}

// It did not leave: its words and files stand in their box again, before what was written there since.
function backToBox(sending: Wanted) {
  const { ticket, audience, text, relays } = sending;
  const name = draftName(ticket, audience);
  const box = draft(name);
  box.value = box.peek() && box.peek() !== text ? `${text}\n\n${box.peek()}` : text;
  if (relays) draft(relaysName(ticket)).value = String(relays);
  giveBack(keptFiles(name), sending.files);
  setTimeout(() => (draftsChanged.value += 1), 200); // a draft is written a moment later
}

async function leave(sending: Sending, aside: { take: () => void }) {
  replace(sending, { ...sending, state: "sending" });
  const { ticket, audience, text, relays } = sending;
  const mine = reader;
  try {
    // A file is as private as its words; to a supplier it leaves with them alone.
    if (sending.files && !(await sendFiles(sending.files, ticket, audience !== "user"))) throw new Error(t.filesFailed);
    const attachments = idsOf(sending.files);
    const leg = delegationOf(audience);
    // The words of a solution are the user's to read: whatever was asked, others' words never take this way.
    if (sending.then === "resolve" && audience === "user") {
      await api.post(`tickets/${ticket}/resolve`, { text, ...(attachments.length && { attachments }) }, { key: sending.key });
    } else {
      const body = { text, ...(attachments.length && { attachments }), visibility: leg ? "supplier" : audience, ...(leg && { delegation: leg }), ...(relays && audience === "user" && { relays }), ...(sending.then === "wait" && audience === "user" && { status: "waiting_user" }) };
      const message = await api.post<Message>(`tickets/${ticket}/messages`, body, { key: sending.key });
      sentHere.add(message.id);
    }
  } catch (failed) {
    if (mine !== reader) return; // somebody else's page; the words stay put aside for their writer
    replace(sending, null);
    aside.take();
    backToBox(sending);
    const problem = asProblem(failed);
    if (problem.status === 0 || problem.status >= 500) doubtful.set(saidBy(sending), sending.key);
    const why = failed instanceof Error && failed.message === t.filesFailed ? failed.message : [problem.message, ...problem.fields.map((each) => `${each.pointer} ${each.detail}`)].join(" ");
    toast(t.sendFailed(why), { tone: "danger", stay: 30_000 });
    return;
  }
  aside.take();
  if (mine !== reader) return;
  if (Object.keys(sending.also).length) {
    try {
      const agent = sending.also.agent === "me" ? session.peek()?.agent?.id : sending.also.agent;
      await api.patch(`tickets/${ticket}`, { ...sending.also, ...(agent && { agent }) });
    } catch (failed) {
      toast(t.restNotSet(asProblem(failed).message), { tone: "danger" });
    }
  }
  invalidate(`ticket:${ticket}`, "tickets");
  // The entry takes the place of the one that waited in the same breath.
  setTimeout(() => replace(sending, null), 250);
  draftsChanged.value += 1;
}

// Takes the draft and sends it, at once or after the delay.
export function send(wanted: Wanted, about: string) {
  const { ticket, audience, text, then, relays } = wanted;
  const wait = audience === "internal" ? 0 : delay;
  const said = saidBy(wanted);
  const key = doubtful.get(said) ?? randomKey();
  doubtful.delete(said);
  const name = draftName(ticket, audience);
  // Found again if the browser is closed meanwhile. By its own key: another may follow before this one has left.
  const aside = putAside(`${name}.sending.${key}`, JSON.stringify({ at: Date.now(), text, then, relays, alone: !wanted.files }));
  forgetDraft(name);
  if (audience === "user") forgetDraft(relaysName(ticket));
  const put = (sending: Sending) => {
    sendings.value = [...sendings.value, sending];
    draftsChanged.value += 1;
  };
  if (wait === 0) {
    const sending: Sending = { ...wanted, key, state: "sending", takeBack: () => undefined };
    put(sending);
    void leave(sending, aside);
    return;
  }
  const step = canUndo(
    about,
    () => {
      clearTimeout(timers.get(key));
      timers.delete(key);
      replace(sending, null);
      aside.take();
      backToBox(wanted);
      return Promise.resolve();
    },
    { stay: wait },
  );
  const sending: Sending = { ...wanted, key, state: "waiting", takeBack: () => void undo(step) };
  put(sending);
  timers.set(
    key,
    setTimeout(() => {
      timers.delete(key);
      dropStep(step);
      void leave(sending, aside);
    }, wait),
  );
}

// What was on its way when the browser closed was perhaps not sent: it is a draft again, and goes under its own key, so
// that the hub knows it if it was. One that another tab is just sending is left to it.
const surelyOver = 30_000;
interface PutAsideSending {
  at: number;
  text: string;
  then: Then;
  relays: number | null;
  alone: boolean; // without files, which the browser does not keep
}
function readAside(text: string): PutAsideSending | undefined {
  try {
    return JSON.parse(text) as PutAsideSending;
  } catch {
    return undefined; // somebody else's text
  }
}
export function recoverDrafts() {
  for (const { found, text, aside } of asides(/^ticket\.(\d+)\.(user|internal|supplier:\d+)\.sending\.([0-9a-f]+)$/)) {
    const [, ticket, audience, key] = found;
    const kept = readAside(text);
    if (kept && Date.now() - kept.at < surelyOver) continue;
    aside.take();
    if (!kept || !ticket || !audience || !key) continue;
    const sending: Wanted = { ticket: Number(ticket), audience: audience as Audience, text: kept.text, then: kept.then, relays: kept.relays, also: {}, files: null };
    if (kept.alone) doubtful.set(saidBy(sending), key); // with files missing it would be another request
    backToBox(sending);
  }
}
