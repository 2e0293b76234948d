// Short news at the edge of the screen: said to screen readers, gone by themselves unless they need an answer.
import { signal } from "@preact/signals";
import { X } from "lucide";
import { Icon } from "./icon.tsx";
import { t } from "./words.ts";

interface Toast {
  id: number;
  text: string;
  tone: "neutral" | "ok" | "danger";
  action?: { label: string; run: () => void } | undefined;
}
const toasts = signal<Toast[]>([]);
let next = 1;

// How long one stays, in milliseconds; with an action (undo) longer.
const stays = 5_000;
const staysWithAction = 9_000;

export function toast(text: string, options: { tone?: Toast["tone"]; action?: Toast["action"]; stay?: number } = {}): () => void {
  const id = next++;
  toasts.value = [...toasts.value.slice(-3), { id, text, tone: options.tone ?? "neutral", action: options.action }];
  const take = () => {
    toasts.value = toasts.value.filter((each) => each.id !== id);
  };
  setTimeout(take, options.stay ?? (options.action || options.tone === "danger" ? staysWithAction : stays));
  return take;
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((each) => (
        <div key={each.id} class={`toast toast-${each.tone}`}>
          <span>{each.text}</span>
          {each.action && (
            <button
              type="button"
              onClick={() => {
                toasts.value = toasts.value.filter((other) => other.id !== each.id);
                each.action!.run();
              }}
            >
              {each.action.label}
            </button>
          )}
          <button type="button" class="plain icon-button" aria-label={t.close} onClick={() => (toasts.value = toasts.value.filter((other) => other.id !== each.id))}>
            <Icon of={X} />
          </button>
        </div>
      ))}
    </div>
  );
}
