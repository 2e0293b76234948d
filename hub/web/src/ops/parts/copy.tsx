import { Copy } from "lucide";
import type { ComponentChildren } from "preact";
import { Icon } from "~/ui/icon.tsx";
import { toast } from "~/ui/toast.tsx";
import { t as ui } from "~/ui/words.ts";
import { t } from "../words.ts";

// Puts a text on the clipboard. `text` is asked for only when it is wanted.
export function CopyButton({ text, children, label }: { text: () => string; children?: ComponentChildren; label?: string }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      toast(ui.copied, { tone: "ok" });
    } catch {
      toast(t.copyFailed, { tone: "danger" });
    }
  };
  return (
    <button type="button" class="plain copy-button" onClick={() => void copy()} {...(label && { "aria-label": label })}>
      <Icon of={Copy} size={14} /> {children ?? ui.copy}
    </button>
  );
}
