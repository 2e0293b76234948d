// A password: pasted and filled in by password managers as they like, shown when the reader wants to see it. With
// `rules`, what a new one must be is ticked off while it is typed.
import { useSignal, type Signal } from "@preact/signals";
import { Check, Circle, Eye, EyeOff } from "lucide";
import { useId } from "preact/hooks";
import { ApiProblem } from "~/api/client.ts";
import { Icon } from "~/ui/icon.tsx";
import type { Mistake } from "~/ui/form.tsx";
import { t } from "./words.ts";

export const passwordCharactersMin = 12; // as the hub's policy has it

interface Options {
  value: Signal<string>;
  name: string;
  label: string;
  error?: string | undefined;
  autocomplete: "current-password" | "new-password";
  own?: readonly string[]; // name and e-mail, which must not be in it
  rules?: boolean;
}

export function PasswordField({ value, name, label, error, autocomplete, own = [], rules }: Options) {
  const id = `${useId()}-${name}`;
  const shown = useSignal(false);
  const by = [rules && `${id}-rules`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div class={`field ${error ? "field-wrong" : ""}`}>
      <label for={id}>{label}</label>
      {error && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
      <div class="password">
        <input
          id={id}
          name={name}
          {...(shown.value ? { type: "text" as const } : { type: "password" as const })}
          value={value.value}
          autocomplete={autocomplete}
          autocapitalize="none"
          spellcheck={false}
          onInput={(e) => (value.value = e.currentTarget.value)}
          {...(by && { "aria-describedby": by })}
          {...(error && { "aria-invalid": "true" as const })}
        />
        <button type="button" aria-label={shown.value ? t.hidePassword : t.showPassword} onClick={() => (shown.value = !shown.value)}>
          <Icon of={shown.value ? EyeOff : Eye} />
          {shown.value ? t.hide : t.show}
        </button>
      </div>
      {rules && <Rules id={`${id}-rules`} password={value.value} own={own} />}
    </div>
  );
}

function characters(text: string): number {
  return [...text.normalize("NFC")].length;
}
function holdsOwn(password: string, own: readonly string[]): boolean {
  const lower = password.toLowerCase();
  return own.some((text) =>
    text
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .some((part) => part.length >= 4 && lower.includes(part)),
  );
}

function Rules({ id, password, own }: { id: string; password: string; own: readonly string[] }) {
  const rule = (met: boolean | undefined, text: string) => (
    <li class={met ? "rule-met" : ""}>
      <Icon of={met ? Check : Circle} size={14} />
      {text} <span class="sr-only">({met === undefined ? t.ruleLater : met ? t.ruleMet : t.ruleOpen})</span>
    </li>
  );
  return (
    <div id={id} class="rules">
      <ul>
        {rule(characters(password) >= passwordCharactersMin, t.ruleLength(passwordCharactersMin))}
        {own.length > 0 && rule(password !== "" && !holdsOwn(password, own), t.ruleOwn)}
        {rule(undefined, t.ruleCommon)}
      </ul>
      <p class="hint">{t.rulesHint}</p>
    </div>
  );
}

export function passwordMistakes(name: string, password: string, own: readonly string[] = []): Mistake[] {
  if (characters(password) < passwordCharactersMin) return [{ name, text: t.tooShort(passwordCharactersMin) }];
  if (holdsOwn(password, own)) return [{ name, text: t.holdsOwn }];
  return [];
}

// What the hub has against a new password, in the reader's words and at the field's own name.
export function passwordProblem(problem: ApiProblem, theirs: string, ours: string): ApiProblem {
  if (!problem.field(theirs)) return problem;
  const fields = problem.fields.map((each) => {
    if (each.pointer !== `/${theirs}`) return each;
    const text = /characters/.test(each.detail) ? t.tooShort(passwordCharactersMin) : /name or e-mail/.test(each.detail) ? t.holdsOwn : t.tooCommon;
    return { pointer: `/${ours}`, detail: text };
  });
  return new ApiProblem(problem.status, problem.code, problem.message, fields, problem.instance);
}
