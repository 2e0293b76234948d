// Files that wait to be sent, kept while the reader looks at other pages; a draft's text outlives the browser, they only
// the tab.
import { effect, signal } from "@preact/signals";
import { session } from "~/api/session.ts";
import type { Files } from "~/ui/files.tsx";

const kept = new Map<string, Files>();
let owner: number | undefined;
effect(() => {
  const account = session.value?.account?.id;
  if (account === owner) return;
  owner = account;
  kept.clear(); // somebody else's are none of his business
});

export function keptFiles(name: string): Files {
  let files = kept.get(name);
  if (!files) {
    files = signal([]);
    kept.set(name, files);
  }
  return files;
}
