// Names of what other documents call by its key.
import { may } from "./session.ts";
import { useGet, type Page } from "./cache.ts";
import type { Agent, Customer, Service, Team } from "./types.ts";

export interface Named {
  id: string;
  name: string;
}
export function bookOf<T>(items: readonly T[] | undefined, nameOf: (each: T) => Named) {
  const all = (items ?? []).map(nameOf);
  const names = new Map(all.map((each) => [each.id, each.name]));
  return {
    all,
    choices: all.map((each) => [each.id, each.name] as const),
    name: (id: string | null | undefined) => (id ? (names.get(id) ?? id) : ""),
  };
}
const itself = (each: Named) => each;

export function useCustomers() {
  return bookOf(useGet<Page<Customer>>(may("customer.read") ? "customers" : null, ["customers"]).data?.items, itself);
}
export function useServices() {
  return bookOf(useGet<Page<Service>>("services", ["services"]).data?.items, itself);
}
export function useTeams() {
  return bookOf(useGet<Page<Team>>(may("directory.read") ? "teams" : null, ["teams"]).data?.items, itself);
}
export function useAgents() {
  return bookOf(useGet<Page<Agent>>(may("directory.read") ? "agents" : null, ["agents"]).data?.items, itself);
}
// Suppliers by the key of their link.
export function useSuppliers() {
  const links = useGet<Page<{ id: string; supplier: string; kind: string }>>(may("link.read") ? "links" : null, ["links"]);
  return bookOf(
    links.data?.items.filter((each) => each.kind === "supplier"),
    (each) => ({ id: each.id, name: each.supplier }),
  );
}
