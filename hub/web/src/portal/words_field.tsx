// The field over a list: what is typed stands in the address as `q`, and the list follows it.
import { Search } from "lucide";
import { useId } from "preact/hooks";
import { useTyped } from "~/ui/filters.tsx";
import { Icon } from "~/ui/icon.tsx";

export function WordsField({ label, hint }: { label: string; hint: string }) {
  const id = useId();
  const { text, type } = useTyped("q");
  return (
    <form role="search" class="search-field" onSubmit={(event) => event.preventDefault()}>
      <label class="sr-only" for={id}>
        {label}
      </label>
      <Icon of={Search} size={20} />
      <input id={id} type="search" name="q" autocomplete="off" placeholder={hint} value={text} onInput={(e) => type(e.currentTarget.value)} />
    </form>
  );
}
