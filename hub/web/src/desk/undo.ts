// What can be taken back, latest last: "z" and the toast's button do the same.
import { asProblem, call, type Options } from "~/api/client.ts";
import { invalidate } from "~/api/cache.ts";
import { forgetWithAccount } from "~/api/session.ts";
import { toast } from "~/ui/toast.tsx";
import { recount } from "./counts.ts";
import { t as ui } from "~/ui/words.ts";
import { t } from "./words.ts";

// What came of taking it back, where that is more than "done".
export interface Outcome {
  said: string;
  whole: boolean;
}
export interface Step {
  about: string;
  back: () => Promise<Outcome | void>;
  take: () => void; // the toast
}
const stepsMax = 50;
const steps: Step[] = [];
forgetWithAccount(() => {
  for (const step of steps.splice(0)) step.take();
});

export function canUndo(about: string, back: Step["back"], options: { stay?: number } = {}): Step {
  const step: Step = { about, back, take: () => undefined };
  step.take = toast(about, { action: { label: ui.undo, run: () => void undo(step) }, ...options });
  steps.push(step);
  if (steps.length > stepsMax) steps.shift();
  return step;
}
// It is too late to take it back.
export function dropStep(step: Step) {
  step.take();
  const at = steps.indexOf(step);
  if (at >= 0) steps.splice(at, 1);
}

export async function undo(wanted?: Step) {
  const step = wanted ?? steps.at(-1);
  const at = step ? steps.indexOf(step) : -1;
  if (!step || at < 0) {
    toast(t.nothingToUndo);
    return;
  }
  steps.splice(at, 1);
  step.take();
  try {
    const outcome = await step.back();
    toast(outcome?.said ?? `${t.undone}: ${step.about}`, { tone: outcome?.whole === false ? "danger" : "ok" });
  } catch (failed) {
    toast(t.notUndone(asProblem(failed).message), { tone: "danger" });
  }
}

// Changes a ticket so that it can be taken back: the hub names the event, and undoes it while nothing newer stands on it.
export async function changeTicket<T>(ticket: number, method: "POST" | "PATCH", path: string, body: unknown, about: string, options: Options = {}): Promise<T> {
  const answer = await call<T>(method, path, { ...options, body });
  const event = Number(answer.headers.get("Ombud-Event"));
  invalidate(`ticket:${ticket}`, "tickets");
  recount();
  if (event > 0) {
    canUndo(about, async () => {
      await call("POST", `tickets/${ticket}/undo`, { body: { event } });
      invalidate(`ticket:${ticket}`, "tickets");
    });
  } else {
    toast(about, { tone: "ok" });
  }
  return answer.data;
}
