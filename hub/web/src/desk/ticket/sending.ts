// Words to others leave five seconds after the button, so that they can be taken back. Until the hub has taken them
// they stay among the drafts: a closed browser loses nothing and sends nothing.
import { signal } from "@preact/signals";
import { api, asProblem, randomKey } from "~/api/client.ts";
import { invalidate } from "~/api/cache.ts";
import { session } from "~/api/session.ts";
import type { Message, Priority } from "~/api/types.ts";
import { draft, draftNames, forgetDraft } from "~/base/drafts.ts";
import { guardLeaving } from "~/base/router.tsx";
import { sendFiles, type Files } from "~/ui/files.tsx";
import { toast } from "~/ui/toast.tsx";
import { draftName, draftsChanged } from "../drafts.tsx";
import type { Audience } from "../types.ts";
import { canUndo } from "../undo.ts";
import { delegationOf } from "./timeline.ts";
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
  files: Files | null;
  leaves: number; // when
  state: "waiting" | "sending";
}
export const sendings = signal<readonly Sending[]>([]);
guardLeaving(() => sendings.peek().length > 0);

// What may have arrived though no answer came: sent again unchanged, it goes under the same key, so that the hub knows it.
const doubtful = new Map<string, { said: string; key: string }>();
function saidBy(sending: Pick<Sending, "text" | "then" | "relays">): string {
  return JSON.stringify([sending.text, sending.then, sending.relays]);
}

export function relaysName(ticket: number): string {
  return `relays.${ticket}`;
}

function replace(sending: Sending, next: Sending | null) {
  sendings.value = sendings.value.flatMap((each) => (each.key === sending.key ? (next ? [next] : []) : [each]));
}

async function leave(sending: Sending) {
  replace(sending, { ...sending, state: "sending" });
  const { ticket, audience, text, relays } = sending;
  try {
    if (sending.files && !(await sendFiles(sending.files, ticket, audience === "internal"))) throw new Error(t.filesFailed);
    const leg = delegationOf(audience);
    if (sending.then === "resolve") {
      await api.post(`tickets/${ticket}/resolve`, { text }, { key: sending.key });
    } else {
      const body = { text, visibility: leg ? "supplier" : audience, ...(leg && { delegation: leg }), ...(relays && audience === "user" && { relays }), ...(sending.then === "wait" && audience === "user" && { status: "waiting_user" }) };
      await api.post<Message>(`tickets/${ticket}/messages`, body, { key: sending.key });
    }
  } catch (failed) {
    replace(sending, null);
    // What was written since is not overwritten: the unsent comes first.
    const box = draft(draftName(ticket, audience));
    box.value = box.peek() && box.peek() !== text ? `${text}\n\n${box.peek()}` : text;
    if (relays) draft(relaysName(ticket)).value = String(relays);
    const problem = asProblem(failed);
    if (problem.status === 0 || problem.status >= 500) doubtful.set(draftName(ticket, audience), { said: saidBy(sending), key: sending.key });
    const why = failed instanceof Error && failed.message === t.filesFailed ? failed.message : [problem.message, ...problem.fields.map((each) => `${each.pointer} ${each.detail}`)].join(" ");
    toast(t.sendFailed(why), { tone: "danger", stay: 30_000 });
    draftsChanged.value += 1;
    return;
  }
  if (sending.files) sending.files.value = [];
  if (Object.keys(sending.also).length) {
    try {
      const agent = sending.also.agent === "me" ? session.peek()?.agent?.id : sending.also.agent;
      await api.patch(`tickets/${ticket}`, { ...sending.also, ...(agent && { agent }) });
    } catch (failed) {
      toast(t.restNotSet(asProblem(failed).message), { tone: "danger" });
    }
  }
  forgetDraft(`${draftName(ticket, audience)}.sending`);
  invalidate(`ticket:${ticket}`, "tickets");
  // The entry takes the place of the one that waited in the same breath.
  setTimeout(() => replace(sending, null), 250);
  draftsChanged.value += 1;
}

// Takes the draft and sends it, at once or after the delay.
export function send(wanted: Omit<Sending, "key" | "leaves" | "state">, about: string) {
  const { ticket, audience, text } = wanted;
  const wait = audience === "internal" ? 0 : delay;
  const before = doubtful.get(draftName(ticket, audience));
  doubtful.delete(draftName(ticket, audience));
  const key = before?.said === saidBy(wanted) ? before.key : randomKey();
  const sending: Sending = { ...wanted, key, leaves: Date.now() + wait, state: "waiting" };
  const name = draftName(ticket, audience);
  draft(`${name}.sending`).value = `${Date.now()}\n${text}`; // found again if the browser is closed meanwhile
  forgetDraft(name);
  if (audience === "user") forgetDraft(relaysName(ticket));
  sendings.value = [...sendings.value, sending];
  draftsChanged.value += 1;
  if (wait === 0) {
    void leave(sending);
    return;
  }
  const timer = setTimeout(() => {
    take();
    void leave(sending);
  }, wait);
  const back = () => {
    clearTimeout(timer);
    replace(sending, null);
    const box = draft(name);
    box.value = box.peek() ? `${text}\n\n${box.peek()}` : text;
    if (wanted.relays) draft(relaysName(ticket)).value = String(wanted.relays);
    forgetDraft(`${name}.sending`);
    draftsChanged.value += 1;
    return Promise.resolve();
  };
  const take = canUndo(about, back, { stay: wait });
}

// A draft that was on its way when the browser closed was not sent: it is a draft again. One that another tab is just
// sending is left to it.
const surelyOver = 30_000;
export function recoverDrafts() {
  for (const sending of draftNames()) {
    const found = /^(ticket\.\d+\..+)\.sending$/.exec(sending);
    if (!found?.[1]) continue;
    const [at, ...lines] = draft(sending).peek().split("\n");
    if (Date.now() - Number(at) < surelyOver) continue;
    const box = draft(found[1]);
    if (!box.peek()) box.value = lines.join("\n");
    forgetDraft(sending);
  }
  setTimeout(() => (draftsChanged.value += 1), 200); // a draft is written a moment later
}
