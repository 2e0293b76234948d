// What a ticket can be about, and how it is guessed from a person's own words.
import { useGet } from "~/api/cache.ts";
import type { Service } from "~/api/types.ts";

export function useServices() {
  return useGet<{ items: Service[] }>("services", ["services"]);
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length >= 2);
}
// "skrivaren" is meant by "skrivare" and the other way round; short words must be the same.
function meets(one: string, other: string): boolean {
  if (one === other) return true;
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return short.length >= 4 && long.startsWith(short);
}

// The service that most of the words point at; undefined when none does, or two do alike.
export function guessService(text: string, services: readonly Service[]): Service | undefined {
  const typed = wordsOf(text);
  let best: Service | undefined;
  let most = 0;
  let tie = false;
  for (const service of services) {
    const known = [...service.words.flatMap(wordsOf), ...wordsOf(service.name)];
    const score = typed.filter((word) => known.some((each) => meets(word, each))).length;
    if (score > most) [best, most, tie] = [service, score, false];
    else if (score === most && score > 0) tie = true;
  }
  return tie ? undefined : best;
}

// Those that somebody may mean who has typed this much of a name or of a word for it.
export function matchingServices(typed: string, services: readonly Service[]): Service[] {
  const needle = typed.trim().toLowerCase();
  if (!needle) return [...services];
  return services.filter((each) => [each.name, ...each.words].some((word) => word.toLowerCase().includes(needle)));
}
