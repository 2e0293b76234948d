// One drawing of the icon library. Beside words it says nothing to a screen reader; alone it needs a label.
import type { IconNode } from "lucide";

export function Icon({ of, size = 16, label, class: name }: { of: IconNode; size?: number; label?: string; class?: string }) {
  return (
    <svg
      class={`icon ${name ?? ""}`}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      {...(label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" })}
    >
      {of.map(([Tag, attributes], i) => {
        const Element = Tag as "path";
        return <Element key={i} {...(attributes as Record<string, string>)} />;
      })}
    </svg>
  );
}
