// Which service: ARIA's combobox with a list. What is typed is looked for in the services' names and in the words that
// people use for them ("vpn" finds the network). Empty means: the desk finds out.
import { useSignal, type Signal } from "@preact/signals";
import { ChevronDown, X } from "lucide";
import { useEffect, useId, useRef } from "preact/hooks";
import type { Service } from "~/api/types.ts";
import { Icon } from "~/ui/icon.tsx";
import { matchingServices } from "./service.ts";
import { t } from "./words.ts";

interface Options {
  value: Signal<string>;
  services: readonly Service[];
  guessed: boolean; // chosen by the page, not by the reader
  choose: (id: string) => void;
  error?: string | undefined;
}

export function ServiceField({ value, services, guessed, choose, error }: Options) {
  const id = useId();
  const open = useSignal(false);
  const at = useSignal(0);
  const typed = useSignal<string | undefined>(undefined); // while the reader is typing; else the chosen name stands there
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const found = matchingServices(typed.value ?? "", services);
  const choices = typed.value?.trim() ? found : [undefined, ...found]; // undefined: not sure
  const chosen = services.find((each) => each.id === value.value);

  const show = () => {
    if (open.peek()) return;
    open.value = true;
    at.value = Math.max(
      0,
      choices.findIndex((each) => (each?.id ?? "") === value.peek()),
    );
  };
  const hide = () => {
    open.value = false;
    typed.value = undefined;
  };
  const take = (service: Service | undefined) => {
    choose(service?.id ?? "");
    hide();
    input.current?.focus();
  };
  useEffect(() => {
    if (open.value) list.current?.children[at.value]?.scrollIntoView({ block: "nearest" });
  }, [open.value, at.value]);

  const keys = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      if (!open.peek()) show();
      else if (choices.length) at.value = (at.peek() + step + choices.length) % choices.length;
    } else if (event.key === "Enter" && open.peek()) {
      event.preventDefault(); // chooses, does not send the form
      if (choices.length) take(choices[Math.min(at.peek(), choices.length - 1)]);
    } else if (event.key === "Escape" && open.peek()) {
      event.preventDefault();
      event.stopPropagation();
      hide();
    }
  };
  const nothing = open.value && choices.length === 0;
  const active = open.value && choices.length ? `${id}-${at.value}` : undefined;
  const hint = chosen && guessed ? t.serviceGuessed(chosen.name) : t.serviceHint;
  return (
    <div
      class={`field ${error ? "field-wrong" : ""}`}
      onFocusOut={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) {
          // Emptied on purpose: not sure after all.
          if (typed.peek() === "") choose("");
          hide();
        }
      }}
    >
      <label for={id}>{t.service}</label>
      <p class="hint" id={`${id}-hint`} aria-live="polite">
        {hint}
      </p>
      {error && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
      <div class="service-box">
        <input
          ref={input}
          id={id}
          name="service"
          role="combobox"
          autocomplete="off"
          aria-autocomplete="list"
          aria-expanded={open.value}
          aria-controls={`${id}-list`}
          aria-activedescendant={active}
          aria-describedby={`${id}-hint`}
          aria-invalid={error ? "true" : undefined}
          placeholder={t.serviceUnknown}
          value={typed.value ?? chosen?.name ?? ""}
          onInput={(e) => {
            typed.value = e.currentTarget.value;
            open.value = true;
            at.value = 0;
          }}
          onClick={show}
          onKeyDown={keys}
        />
        {chosen && typed.value === undefined ? (
          <button type="button" class="plain icon-button" aria-label={`${t.clear}: ${chosen.name}`} onClick={() => take(undefined)}>
            <Icon of={X} />
          </button>
        ) : (
          <Icon of={ChevronDown} class="service-mark" />
        )}
        <ul ref={list} id={`${id}-list`} role="listbox" aria-label={t.service} class="service-choices" hidden={!open.value || nothing}>
          {choices.map((each, i) => (
            <li
              key={each?.id ?? ""}
              id={`${id}-${i}`}
              role="option"
              aria-selected={i === at.value}
              class={i === at.value ? "service-at" : ""}
              onMouseDown={(event) => event.preventDefault() /* the focus stays in the field */}
              onClick={() => take(each)}
            >
              {each ? each.name : <span class="quiet">{t.serviceUnknown}</span>}
            </li>
          ))}
        </ul>
        {nothing && <p class="service-choices service-none">{t.serviceNone}</p>}
      </div>
      <p class="sr-only" role="status">
        {open.value && typed.value !== undefined ? (nothing ? t.serviceNone : t.serviceFound(choices.length)) : ""}
      </p>
    </div>
  );
}
