// ARIA's combobox with a list: type, arrow, Enter. The caller finds the options; `open` keeps the list on the page
// instead of over it (a palette, a picker in a dialog).
import { useSignal, type Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

export interface Option {
  id: string;
  label: ComponentChildren;
  about?: ComponentChildren;
  group?: string;
}

export interface ComboboxOptions {
  label: string;
  hideLabel?: boolean;
  hint?: string | undefined;
  error?: string | undefined;
  text: Signal<string>;
  options: readonly Option[];
  choose: (id: string) => void;
  none?: string; // said when nothing fits
  open?: boolean;
  autoFocus?: boolean;
  name?: string;
  prompt?: string; // stands in the empty field; the label says it all the same
}

export function Combobox({ label, hideLabel, hint, error, text, options, choose, none, open, autoFocus, name, prompt }: ComboboxOptions) {
  const id = useId().replaceAll(":", "");
  const at = useSignal(0);
  const shown = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const key = options.map((each) => each.id).join(" ");
  useEffect(() => {
    at.value = 0;
  }, [key]);
  useEffect(() => {
    if (autoFocus && !input.current?.closest("dialog")) input.current?.focus(); // a dialog does it itself
  }, []);
  const visible = open || (shown.value && (options.length > 0 || (text.value !== "" && none !== undefined)));
  const current = Math.min(at.value, options.length - 1);
  useEffect(() => {
    list.current?.querySelector(`#${id}-${current}`)?.scrollIntoView({ block: "nearest" });
  }, [current, key]);
  const take = (index: number) => {
    const option = options[index];
    if (!option) return;
    shown.value = false;
    choose(option.id);
  };
  let group: string | undefined;
  return (
    <div class={`field combo ${error ? "field-wrong" : ""}`}>
      <label for={id} class={hideLabel ? "sr-only" : ""}>
        {label}
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
      <div class="combo-box">
        <input
          ref={input}
          id={id}
          name={name}
          role="combobox"
          autoFocus={autoFocus}
          autocomplete="off"
          spellcheck={false}
          placeholder={prompt}
          aria-autocomplete="list"
          aria-expanded={visible}
          aria-controls={`${id}-list`}
          aria-activedescendant={visible && options[current] ? `${id}-${current}` : undefined}
          aria-describedby={[hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined}
          aria-invalid={error ? "true" : undefined}
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            shown.value = true;
          }}
          onFocus={() => (shown.value = text.value !== "" || options.length > 0)}
          onBlur={() => (shown.value = false)}
          onKeyDown={(event) => {
            const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (step !== undefined && options.length) {
              event.preventDefault();
              if (!visible) shown.value = true;
              else at.value = (current + step + options.length) % options.length;
            } else if (event.key === "Enter" && visible && options.length) {
              event.preventDefault();
              take(current);
            } else if (event.key === "Escape" && shown.value && !open) {
              event.preventDefault();
              event.stopPropagation();
              shown.value = false;
            }
          }}
        />
        <ul id={`${id}-list`} ref={list} role="listbox" aria-label={label} class={`combo-list ${open ? "combo-open" : ""}`} hidden={!visible}>
          {options.map((option, i) => {
            const heading = option.group !== group ? option.group : undefined;
            group = option.group;
            return [
              heading && (
                <li key={`group-${heading}`} role="presentation" class="combo-group">
                  {heading}
                </li>
              ),
              <li
                key={option.id}
                id={`${id}-${i}`}
                role="option"
                aria-selected={i === current}
                class="combo-option"
                onMouseMove={() => (at.value = i)}
                onMouseDown={(event) => {
                  event.preventDefault(); // the field keeps the focus until the choice is made
                  take(i);
                }}
              >
                <span class="combo-label">{option.label}</span>
                {option.about && <span class="combo-about">{option.about}</span>}
              </li>,
            ];
          })}
          {options.length === 0 && none && (
            <li role="option" aria-disabled="true" aria-selected={false} class="combo-none">
              {none}
            </li>
          )}
        </ul>
      </div>
    </div>
  );
}
