// Ctrl K: everything that can be done here, every view, tickets by number or words, people by name.
import { useSignal } from "@preact/signals";
import { useGet, type Page } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import type { Person, TicketRow, View } from "~/api/types.ts";
import { shortcuts, type Shortcut } from "~/base/keys.ts";
import { go } from "~/base/router.tsx";
import { Combobox, type Option } from "~/ui/combobox.tsx";
import { Dialog } from "~/ui/dialog.tsx";
import { statusWord } from "~/ui/domain.tsx";
import type { Directory } from "./directory.ts";
import { Keys } from "./help.tsx";
import { ticketPath } from "./filters.ts";
import { numberIn, openWords, useLater } from "./ticket/ticket_find.tsx";
import { viewName } from "./views.tsx";
import { t } from "./words.ts";

interface Command extends Option {
  words: string;
  run: () => void;
}

// Moves that have no meaning in a list of commands.
const notHere = new Set(["j", "k", "x", "Enter", "Escape", "mod+k", "shift+ArrowDown", "shift+ArrowUp", "."]);

function fits(command: Command, words: readonly string[]): boolean {
  const text = command.words.toLowerCase();
  return words.every((each) => text.includes(each));
}

export function Palette({ close, views, directory, places }: { close: () => void; views: readonly View[]; directory: Directory; places: readonly { label: string; to: string }[] }) {
  const text = useSignal("");
  const asked = useLater(text.value, 120);
  const number = numberIn(asked);
  const search = asked.trim().length > 1 && !number;
  const one = useGet<TicketRow>(number ? `tickets/${number}` : null, number ? [`ticket:${number}`] : []).data;
  const found = useGet<Page<TicketRow>>(search ? "tickets" : null, ["tickets"], { q: openWords(asked), limit: 7 }).data?.items ?? [];
  const people = useGet<Page<Person>>(search && may("person.read") ? "people" : null, [], { q: asked.trim(), limit: 6 }).data?.items ?? [];
  const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);

  const commands: Command[] = [];
  const seen = new Set<string>();
  // What belongs to where the reader is comes before what works everywhere.
  const byGroup = new Map<string, Shortcut[]>();
  for (const each of shortcuts.value) byGroup.set(each.group ?? "", [...(byGroup.get(each.group ?? "") ?? []), each]);
  for (const each of [...byGroup.values()].reverse().flat()) {
    if (notHere.has(each.keys) || seen.has(each.about)) continue;
    seen.add(each.about);
    commands.push(commandOf(each));
  }
  for (const place of places) {
    if (!seen.has(t.keyGo(place.label))) commands.push({ id: `place-${place.to}`, label: t.keyGo(place.label), words: place.label, group: t.paletteActions, run: () => go(place.to) });
  }
  const all: Command[] = [
    ...(number && one ? [ticketCommand(one)] : []),
    ...commands.filter((each) => fits(each, words)),
    ...views
      .map((view): Command => ({ id: `view-${view.id}`, label: viewName(view), about: view.count === undefined ? undefined : t.count(view.count), words: viewName(view), group: t.paletteViews, run: () => go(`/desk?view=${encodeURIComponent(view.id)}`) }))
      .filter((each) => fits(each, words)),
    ...(search ? found.map(ticketCommand) : []),
    ...(search
      ? people.map(
          (person): Command => ({
            id: `person-${person.id}`,
            label: person.name,
            about: [directory.customer(person.customer), person.email, person.phone].filter(Boolean).join(" · "),
            words: person.name,
            group: t.palettePeople,
            run: () => go(`/desk?requester=${person.id}`),
          }),
        )
      : []),
  ];
  return (
    <Dialog title={t.commands} close={close} class="palette">
      <Combobox
        label={t.palette}
        hideLabel
        prompt={t.paletteHint}
        text={text}
        options={all.slice(0, 60)}
        none={t.paletteNone}
        open
        autoFocus
        choose={(id) => {
          const command = all.find((each) => each.id === id);
          close();
          // The dialog gives the focus back first.
          setTimeout(() => command?.run(), 0);
        }}
      />
    </Dialog>
  );
}

function commandOf(each: Shortcut): Command {
  return { id: `do-${each.keys}-${each.about}`, label: each.about, about: <Keys keys={each.keys} />, words: each.about, group: t.paletteActions, run: each.run };
}
function ticketCommand(row: TicketRow): Command {
  return {
    id: `ticket-${row.id}`,
    label: `${row.reference} ${row.subject}`,
    about: [row.requester_name, statusWord(row.status)].filter(Boolean).join(" · "),
    words: row.reference,
    group: t.paletteTickets,
    run: () => go(ticketPath(row.id)),
  };
}

