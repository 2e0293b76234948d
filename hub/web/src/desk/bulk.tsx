// What is done with several tickets at once: each has its own result, and what can be taken back can be taken back.
import { useSignal } from "@preact/signals";
import { X } from "lucide";
import { api, asProblem } from "~/api/client.ts";
import { invalidate } from "~/api/cache.ts";
import { session } from "~/api/session.ts";
import type { Priority } from "~/api/types.ts";
import { Dialog, DialogFoot } from "~/ui/dialog.tsx";
import { priorityWord } from "~/ui/domain.tsx";
import { Form, TextArea, useForm } from "~/ui/form.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Menu } from "~/ui/menu.tsx";
import { toast } from "~/ui/toast.tsx";
import { recount } from "./counts.ts";
import { assignable, type Directory } from "./directory.ts";
import { selected, selectedCount, selectNone, shownRows } from "./list_state.ts";
import type { BulkAnswer } from "./types.ts";
import { canUndo, type Outcome } from "./undo.ts";
import { t } from "./words.ts";

const atOnce = 200; // the hub takes no more in one request

interface Bulk {
  change?: { team?: string; agent?: string; priority?: Priority };
  action?: "resolve" | "close" | "reopen";
  text?: string;
}
interface Refused {
  reference: string;
  why: string;
}

async function send(tickets: readonly number[], bulk: Bulk): Promise<BulkAnswer["items"]> {
  const items: BulkAnswer["items"] = [];
  for (let i = 0; i < tickets.length; i += atOnce) {
    const answer = await api.post<BulkAnswer>("tickets/bulk", { tickets: tickets.slice(i, i + atOnce), ...bulk });
    items.push(...answer.items);
  }
  invalidate("tickets", ...tickets.map((each) => `ticket:${each}`));
  recount();
  return items;
}

// Each ticket back to what it was before this change, by its event. The hub refuses where somebody has changed the same
// since: what a colleague did is not overwritten.
async function putBack(done: readonly { ticket: number; event: number }[]): Promise<Outcome> {
  const items: BulkAnswer["items"] = [];
  try {
    for (let i = 0; i < done.length; i += atOnce) {
      const answer = await api.post<BulkAnswer>("tickets/bulk-undo", { events: done.slice(i, i + atOnce).map((each) => each.event) });
      items.push(...answer.items);
    }
  } finally {
    invalidate("tickets", ...done.map((each) => `ticket:${each.ticket}`));
    recount();
  }
  const well = items.filter((each) => each.ok).length;
  if (well === done.length) return { said: `${t.undone}: ${t.bulkDone(well)}`, whole: true };
  return { said: t.undoneSome(well, done.length, done.length - well), whole: false };
}

export function BulkBar({ directory, done }: { directory: Directory; done: () => void }) {
  const form = useForm();
  const text = useSignal("");
  const asking = useSignal<"resolve" | "close" | null>(null);
  const refused = useSignal<Refused[]>([]);
  const count = selectedCount.value;
  const run = async (bulk: Bulk) => {
    const before = shownRows.peek().filter((row) => selected.peek().has(row.id));
    const items = await send(
      before.map((row) => row.id),
      bulk,
    );
    const well = new Set(items.filter((each) => each.ok).map((each) => each.ticket));
    refused.value = items
      .filter((each) => !each.ok)
      .map((each) => ({ reference: before.find((row) => row.id === each.ticket)?.reference ?? String(each.ticket), why: each.problem ?? "" }));
    const about = refused.value.length ? t.bulkSome(well.size, items.length) : t.bulkDone(well.size);
    const changed = items.flatMap((each) => (each.ok && each.event ? [{ ticket: each.ticket, event: each.event }] : []));
    if (changed.length) canUndo(about, () => putBack(changed));
    else if (well.size) toast(about, { tone: "ok" });
    selected.value = new Set(before.filter((row) => !well.has(row.id)).map((row) => row.id));
    done();
  };
  const quickly = (bulk: Bulk) => void run(bulk).catch((failed: unknown) => toast(asProblem(failed).message, { tone: "danger" }));
  const me = session.value?.agent?.id;
  return (
    <>
      {count > 0 && (
        <div class="bulk" role="toolbar" aria-label={t.bulk}>
          <strong class="figures">{t.chosen(count)}</strong>
          <Menu
            button={t.assign}
            items={[
              ...(me ? [{ label: t.assignMe, run: () => quickly({ change: { agent: me } }) }] : []),
              { label: t.nobody, run: () => quickly({ change: { agent: "" } }) },
              { label: t.agent, heading: true },
              ...directory.agents.map((each) => ({ label: each.name, run: () => quickly({ change: { agent: each.id } }) })),
              { label: t.team, heading: true },
              ...assignable(directory).map((each) => ({ label: each.name, run: () => quickly({ change: { team: each.id, agent: "" } }) })),
            ]}
          />
          <Menu button={t.priority} items={(["urgent", "high", "normal", "low"] as const).map((each) => ({ label: priorityWord(each), run: () => quickly({ change: { priority: each } }) }))} />
          <button type="button" onClick={() => (asking.value = "resolve")}>
            {t.resolve}
          </button>
          <button type="button" onClick={() => (asking.value = "close")}>
            {t.close}
          </button>
          <button type="button" class="plain icon-button" aria-label={t.unchoose} title={t.unchoose} onClick={selectNone}>
            <Icon of={X} />
          </button>
        </div>
      )}
      {asking.value && (
        <Dialog title={asking.value === "resolve" ? t.resolveMany(count) : t.closeMany(count)} close={() => (asking.value = null)}>
          <Form
            state={form}
            onSubmit={() =>
              void form
                .submit(
                  () => [],
                  () => run({ action: asking.value ?? "close", ...(asking.value === "resolve" && text.value.trim() && { text: text.value }) }),
                )
                .then((went) => {
                  if (!went) return;
                  asking.value = null;
                  text.value = "";
                })
            }
          >
            {asking.value === "resolve" && <TextArea value={text} name="text" label={t.resolveText} optional autoFocus />}
            <DialogFoot close={() => (asking.value = null)} form={form} word={asking.value === "resolve" ? t.resolve : t.close} />
          </Form>
        </Dialog>
      )}
      {refused.value.length > 0 && (
        <Dialog title={t.bulkFailed} close={() => (refused.value = [])}>
          <ul>
            {refused.value.map((each) => (
              <li key={each.reference}>
                <strong>{each.reference}</strong>: {each.why}
              </li>
            ))}
          </ul>
        </Dialog>
      )}
    </>
  );
}
