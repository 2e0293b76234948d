import type { Signal } from "@preact/signals";
import { useId } from "preact/hooks";

// Several of a list, each with what it means.
export function CheckList({ chosen, name, legend, hint, error, choices, disabled }: { chosen: Signal<ReadonlySet<string>>; name: string; legend: string; hint?: string; error?: string | undefined; choices: readonly (readonly [value: string, text: string, about?: string])[]; disabled?: boolean }) {
  const id = useId();
  const by = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <fieldset class={error ? "field-wrong" : ""} {...(by && { "aria-describedby": by })}>
      <legend>{legend}</legend>
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
      {choices.map(([value, text, about]) => (
        <div class="check" key={value}>
          <input
            type="checkbox"
            id={`${id}-${value}`}
            name={name}
            value={value}
            disabled={disabled ?? false}
            checked={chosen.value.has(value)}
            {...(about && { "aria-describedby": `${id}-${value}-about` })}
            onChange={(e) => {
              const next = new Set(chosen.peek());
              if (e.currentTarget.checked) next.add(value);
              else next.delete(value);
              chosen.value = next;
            }}
          />
          <label for={`${id}-${value}`}>{text}</label>
          {about && (
            <p class="hint" id={`${id}-${value}-about`}>
              {about}
            </p>
          )}
        </div>
      ))}
    </fieldset>
  );
}
