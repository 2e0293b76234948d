import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

export interface Tab {
  id: string;
  label: ComponentChildren;
  class?: string;
}

// ARIA's tabs: arrows move and choose. The panel is drawn by the caller's function.
export function Tabs({ tabs, chosen, choose, label, children }: { tabs: readonly Tab[]; chosen: string; choose: (id: string) => void; label: string; children: (id: string) => ComponentChildren }) {
  const id = useId();
  return (
    <div class="tabs">
      <div
        class="tab-list"
        role="tablist"
        aria-label={label}
        onKeyDown={(event) => {
          const at = tabs.findIndex((each) => each.id === chosen);
          const step = { ArrowRight: 1, ArrowLeft: -1, Home: -at, End: tabs.length - 1 - at }[event.key];
          if (step === undefined) return;
          event.preventDefault();
          const next = tabs[(at + step + tabs.length) % tabs.length]!;
          choose(next.id);
          document.getElementById(`${id}-${next.id}`)?.focus();
        }}
      >
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${id}-${tab.id}`}
            class={`tab ${tab.class ?? ""}`}
            aria-selected={tab.id === chosen}
            aria-controls={`${id}-panel`}
            tabIndex={tab.id === chosen ? 0 : -1}
            onClick={() => choose(tab.id)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${chosen}`} class="tab-panel">
        {children(chosen)}
      </div>
    </div>
  );
}
