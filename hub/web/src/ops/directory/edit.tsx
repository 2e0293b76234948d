// The form of one thing of the directory, in a dialog: a few fields, said once for each kind.
import { signal, type Signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { Dialog, DialogFoot } from "~/ui/dialog.tsx";
import { CheckField, Form, SelectField, TextArea, TextField, useForm, type Mistake } from "~/ui/form.tsx";
import { toast } from "~/ui/toast.tsx";
import { t as ui } from "~/ui/words.ts";
import { t } from "./words.ts";

export interface Field {
  name: string;
  label: string;
  hint?: string;
  kind?: "text" | "email" | "lines" | "choice" | "check" | "key";
  choices?: readonly (readonly [string, string])[];
  required?: boolean;
  fixed?: boolean; // shown by its absence: it cannot be changed any more
}
export type Values = Record<string, string>;

export function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

export function EditDialog({ title, hint, fields, values, save, close, others = [] }: { title: string; hint?: string | undefined; fields: readonly Field[]; values: Values; save: (values: Values) => Promise<unknown>; close: () => void; others?: readonly { label: string; plain?: boolean; run: () => void }[] }) {
  const form = useForm();
  const shown = fields.filter((each) => !each.fixed);
  const signals = useMemo(() => new Map<string, Signal<string>>(fields.map((each) => [each.name, signal(values[each.name] ?? each.choices?.[0]?.[0] ?? "")])), []);
  const checks = useMemo(() => new Map<string, Signal<boolean>>(fields.map((each) => [each.name, signal(values[each.name] === "true")])), []);
  const read = (): Values => Object.fromEntries(fields.map((each) => [each.name, each.kind === "check" ? String(checks.get(each.name)?.peek() ?? false) : (signals.get(each.name)?.peek() ?? "").trim()]));
  const check = (): Mistake[] => {
    const now = read();
    return shown.flatMap((each) => {
      const text = now[each.name] ?? "";
      if (each.kind === "key" && !/^[a-z0-9][a-z0-9-]*$/.test(text)) return [{ name: each.name, text: t.needKey }];
      return each.required && !text ? [{ name: each.name, text: `${each.label}: ${ui.required.toLowerCase()}` }] : [];
    });
  };
  const send = async () => {
    if (await form.submit(check, () => save(read()))) {
      toast(t.saved(read().name ?? ""), { tone: "ok" });
      close();
    }
  };
  return (
    <Dialog title={title} close={close}>
      <Form state={form} onSubmit={() => void send()}>
        {hint && <p class="hint">{hint}</p>}
        {shown.map((each, i) => {
          const value = signals.get(each.name);
          const checked = checks.get(each.name);
          if (!value || !checked) return null;
          const common = { key: each.name, name: each.name, label: each.label, hint: each.hint, error: form.error(each.name), optional: !each.required && each.kind !== "key", autofocus: i === 0 };
          switch (each.kind) {
            case "check":
              return <CheckField key={each.name} name={each.name} label={each.label} checked={checked} {...(each.hint && { hint: each.hint })} />;
            case "choice":
              return <SelectField {...common} optional={false} value={value} choices={each.choices ?? []} />;
            case "lines":
              return <TextArea {...common} value={value} rows={4} />;
            default:
              return <TextField {...common} value={value} type={each.kind === "email" ? "email" : "text"} autocomplete="off" spellcheck={each.kind === "key" ? false : undefined} />;
          }
        })}
        {others.length > 0 && (
          <p class="edit-others">
            {others.map((each) => (
              <button
                key={each.label}
                type="button"
                class={each.plain ? "link" : "link danger-link"}
                onClick={() => {
                  close();
                  each.run();
                }}
              >
                {each.label}
              </button>
            ))}
          </p>
        )}
        <DialogFoot close={close} form={form} word={ui.save} />
      </Form>
    </Dialog>
  );
}
