// Which tickets the list shows: a view, changed by what stands in the address.
import { parameters, setParameters } from "~/base/router.tsx";
import type { View } from "~/api/types.ts";

export const filterNames = [
  "status", "statuses", "open", "customer", "team", "agent", "unassigned", "kind", "service", "link", "requester",
  "participant", "answered", "approval", "unread", "created_after", "created_before", "q",
] as const;
export type FilterName = (typeof filterNames)[number];
export type Filter = Partial<Record<FilterName, string>>;

// Stands in the address for "not as the view says".
const anything = "any";
export const firstView = "mine";

export interface Shown {
  view: View | undefined;
  viewId: string; // "" when the address names filters alone
  filter: Filter;
  changed: boolean; // the address says something else than the view
  sort: "updated" | "created" | "priority";
  order: "asc" | "desc";
}

export function shownBy(address: URLSearchParams, views: readonly View[]): Shown {
  const own: [FilterName, string][] = [];
  for (const name of filterNames) {
    const value = address.get(name);
    if (value !== null) own.push([name, value]);
  }
  const viewId = address.get("view") ?? (own.length ? "" : firstView);
  const view = views.find((each) => each.id === viewId);
  const filter: Filter = {};
  for (const [name, value] of Object.entries(view?.filter ?? {})) {
    if ((filterNames as readonly string[]).includes(name) && value !== false) filter[name as FilterName] = String(value);
  }
  for (const [name, value] of own) {
    if (value === anything) delete filter[name];
    else filter[name] = value;
  }
  const sort = address.get("sort") ?? String(view?.filter.sort ?? "updated");
  const order = address.get("order") ?? String(view?.filter.order ?? (sort === "created" ? "asc" : "desc"));
  return {
    view,
    viewId,
    filter,
    changed: own.length > 0 && view !== undefined,
    sort: sort === "created" || sort === "priority" ? sort : "updated",
    order: order === "asc" ? "asc" : "desc",
  };
}

// Sets or takes away one filter, whatever the view says.
export function setFilter(shown: Shown, changes: Filter) {
  const next: Record<string, string | null> = {};
  for (const [name, value] of Object.entries(changes)) {
    const ofView = shown.view?.filter[name];
    const inView = ofView === undefined || ofView === false ? "" : String(ofView);
    if ((value ?? "") === inView) next[name] = null;
    else next[name] = value || anything;
  }
  if (shown.viewId && !parameters.peek().has("view")) next.view = shown.viewId; // the first view, made visible
  setParameters(next);
}

export function listPath(address: URLSearchParams): string {
  const text = address.toString();
  return text ? `/desk?${text}` : "/desk";
}
export function ticketPath(id: number, address: URLSearchParams = parameters.value): string {
  const text = address.toString();
  return `/desk/tickets/${id}${text ? `?${text}` : ""}`;
}
