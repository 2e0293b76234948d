// What can be taken back, latest last: "z" and the toast's button do the same.
import { asProblem, call, type Options } from "~/api/client.ts";
import { invalidate } from "~/api/cache.ts";
import { toast } from "~/ui/toast.tsx";
import { recount } from "./counts.ts";
import { t as ui } from "~/ui/words.ts";
import { t } from "./words.ts";

interface Step {
  about: string;
  back: () => Promise<void>;
  take: () => void; // the toast
}
const stepsMax = 50;
const steps: Step[] = [];

export function canUndo(about: string, back: () => Promise<void>, options: { stay?: number } = {}) {
  const step: Step = { about, back, take: () => undefined };
  step.take = toast(about, { action: { label: ui.undo, run: () => void undo(step) }, ...options });
  steps.push(step);
  if (steps.length > stepsMax) steps.shift();
  return () => {
    step.take();
    const at = steps.indexOf(step);
    if (at >= 0) steps.splice(at, 1);
  };
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
    await step.back();
    toast(`${t.undone}: ${step.about}`, { tone: "ok" });
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
