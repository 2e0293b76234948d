// Names of what other documents call by its key.
import { useGet, type Page } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import type { Agent, Customer, Service, Team } from "~/api/types.ts";
import type { Link } from "../types.ts";

interface Named {
  id: string;
  name: string;
}
function book<T>(items: readonly T[] | undefined, nameOf: (each: T) => Named) {
  const all = (items ?? []).map(nameOf);
  const names = new Map(all.map((each) => [each.id, each.name]));
  return {
    all,
    choices: all.map((each) => [each.id, each.name] as const),
    name: (id: string | null | undefined) => (id ? (names.get(id) ?? id) : ""),
  };
}
const itself = (each: Named) => each;

export function useLinks() {
  const got = useGet<Page<Link>>("links", ["links"]);
  return { ...got, ...book(got.data?.items, (each) => ({ id: each.id, name: each.supplier })) };
}
export function useCustomers() {
  return book(useGet<Page<Customer>>(may("customer.read") ? "customers" : null, ["customers"]).data?.items, itself);
}
export function useServices() {
  return book(useGet<Page<Service>>("services", ["services"]).data?.items, itself);
}
export function useTeams() {
  return book(useGet<Page<Team>>(may("directory.read") ? "teams" : null, ["teams"]).data?.items, itself);
}
export function useAgents() {
  return book(useGet<Page<Agent>>(may("directory.read") ? "agents" : null, ["agents"]).data?.items, itself);
}
