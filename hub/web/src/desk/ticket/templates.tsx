// Ready texts and what they do besides, found by typing.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { FileText } from "lucide";
import { api, asProblem } from "~/api/client.ts";
import { useGet, type Page } from "~/api/cache.ts";
import { Icon } from "~/ui/icon.tsx";
import { Loaded } from "~/ui/states.tsx";
import { toast } from "~/ui/toast.tsx";
import { Combobox } from "~/ui/combobox.tsx";
import { Dialog } from "~/ui/dialog.tsx";
import type { Template } from "../types.ts";
import { t } from "./words.ts";

export function TemplatePicker({ ticket, audience, language, insert, open, close }: { ticket: number; audience: Template["audience"]; language: string; insert: (text: string, actions: Template["actions"]) => void; open: () => void; close: (() => void) | null }) {
  return (
    <>
      <button type="button" class="plain" onClick={open}>
        <Icon of={FileText} /> {t.templates}
      </button>
      {close && (
        <Dialog title={t.templates} close={close}>
          <Choose ticket={ticket} audience={audience} language={language} insert={insert} close={close} />
        </Dialog>
      )}
    </>
  );
}

function Choose({ ticket, audience, language, insert, close }: { ticket: number; audience: Template["audience"]; language: string; insert: (text: string, actions: Template["actions"]) => void; close: () => void }) {
  const got = useGet<Page<Template>>("templates", ["templates"]);
  const find = useSignal("");
  const field = useRef<HTMLDivElement>(null);
  useEffect(() => {
    field.current?.querySelector("input")?.focus();
  }, [got.data !== undefined]);
  const take = async (template: Template) => {
    try {
      const { text } = await api.post<{ text: string }>(`templates/${template.id}/render`, { ticket });
      insert(text, template.actions ?? {});
      close();
    } catch (failed) {
      toast(asProblem(failed).message, { tone: "danger" });
    }
  };
  return (
    <div class="template-picker" ref={field}>
      <Loaded got={got}>
        {({ items }) => {
          const words = find.value.toLowerCase();
          const fits = items
            .filter((each) => each.audience === audience && `${each.name} ${each.text}`.toLowerCase().includes(words))
            // In the reader's language first: an answer in another is seldom meant.
            .sort((a, b) => Number(b.language === language) - Number(a.language === language) || a.name.localeCompare(b.name));
          return (
            <Combobox
              label={t.templateFind}
              text={find}
              options={fits.map((each) => ({ id: String(each.id), label: each.name, about: each.text.slice(0, 120) }))}
              choose={(id) => {
                const template = items.find((each) => String(each.id) === id);
                if (template) void take(template);
              }}
              none={t.templateNone}
              open
            />
          );
        }}
      </Loaded>
    </div>
  );
}
