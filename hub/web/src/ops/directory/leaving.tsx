// What leaves the directory: things that nothing refers to, and people who asked to be forgotten.
import { api } from "~/api/client.ts";
import { invalidate } from "~/api/cache.ts";
import { toast } from "~/ui/toast.tsx";
import { ask } from "../parts/ask.tsx";
import { t } from "./words.ts";

// The hub says what still refers to it; the question stays open with that.
export function askRemove(path: string, id: string | number, name: string) {
  ask({
    title: t.removeTitle(name),
    text: t.removeText,
    button: t.remove,
    danger: true,
    run: async () => {
      await api.delete(`${path}/${encodeURIComponent(id)}`);
      invalidate(path);
      toast(t.removed(name), { tone: "ok" });
    },
  });
}

interface Erased {
  tickets: number;
  kept: string[];
}
export function askErase(id: number, name: string) {
  ask({
    title: t.eraseTitle(name),
    text: t.eraseText,
    button: t.erase,
    danger: true,
    reason: "optional",
    run: async ({ reason }) => {
      const erased = await api.post<Erased>(`people/${id}/erase`, reason ? { reason } : {});
      invalidate("people");
      toast(t.erased(erased.tickets), { tone: "ok" });
    },
  });
}
