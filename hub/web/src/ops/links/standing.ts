// How a link stands, in one word, and what to do about it: from what the API tells, in the reader's language.
import { CircleAlert, CircleCheck, CirclePause, CirclePower, CircleQuestionMark, Clock, KeyRound, RefreshCw, TriangleAlert, type IconNode } from "lucide";
import { date } from "~/base/time.ts";
import type { Tone } from "~/ui/domain.tsx";
import type { Link, LinkTrouble } from "../types.ts";
import { t } from "./words.ts";

export type Step = "test" | "resume" | "restart" | "reload" | "stuck" | "doubt";
export interface Matter {
  key: string;
  rank: number; // the greater, the more it needs a person
  tone: Tone;
  word: string;
  icon: IconNode;
  what: string;
  next: string;
  steps: Step[];
  trouble?: LinkTrouble;
}
// From here on somebody must act; below it mends itself, or was wanted so.
export const needsYou = 50;

function ofTrouble(link: Link, trouble: LinkTrouble): Matter | null {
  const who = link.supplier;
  const base = { key: `${trouble.about}-${trouble.status}`, trouble };
  const until = link.host?.certificate_until;
  switch (trouble.about) {
    case "certificate": {
      const day = until ? date(until) : "";
      return trouble.status === "expired"
        ? { ...base, rank: 88, tone: "danger", word: t.sFault, icon: CircleAlert, what: t.wCertificateOver(who, day), next: t.nCertificateOver, steps: ["test"] }
        : { ...base, rank: 52, tone: "warning", word: t.sWarning, icon: TriangleAlert, what: t.wCertificate(who, day), next: t.nCertificate, steps: [] };
    }
    case "clock":
      return { ...base, rank: 51, tone: "warning", word: t.sWarning, icon: TriangleAlert, what: t.wClock(who), next: t.nClock, steps: ["test"] };
    case "status":
      return { ...base, rank: 55, tone: "warning", word: t.sWarning, icon: TriangleAlert, what: t.wStatus(who), next: t.nStatus(link.id), steps: ["reload"] };
    default:
  }
  if (trouble.status === "auth") return link.state === "auth" ? null : { ...base, rank: 90, tone: "danger", word: t.sRefused, icon: KeyRound, what: t.wRefused(who), next: t.nRefused(link.id), steps: ["test", "reload"] };
  if (trouble.status === "rate_limited") return { ...base, rank: 20, tone: "info", word: t.sWaiting, icon: Clock, what: t.wWaiting(who), next: t.nNothing, steps: [] };
  if (trouble.status === "permanent") return { ...base, rank: 70, tone: "danger", word: t.sFault, icon: CircleAlert, what: t.wPermanent(who), next: t.nPermanent, steps: ["test"] };
  const what = trouble.about === "poll" ? t.wPoll(who) : trouble.about === "write" ? t.wWrite(who) : trouble.about === "lookup" ? t.wLookup(who) : t.wOther;
  return { ...base, rank: 40, tone: "warning", word: t.sRetrying, icon: RefreshCw, what, next: t.nItself, steps: ["test"] };
}

// Everything that is the matter with a link, the worst first. None: it works.
export function matters(link: Link): Matter[] {
  if (!link.configured) return [{ key: "off", rank: -1, tone: "neutral", word: t.sOff, icon: CirclePower, what: t.wOff, next: t.nOff(link.id), steps: [] }];
  const found: Matter[] = [];
  const auth = link.troubles.find((each) => each.status === "auth");
  if (link.state === "auth") found.push({ key: "auth", rank: 90, tone: "danger", word: t.sRefused, icon: KeyRound, what: t.wRefused(link.supplier), next: t.nRefused(link.id), steps: ["test", "reload", "resume"], ...(auth && { trouble: auth }) });
  if (link.state === "paused") found.push({ key: "paused", rank: 48, tone: "info", word: t.sPaused, icon: CirclePause, what: t.wPaused, next: t.nPaused, steps: ["resume"] });
  const host = link.host;
  if (host?.state === "held") found.push({ key: "held", rank: 95, tone: "danger", word: t.sHeld, icon: CircleAlert, what: t.wHeld, next: t.nHeld, steps: ["restart"] });
  if (host?.state === "backing_off") found.push({ key: "backing_off", rank: 45, tone: "warning", word: t.sStarting, icon: RefreshCw, what: t.wBackingOff, next: t.nNothing, steps: ["restart"] });
  if (host?.state === "starting") found.push({ key: "starting", rank: 10, tone: "info", word: t.sStarting, icon: RefreshCw, what: t.wStarting, next: t.nNothing, steps: [] });
  if (link.backlog.dead > 0) found.push({ key: "stuck", rank: 80, tone: "danger", word: t.sStuck, icon: CircleAlert, what: t.wStuck(link.backlog.dead), next: t.nStuck, steps: ["stuck"] });
  if (link.backlog.in_doubt > 0) found.push({ key: "doubt", rank: 42, tone: "warning", word: t.sDoubt, icon: CircleQuestionMark, what: t.wDoubt(link.backlog.in_doubt), next: t.nNothing, steps: ["doubt"] });
  for (const trouble of link.troubles) {
    const matter = ofTrouble(link, trouble);
    // A link that is paused tries nothing: what would mend itself is not what is the matter.
    if (matter && !(link.state === "paused" && matter.rank < needsYou)) found.push(matter);
  }
  if (link.not_before && !found.some((each) => each.word === t.sWaiting)) {
    found.push({ key: "wait", rank: 20, tone: "info", word: t.sWaiting, icon: Clock, what: t.wWaiting(link.supplier), next: t.nNothing, steps: [] });
  }
  return found.sort((a, b) => b.rank - a.rank);
}

const well: Matter = { key: "ok", rank: 0, tone: "ok", word: "", icon: CircleCheck, what: "", next: "", steps: [] };
export function standing(link: Link): Matter {
  return matters(link)[0] ?? { ...well, word: t.sOk };
}

export function byTrouble(links: readonly Link[]): { link: Link; now: Matter }[] {
  return links
    .map((link) => ({ link, now: standing(link) }))
    .sort((a, b) => b.now.rank - a.now.rank || b.link.backlog.unfinished - a.link.backlog.unfinished || a.link.supplier.localeCompare(b.link.supplier));
}

// When the link tries again, if it waits for something.
export function nextTry(link: Link): string | null {
  return link.not_before ?? link.host?.next_start ?? null;
}
