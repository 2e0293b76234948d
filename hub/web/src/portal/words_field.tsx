// The field over a list: what is typed stands in the address as `q` when the fingers rest, and the list follows it.
import { useSignal } from "@preact/signals";
import { Search } from "lucide";
import { useEffect, useId } from "preact/hooks";
import { parameters, setParameters } from "~/base/router.tsx";
import { Icon } from "~/ui/icon.tsx";
import { useRested } from "./hooks.ts";

const restedFor = 200; // milliseconds

export function WordsField({ label, hint }: { label: string; hint: string }) {
  const id = useId();
  const words = parameters.value.get("q") ?? "";
  const typed = useSignal(words);
  const rested = useRested(typed.value.trim(), restedFor);
  useEffect(() => {
    if (rested !== words) setParameters({ q: rested });
  }, [rested]);
  useEffect(() => {
    if (words !== typed.peek().trim()) typed.value = words; // by "back", or by "clear"
  }, [words]);
  return (
    <form role="search" class="search-field" onSubmit={(event) => event.preventDefault()}>
      <label class="sr-only" for={id}>
        {label}
      </label>
      <Icon of={Search} size={20} />
      <input id={id} type="search" name="q" autocomplete="off" placeholder={hint} value={typed.value} onInput={(e) => (typed.value = e.currentTarget.value)} />
    </form>
  );
}
