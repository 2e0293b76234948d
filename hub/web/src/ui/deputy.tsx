// Who answers orders in an approver's place while he is away: who it is now, and the form that names one.
import { useSignal } from "@preact/signals";
import { CalendarClock, UserCheck } from "lucide";
import { api, asProblem, ApiProblem } from "~/api/client.ts";
import { invalidate, useGet } from "~/api/cache.ts";
import { dates, dayAfter, dayKey, startOfDay } from "~/base/time.ts";
import { Form, SubmitButton, TextField, useForm, type Mistake } from "./form.tsx";
import { Icon } from "./icon.tsx";
import { Loaded } from "./states.tsx";
import { toast } from "./toast.tsx";
import { t as ui } from "./words.ts";
import { t } from "./deputy_words.ts";

export interface Deputy {
  person: number;
  name: string;
  from: string;
  until: string; // the moment after which it is over
  active: boolean;
}
export interface Deputies {
  delegate: Deputy | null;
  stands_for: Deputy[];
}
const longest = 366;

// The days of a span that ends at a moment: midnight still belongs to the day before.
export function span(deputy: Deputy): string {
  return dates(deputy.from, Date.parse(deputy.until) - 1);
}

// `name`: the approver's, when he is not the reader.
export function DeputyPanel({ path, name }: { path: string; name?: string }) {
  const got = useGet<Deputies>(path, ["deputies"]);
  const changing = useSignal(false);
  return (
    <>
      <p class="quiet">{name ? t.aboutOf(name) : t.about}</p>
      <Loaded got={got} lines={3}>
        {({ delegate }) =>
          delegate && !changing.value ? (
            <Named deputy={delegate} path={path} named={name !== undefined} change={() => (changing.value = true)} />
          ) : (
            <NameForm path={path} before={delegate} done={() => (changing.value = false)} />
          )
        }
      </Loaded>
    </>
  );
}

function Named({ deputy, path, named, change }: { deputy: Deputy; path: string; named: boolean; change: () => void }) {
  const end = async () => {
    try {
      await api.delete(path);
      toast(t.ended, { tone: "ok" });
    } catch (failed) {
      toast(asProblem(failed).message, { tone: "danger" });
    }
    invalidate("deputies", "tickets");
  };
  const says = named ? (deputy.active ? t.nowOf : t.laterOf) : deputy.active ? t.now : t.later;
  return (
    <div class="deputy">
      <p class="deputy-who">
        <Icon of={deputy.active ? UserCheck : CalendarClock} /> <strong dir="auto">{says(deputy.name)}</strong>
        <span class="quiet">{span(deputy)}</span>
      </p>
      <div class="buttons">
        <button type="button" onClick={change}>
          {t.change}
        </button>
        <button type="button" onClick={() => void end()}>
          {t.end}
        </button>
      </div>
    </div>
  );
}

function NameForm({ path, before, done }: { path: string; before: Deputy | null; done: () => void }) {
  const form = useForm();
  const today = dayKey(Date.now());
  const email = useSignal("");
  const from = useSignal(before && !before.active ? dayKey(before.from) : today);
  const until = useSignal(before ? dayKey(Date.parse(before.until) - 1) : "");
  const check = (): Mistake[] => {
    const wrong: Mistake[] = [];
    const [first, last] = [from.peek(), until.peek()];
    if (!/^\S+@\S+\.\S+$/.test(email.peek().trim())) wrong.push({ name: "email", text: t.whoMissing });
    if (!first) wrong.push({ name: "from", text: t.fromMissing });
    if (!last) wrong.push({ name: "until", text: t.untilMissing });
    else if (last < today) wrong.push({ name: "until", text: t.past });
    else if (last < first) wrong.push({ name: "until", text: t.order });
    else if (last >= dayAfter(first || today, longest - 1)) wrong.push({ name: "until", text: t.tooLong });
    return wrong;
  };
  const send = async () => {
    try {
      const saved = await api.put<Deputies>(path, {
        email: email.peek().trim(),
        ...(from.peek() > today && { from: startOfDay(from.peek()).toISOString() }),
        until: startOfDay(until.peek(), 1).toISOString(),
      });
      toast(t.saved(saved.delegate?.name ?? email.peek()), { tone: "ok" });
    } catch (failed) {
      const problem = asProblem(failed);
      if (problem.field("email")) throw new ApiProblem(problem.status, problem.code, problem.message, [{ pointer: "/email", detail: t.whoWrong }]);
      if (problem.status === 409) throw new ApiProblem(problem.status, problem.code, t.notApprover);
      throw problem;
    }
    invalidate("deputies", "tickets");
    done();
  };
  return (
    <Form state={form} onSubmit={() => void form.submit(check, send)}>
      <TextField value={email} name="email" type="email" label={t.who} hint={t.whoHint} autocomplete="off" error={form.error("email")} />
      <div class="deputy-days">
        <TextField value={from} name="from" type="date" label={t.from} min={today} error={form.error("from")} />
        <TextField value={until} name="until" type="date" label={t.until} min={from.value || today} error={form.error("until")} />
      </div>
      <div class="buttons">
        <SubmitButton state={form}>{t.save}</SubmitButton>
        {before && (
          <button type="button" onClick={done}>
            {ui.cancel}
          </button>
        )}
      </div>
    </Form>
  );
}
