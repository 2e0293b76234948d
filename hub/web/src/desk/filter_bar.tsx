// Above the list: which filters hold, how to change them, how to keep them as a view.
import { useSignal } from "@preact/signals";
import { ArrowDown, ArrowUp, ListFilter, Save, X } from "lucide";
import { api, asProblem } from "~/api/client.ts";
import { invalidate, useGet, type Page } from "~/api/cache.ts";
import type { TicketStatus, View } from "~/api/types.ts";
import { go, setParameters } from "~/base/router.tsx";
import { kindWord, statusWord } from "~/ui/domain.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Menu } from "~/ui/menu.tsx";
import { toast } from "~/ui/toast.tsx";
import type { Directory } from "./directory.ts";
import { setFilter, type Filter, type FilterName, type Shown } from "./filters.ts";
import { requesterName } from "./list_state.ts";
import { isOwn, ViewDialog } from "./views.tsx";
import { t as approvals } from "./ticket/approval_words.ts";
import { t } from "./words.ts";

const statuses: TicketStatus[] = ["new", "in_progress", "waiting_user", "waiting_supplier", "resolved", "closed"];

function Choice({ name, label, value, choices, shown }: { name: FilterName; label: string; value: string; choices: readonly (readonly [string, string])[]; shown: Shown }) {
  return (
    <label class="filter-field">
      <span>{label}</span>
      <select value={value} onChange={(event) => setFilter(shown, { [name]: event.currentTarget.value })}>
        <option value="">{t.any}</option>
        {choices.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

// A filter in the reader's words, for its chip.
function worded(name: FilterName, value: string, directory: Directory): string {
  switch (name) {
    case "status":
      return statusWord(value as TicketStatus);
    case "statuses":
      return value.split(",").map((each) => statusWord(each as TicketStatus)).join(", ");
    case "open":
      return t.open;
    case "unassigned":
      return t.viewUnassigned;
    case "unread":
      return t.unread;
    case "customer":
      return directory.customer(value);
    case "team":
      return directory.team(value);
    case "agent":
      return value === "me" ? t.agentMe : directory.agent(value);
    case "answered":
      return t.viewSupplierAnswered;
    case "approval":
      return approvals.view;
    case "service":
      return directory.service(value);
    case "kind":
      return kindWord(value as "incident");
    case "q":
      return `”${value}”`;
    case "requester":
      return requesterName(value) || `${t.requester} ${value}`;
    default:
      return `${name}: ${value}`;
  }
}

export function SortMenu({ shown }: { shown: Shown }) {
  const words = { updated: t.sortUpdated, created: t.sortCreated, priority: t.sortPriority };
  return (
    <Menu
      class="plain"
      label={`${t.sort}: ${words[shown.sort]}, ${shown.order === "asc" ? t.sortedUp : t.sortedDown}`}
      button={
        <>
          <Icon of={shown.order === "asc" ? ArrowUp : ArrowDown} /> <span class="sort-word">{words[shown.sort]}</span>
        </>
      }
      items={[
        ...(["updated", "created", "priority"] as const).map((each) => ({ label: words[each], checked: shown.sort === each, run: () => setParameters({ sort: each, order: null }) })),
        { label: "", heading: true },
        { label: t.sortedUp, checked: shown.order === "asc", run: () => setParameters({ order: "asc" }) },
        { label: t.sortedDown, checked: shown.order === "desc", run: () => setParameters({ order: "desc" }) },
      ]}
    />
  );
}

export function FilterBar({ shown, directory, heading }: { shown: Shown; directory: Directory; heading: string }) {
  const open = useSignal(false);
  const naming = useSignal(false);
  const links = useGet<Page<{ id: string; supplier: string; kind?: string }>>(open.value ? "links" : null, ["links"]).data?.items ?? [];
  const filter = shown.filter;
  const set = (Object.entries(filter) as [FilterName, string][]).filter(([, value]) => value);
  const update = async (view: View) => {
    try {
      await api.put(`views/${view.id}`, { name: view.name, shared: view.shared, filter: asked() });
      invalidate("views");
      toast(t.viewSaved(view.name), { tone: "ok" });
      go(`/desk?view=${encodeURIComponent(view.id)}`, { replace: true });
    } catch (failed) {
      toast(asProblem(failed).message, { tone: "danger" });
    }
  };
  const asked = (): View["filter"] => ({
    ...Object.fromEntries(set.map(([name, value]) => [name, value === "true" ? true : value])),
    ...(shown.sort !== "updated" && { sort: shown.sort }),
    ...(shown.sort !== "updated" && { order: shown.order }),
  });
  const own = shown.view && isOwn(shown.view) ? shown.view : undefined;
  return (
    <div class="filter-bar">
      <div class="filter-top">
        <h1>{heading}</h1>
        <button type="button" class="plain" aria-expanded={open.value} aria-controls="filters" onClick={() => (open.value = !open.value)}>
          <Icon of={ListFilter} /> {t.filter}
          {shown.changed && <span class="changed-dot" aria-hidden="true" />}
        </button>
        {!filter.q && <SortMenu shown={shown} />}
      </div>
      {(shown.changed || (!shown.view && set.length > 0)) && (
        <div class="filter-chips">
          {set.map(([name, value]) => (
            <button key={name} type="button" class="chip" aria-label={t.clearOne(worded(name, value, directory))} onClick={() => setFilter(shown, { [name]: "" })}>
              {worded(name, value, directory)} <Icon of={X} size={14} />
            </button>
          ))}
          {shown.changed && own && (
            <button type="button" class="chip chip-do" onClick={() => void update(own)}>
              <Icon of={Save} size={14} /> {t.updateView}
            </button>
          )}
          {set.length > 0 && (
            <button type="button" class="chip chip-do" onClick={() => (naming.value = true)}>
              <Icon of={Save} size={14} /> {t.saveView}
            </button>
          )}
        </div>
      )}
      {open.value && (
        <div id="filters" class="filter-panel" role="group" aria-label={t.filters}>
          <Choice shown={shown} name="status" label={t.status} value={filter.status ?? ""} choices={statuses.map((each) => [each, statusWord(each)])} />
          <Choice shown={shown} name="customer" label={t.customer} value={filter.customer ?? ""} choices={directory.customers.map((each) => [each.id, each.name])} />
          <Choice shown={shown} name="team" label={t.team} value={filter.team ?? ""} choices={directory.teams.map((each) => [each.id, each.name])} />
          <Choice shown={shown} name="agent" label={t.agent} value={filter.agent ?? ""} choices={[["me", t.agentMe], ...directory.agents.map((each) => [each.id, each.name] as const)]} />
          <Choice shown={shown} name="kind" label={t.kind} value={filter.kind ?? ""} choices={(["incident", "order", "question"] as const).map((each) => [each, kindWord(each)])} />
          <Choice shown={shown} name="service" label={t.service} value={filter.service ?? ""} choices={directory.services.map((each) => [each.id, each.name])} />
          <Choice shown={shown} name="link" label={t.supplier} value={filter.link ?? ""} choices={links.filter((each) => each.kind !== "notices").map((each) => [each.id, each.supplier])} />
          <div class="filter-checks">
            {(
              [
                ["open", t.open],
                ["unassigned", t.viewUnassigned],
                ["unread", t.onlyUnread],
                ["answered", t.viewSupplierAnswered],
              ] as const
            ).map(([name, label]) => (
              <label key={name} class="filter-check">
                <input type="checkbox" checked={filter[name] === "true"} onChange={(event) => setFilter(shown, { [name]: event.currentTarget.checked ? "true" : "" } as Filter)} />
                {label}
              </label>
            ))}
            <label class="filter-check">
              <input type="checkbox" checked={filter.approval === "needed"} onChange={(event) => setFilter(shown, { approval: event.currentTarget.checked ? "needed" : "" })} />
              {approvals.view}
            </label>
          </div>
          {shown.changed && (
            <button type="button" onClick={() => go(`/desk?view=${encodeURIComponent(shown.viewId)}`, { replace: true })}>
              {t.clear}
            </button>
          )}
        </div>
      )}
      {naming.value && <ViewDialog filter={asked()} close={() => (naming.value = false)} saved={(view) => view.id && go(`/desk?view=${encodeURIComponent(view.id)}`, { replace: true })} />}
    </div>
  );
}
