// Filters of a list. They stand in the address, so that a list can be shared and come back to.
import { useSignal } from "@preact/signals";
import { X } from "lucide";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { parameters, setParameters } from "~/base/router.tsx";
import { now } from "~/base/time.ts";
import { Icon } from "./icon.tsx";
import { t } from "./words.ts";

export function Filters({ names, children }: { names: readonly string[]; children: ComponentChildren }) {
  const used = names.some((name) => parameters.value.has(name));
  return (
    <div class="filters" role="group" aria-label={t.filter}>
      {children}
      {used && (
        <button type="button" class="plain" onClick={() => setParameters(Object.fromEntries(names.map((name) => [name, null])))}>
          <Icon of={X} size={14} /> {t.clearFilters}
        </button>
      )}
    </div>
  );
}

export function FilterSelect({ name, label, choices, any }: { name: string; label: string; choices: readonly (readonly [value: string, text: string])[]; any?: string }) {
  const id = useId();
  return (
    <div class="filter">
      <label for={id}>{label}</label>
      <select id={id} value={parameters.value.get(name) ?? ""} onChange={(e) => setParameters({ [name]: e.currentTarget.value })}>
        <option value="">{any ?? t.all}</option>
        {choices.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

// A parameter that is typed: it follows when the fingers rest, so that not every letter is asked for.
const restedFor = 220; // milliseconds
export function useTyped(name: string): { text: string; type: (text: string) => void } {
  const given = parameters.value.get(name) ?? "";
  const typed = useSignal(given);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    if (given !== typed.peek().trim()) typed.value = given; // cleared, or the reader went back
  }, [given]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const type = (text: string) => {
    typed.value = text;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setParameters({ [name]: text.trim() }), restedFor);
  };
  return { text: typed.value, type };
}

export function FilterText({ name, label }: { name: string; label: string }) {
  const id = useId();
  const { text, type } = useTyped(name);
  return (
    <div class="filter">
      <label for={id}>{label}</label>
      <input id={id} type="search" autocomplete="off" value={text} onInput={(e) => type(e.currentTarget.value)} />
    </div>
  );
}

export function FilterDate({ name, label }: { name: string; label: string }) {
  const id = useId();
  return (
    <div class="filter">
      <label for={id}>{label}</label>
      <input id={id} type="date" value={parameters.value.get(name) ?? ""} onChange={(e) => setParameters({ [name]: e.currentTarget.value })} />
    </div>
  );
}

const spans: Record<string, number> = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000 };
export function pastChoices(): [string, string][] {
  return [
    ["hour", t.lastHour],
    ["day", t.lastDay],
    ["week", t.lastWeek],
  ];
}
// The time that a choice of pastChoices() means, moving in steps of five minutes.
export function pastTime(choice: string | null): string | undefined {
  const span = choice ? spans[choice] : undefined;
  if (!span) return undefined;
  const step = 300_000;
  return new Date(Math.floor((now.value - span) / step) * step).toISOString();
}
