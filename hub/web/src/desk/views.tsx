// The left column: views with their counts, and the other rooms of the console.
import { useSignal } from "@preact/signals";
import { BookOpen, FileText, Megaphone, MoreHorizontal, PenLine, Plus } from "lucide";
import { api, asProblem } from "~/api/client.ts";
import { invalidate, useGet, type Page } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import type { View } from "~/api/types.ts";
import { path } from "~/base/router.tsx";
import { number } from "~/base/words.ts";
import { Dialog, DialogFoot } from "~/ui/dialog.tsx";
import { CheckField, Form, TextField, useForm } from "~/ui/form.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Menu } from "~/ui/menu.tsx";
import { Loaded } from "~/ui/states.tsx";
import { toast } from "~/ui/toast.tsx";
import { t as ui } from "~/ui/words.ts";
import { unsentDrafts } from "./drafts.tsx";
import type { Shown } from "./filters.ts";
import { canUndo } from "./undo.ts";
import { t as approvals } from "./ticket/approval_words.ts";
import { t } from "./words.ts";

export function viewName(view: View): string {
  if (!view.builtin) return view.name;
  return (
    {
      mine: t.viewMine,
      unassigned: t.viewUnassigned,
      team: t.viewTeam,
      waiting_user: t.viewWaitingUser,
      waiting_approval: approvals.view,
      waiting_supplier: t.viewWaitingSupplier,
      supplier_answered: t.viewSupplierAnswered,
      all_open: t.viewAllOpen,
      resolved: t.viewResolved,
    }[view.id] ?? view.name
  );
}

// May the reader change it?
export function isOwn(view: View & { own?: boolean }): boolean {
  return !view.builtin && (view.own ?? true) && (!view.shared || may("view.share"));
}

export function useViews() {
  return useGet<Page<View>>("views", ["views"]);
}

async function remove(view: View) {
  try {
    await api.delete(`views/${view.id}`);
    invalidate("views");
    canUndo(t.viewDeleted(view.name), async () => {
      await api.post("views", { name: view.name, shared: view.shared, filter: view.filter });
      invalidate("views");
    });
  } catch (failed) {
    toast(asProblem(failed).message, { tone: "danger" });
  }
}

function ViewLink({ view, current, edit }: { view: View & { exact?: boolean }; current: boolean; edit: (view: View) => void }) {
  const name = viewName(view);
  const mine = isOwn(view);
  return (
    <li class="view">
      <a href={`/desk?view=${encodeURIComponent(view.id)}`} class="view-link" aria-current={current ? "page" : undefined}>
        <span class="view-name">{name}</span>
        {view.count !== undefined && (
          <span class="view-count figures" aria-label={t.count(view.count)}>
            {view.count > 0 ? `${number(view.count)}${view.exact === false ? "+" : ""}` : ""}
          </span>
        )}
      </a>
      {mine && (
        <Menu
          class="plain icon-button view-menu"
          label={`${t.more}: ${name}`}
          button={<Icon of={MoreHorizontal} />}
          items={[
            { label: t.editView, run: () => edit(view) },
            { label: t.deleteView, danger: true, run: () => void remove(view) },
          ]}
        />
      )}
    </li>
  );
}

// Names a view, new or old, and saves it.
export function ViewDialog({ view, filter, close, saved }: { view?: View; filter: View["filter"]; close: () => void; saved: (view: View) => void }) {
  const form = useForm();
  const name = useSignal(view?.name ?? "");
  const shared = useSignal(view?.shared ?? false);
  const submit = () =>
    form.submit(
      () => (name.value.trim() ? [] : [{ name: "name", text: t.nameMissing }]),
      async () => {
        const body = { name: name.value.trim(), shared: shared.value, filter };
        const kept = view ? await api.put<View>(`views/${view.id}`, body) : await api.post<View>("views", body);
        invalidate("views");
        toast(t.viewSaved(body.name), { tone: "ok" });
        close();
        saved(kept ?? { ...body, id: view?.id ?? "", builtin: false });
      },
    );
  return (
    <Dialog title={view ? t.editView : t.saveView} close={close}>
      <Form state={form} onSubmit={() => void submit()}>
        <TextField value={name} name="name" label={t.viewName} error={form.error("name")} autoFocus autocomplete="off" maxLength={100} />
        {may("view.share") && <CheckField checked={shared} name="shared" label={t.viewShared} />}
        <DialogFoot close={close} form={form} word={ui.save} />
      </Form>
    </Dialog>
  );
}

export function ViewsColumn({ shown, views, chosen }: { shown: Shown; views: ReturnType<typeof useViews>; chosen: () => void }) {
  const editing = useSignal<View | null>(null);
  const atList = path.value === "/desk" || path.value.startsWith("/desk/tickets");
  const waiting = unsentDrafts.value.length;
  const group = (title: string, list: View[]) =>
    list.length > 0 && (
      <section>
        <h2 class="views-title">{title}</h2>
        <ul class="plain-list">
          {list.map((view) => (
            <ViewLink key={view.id} view={view} current={atList && shown.viewId === view.id} edit={(each) => (editing.value = each)} />
          ))}
        </ul>
      </section>
    );
  const room = (to: string, icon: typeof Plus, label: string, count?: number) => (
    <li class="view">
      <a href={to} class="view-link" aria-current={path.value === to || path.value.startsWith(`${to}/`) ? "page" : undefined}>
        <Icon of={icon} />
        <span class="view-name">{label}</span>
        {count !== undefined && count > 0 && <span class="view-count figures">{number(count)}</span>}
      </a>
    </li>
  );
  return (
    <nav class="views" aria-label={t.views} onClick={(event) => (event.target as Element).closest("a") && chosen()}>
      {may("ticket.work") && (
        <a class="button primary views-new" href="/desk/new">
          <Icon of={Plus} /> {t.newTicket} <kbd>C</kbd>
        </a>
      )}
      <Loaded got={views} lines={8}>
        {({ items }) => (
          <>
            {group(
              t.views,
              items.filter((each) => each.builtin),
            )}
            {group(
              t.sharedViews,
              items.filter((each) => !each.builtin && each.shared),
            )}
            {group(
              t.ownViews,
              items.filter((each) => !each.builtin && !each.shared),
            )}
          </>
        )}
      </Loaded>
      <section>
        <h2 class="views-title">{t.more}</h2>
        <ul class="plain-list">
          {waiting > 0 && room("/desk/drafts", PenLine, t.drafts, waiting)}
          {may("notice.read") && room("/desk/notices", Megaphone, t.notices)}
          {may("article.read") && room("/desk/articles", BookOpen, t.articles)}
          {may("ticket.work") && room("/desk/templates", FileText, t.templates)}
        </ul>
      </section>
      {editing.value && <ViewDialog view={editing.value} filter={editing.value.filter} close={() => (editing.value = null)} saved={() => undefined} />}
    </nav>
  );
}
