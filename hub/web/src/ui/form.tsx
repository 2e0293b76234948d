// Fields with label, hint and error tied together; a summary of errors that takes the focus; a form that cannot be
// sent twice and loses nothing.
import { useSignal, type Signal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { ApiProblem, asProblem } from "~/api/client.ts";
import { t } from "./words.ts";

export interface FieldOptions {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  optional?: boolean;
  hideLabel?: boolean;
}

function Frame({ id, label, hint, error, optional, hideLabel, children }: FieldOptions & { id: string; children: ComponentChildren }) {
  return (
    <div class={`field ${error ? "field-wrong" : ""}`}>
      <label for={id} class={hideLabel ? "sr-only" : ""}>
        {label}
        {optional && <span class="quiet"> ({t.optional})</span>}
      </label>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
      {children}
    </div>
  );
}
function described(id: string, { hint, error }: FieldOptions) {
  const by = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return { ...(by && { "aria-describedby": by }), ...(error && { "aria-invalid": "true" as const }) };
}

type Rest<E extends keyof JSX.IntrinsicElements> = Omit<JSX.IntrinsicElements[E], "label" | "value" | "onInput" | "id">;

export function TextField({ value, name, label, hint, error, optional, hideLabel, ...rest }: FieldOptions & { value: Signal<string>; name: string } & Rest<"input">) {
  const id = `${useId()}-${name}`;
  const options = { label, hint, error, optional: optional ?? false, hideLabel: hideLabel ?? false };
  return (
    <Frame id={id} {...options}>
      <input {...(rest as object)} id={id} name={name} value={value.value} onInput={(e) => (value.value = e.currentTarget.value)} {...described(id, options)} />
    </Frame>
  );
}

export function TextArea({ value, name, label, hint, error, optional, hideLabel, ...rest }: FieldOptions & { value: Signal<string>; name: string } & Rest<"textarea">) {
  const id = `${useId()}-${name}`;
  const ref = useRef<HTMLTextAreaElement>(null);
  const options = { label, hint, error, optional: optional ?? false, hideLabel: hideLabel ?? false };
  useEffect(() => {
    const area = ref.current; // grows with what is written
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight + 2, window.innerHeight * 0.6)}px`;
  }, [value.value]);
  return (
    <Frame id={id} {...options}>
      <textarea {...(rest as object)} ref={ref} id={id} name={name} value={value.value} onInput={(e) => (value.value = e.currentTarget.value)} {...described(id, options)} />
    </Frame>
  );
}

export function SelectField({ value, name, label, hint, error, optional, hideLabel, choices, ...rest }: FieldOptions & { value: Signal<string>; name: string; choices: readonly (readonly [value: string, text: string])[] } & Rest<"select">) {
  const id = `${useId()}-${name}`;
  const options = { label, hint, error, optional: optional ?? false, hideLabel: hideLabel ?? false };
  return (
    <Frame id={id} {...options}>
      <select {...(rest as object)} id={id} name={name} value={value.value} onChange={(e) => (value.value = e.currentTarget.value)} {...described(id, options)}>
        {choices.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </Frame>
  );
}

export function CheckField({ checked, label, hint, name }: { checked: Signal<boolean>; label: string; hint?: string; name: string }) {
  const id = `${useId()}-${name}`;
  return (
    <div class="check">
      <input type="checkbox" id={id} name={name} checked={checked.value} onChange={(e) => (checked.value = e.currentTarget.checked)} {...(hint && { "aria-describedby": `${id}-hint` })} />
      <label for={id}>{label}</label>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

export function ChoiceField({ value, name, legend, hint, choices }: { value: Signal<string>; name: string; legend: string; hint?: string; choices: readonly (readonly [value: string, text: string, hint?: string])[] }) {
  const id = useId();
  return (
    <fieldset class="choices" {...(hint && { "aria-describedby": `${id}-hint` })}>
      <legend>{legend}</legend>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {choices.map(([key, text, about]) => (
        <div class="check" key={key}>
          <input type="radio" id={`${id}-${key}`} name={name} value={key} checked={value.value === key} onChange={() => (value.value = key)} />
          <label for={`${id}-${key}`}>{text}</label>
          {about && <p class="hint">{about}</p>}
        </div>
      ))}
    </fieldset>
  );
}

export interface Mistake {
  name: string; // of the field
  text: string;
}

// What a form knows while it is filled in and sent.
export function useForm() {
  const mistakes = useSignal<Mistake[]>([]);
  const busy = useSignal(false);
  const problem = useSignal<ApiProblem | undefined>(undefined);
  const tries = useSignal(0); // failed attempts: each moves the focus to the summary
  return {
    mistakes,
    busy,
    problem,
    tries,
    error: (name: string) => mistakes.value.find((each) => each.name === name)?.text ?? problem.value?.field(name),
    // Checks, then sends; a refusal is shown and nothing typed is lost. True: it was taken.
    submit: async (check: () => Mistake[], send: () => Promise<unknown>): Promise<boolean> => {
      if (busy.peek()) return false;
      mistakes.value = check();
      problem.value = undefined;
      if (mistakes.value.length) {
        tries.value += 1;
        return false;
      }
      busy.value = true;
      try {
        await send();
        return true;
      } catch (failed) {
        problem.value = asProblem(failed);
        tries.value += 1;
        return false;
      } finally {
        busy.value = false;
      }
    },
  };
}
export type FormState = ReturnType<typeof useForm>;

// Stands at the top of a form. Takes the focus when sending failed.
export function ErrorSummary({ form }: { form: FormState }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (form.tries.value > 0) box.current?.focus();
  }, [form.tries.value]);
  const problem = form.problem.value;
  const mistakes: Mistake[] = [...form.mistakes.value, ...(problem?.fields ?? []).map((each) => ({ name: each.pointer.replace(/^[/?]/, ""), text: each.detail }))];
  if (!problem && mistakes.length === 0) return null;
  return (
    <div class="error-summary" role="alert" tabIndex={-1} ref={box}>
      <h2>{mistakes.length ? t.problems(mistakes.length) : problem!.message}</h2>
      {mistakes.length > 0 && (
        <ul>
          {mistakes.map((each) => (
            <li key={each.name}>
              <button
                type="button"
                class="link"
                onClick={(e) => e.currentTarget.closest("form, dialog, main")?.querySelector<HTMLElement>(`[name="${CSS.escape(each.name)}"]`)?.focus()}
              >
                {each.text}
              </button>
            </li>
          ))}
        </ul>
      )}
      {problem?.instance && mistakes.length === 0 && (
        <p class="quiet small">
          {t.reference}: {problem.instance}
        </p>
      )}
    </div>
  );
}

// A form that stays on the page. The button is told apart while it is being sent, never disabled for a mistake.
export function Form({ state, onSubmit, children, class: name, label }: { state: FormState; onSubmit: () => void; children: ComponentChildren; class?: string; label?: string }) {
  return (
    <form
      noValidate
      class={name ?? ""}
      {...(label && { "aria-label": label })}
      aria-busy={state.busy.value}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <ErrorSummary form={state} />
      {children}
    </form>
  );
}
export function SubmitButton({ state, children, danger, class: name }: { state: FormState; children: ComponentChildren; danger?: boolean; class?: string }) {
  return (
    <button type="submit" class={`${danger ? "danger" : "primary"} ${name ?? ""}`} aria-disabled={state.busy.value}>
      {children}
      {state.busy.value && <span class="busy" aria-hidden="true" />}
    </button>
  );
}
