// Files that wait to be sent, kept while the reader looks at other pages; a draft's text outlives the browser, they only
// the tab.
import { signal } from "@preact/signals";
import { forgetWithAccount } from "~/api/session.ts";
import type { Files } from "~/ui/files.tsx";

const kept = new Map<string, Files>();
forgetWithAccount(() => {
  for (const files of kept.values()) files.value = [];
  kept.clear();
});

export function keptFiles(name: string): Files {
  let files = kept.get(name);
  if (!files) {
    files = signal([]);
    kept.set(name, files);
  }
  return files;
}

// Takes them out: what is chosen from now on belongs to the next text.
export function takeFiles(files: Files): Files | null {
  const taken = files.peek();
  if (!taken.length) return null;
  files.value = [];
  return signal(taken);
}
// What the hub knows them by, of those that it has.
export function idsOf(files: Files | null): number[] {
  return (files?.peek() ?? []).flatMap((each) => (each.sent ? [each.sent.id] : []));
}
// They did not leave: back, before what was chosen since.
export function giveBack(files: Files, taken: Files | null) {
  if (taken) files.value = [...taken.peek(), ...files.peek()];
}
