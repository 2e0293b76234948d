// The links with everything that is known of them, and their suppliers' names.
import { bookOf } from "~/api/names.ts";
import { useGet, type Page } from "~/api/cache.ts";
import type { Link } from "../types.ts";

export { useAgents, useCustomers, useServices, useTeams } from "~/api/names.ts";

export function useLinks() {
  const got = useGet<Page<Link>>("links", ["links"]);
  return { ...got, ...bookOf(got.data?.items, (each) => ({ id: each.id, name: each.supplier })) };
}
