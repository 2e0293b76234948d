import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { X } from "lucide";
import { SubmitButton, type FormState } from "./form.tsx";
import { Icon } from "./icon.tsx";
import { t } from "./words.ts";

// A native modal dialog: focus goes in and comes back, Escape closes. Drawn only while it is open.
export function Dialog({ title, close, children, wide, class: name }: { title: string; close: () => void; children: ComponentChildren; wide?: boolean; class?: string }) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current!;
    if (!dialog.open) dialog.showModal();
    // What is to be filled in is met first, not the button that leaves.
    dialog.querySelector<HTMLElement>(".dialog-body :is(input, select, textarea):not([hidden], [type=hidden], [readonly])")?.focus();
    return () => dialog.close();
  }, []);
  return (
    <dialog
      ref={ref}
      class={`dialog ${wide ? "dialog-wide" : ""} ${name ?? ""}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onMouseDown={(event) => {
        if (event.target === ref.current) close();
      }}
    >
      <div class="dialog-head">
        <h2 id={id}>{title}</h2>
        <button type="button" class="plain icon-button" onClick={close} aria-label={t.close}>
          <Icon of={X} size={20} />
        </button>
      </div>
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}

// The foot of a dialog that is a form: away from it, or what it does.
export function DialogFoot({ close, form, word, danger }: { close: () => void; form: FormState; word: string; danger?: boolean }) {
  return (
    <DialogButtons>
      <button type="button" onClick={close}>
        {t.cancel}
      </button>
      <SubmitButton state={form} danger={danger ?? false}>
        {word}
      </SubmitButton>
    </DialogButtons>
  );
}

// The row of buttons at the foot of a dialog.
export function DialogButtons({ children }: { children: ComponentChildren }) {
  return <div class="dialog-buttons">{children}</div>;
}
