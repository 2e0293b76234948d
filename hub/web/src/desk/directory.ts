// The names behind the keys: agents, teams, services, customers. Small lists, read once.
import { useGet, type Page } from "~/api/cache.ts";
import { may, session } from "~/api/session.ts";
import { t } from "./words.ts";
import type { Agent, Customer, Service, Team } from "~/api/types.ts";

export interface Directory {
  agents: Agent[];
  teams: Team[];
  services: Service[];
  customers: Customer[];
  agent: (id: string | null | undefined) => string;
  team: (id: string | null | undefined) => string;
  service: (id: string | null | undefined) => string;
  customer: (id: string | null | undefined) => string;
  // Who an event's actor is: "agent:anna", "user:17", "system:delivery".
  actor: (actor: string) => string;
}

function nameIn(list: readonly { id: string; name: string }[]) {
  return (id: string | null | undefined) => (id ? (list.find((each) => each.id === id)?.name ?? id) : "");
}

export function useDirectory(): Directory {
  const agents = useGet<Page<Agent>>("agents", ["directory"]).data?.items ?? [];
  const teams = useGet<Page<Team>>("teams", ["directory"]).data?.items ?? [];
  const services = useGet<Page<Service>>("services", ["directory"]).data?.items ?? [];
  const customers = useGet<Page<Customer>>("customers", ["directory"]).data?.items ?? [];
  const agent = nameIn(agents);
  return {
    agents,
    teams,
    services,
    customers,
    agent,
    team: nameIn(teams),
    service: nameIn(services),
    customer: nameIn(customers),
    actor: (actor) => {
      const [role, id] = actor.split(":");
      if (role === "user") return t.aUser;
      if (id && role !== "system") return agent(id);
      return role === "system" || !role ? (session.value?.desk.name ?? "Ombud") : actor;
    },
  };
}

// The teams that the reader may assign a ticket to; to all others he escalates. `now`: where it is.
export function assignable(directory: Directory, now?: string): Team[] {
  if (may("ticket.reassign")) return [...directory.teams];
  const own = session.value?.agent?.team;
  return directory.teams.filter((each) => each.id === own || each.id === now);
}
