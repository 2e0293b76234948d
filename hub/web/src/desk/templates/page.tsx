// The desk's ready texts, for those who keep them.
import { useSignal } from "@preact/signals";
import { FileText, Plus } from "lucide";
import { api, asProblem } from "~/api/client.ts";
import { invalidate, useGet, type Page } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import { title } from "~/base/router.tsx";
import { Dialog, DialogFoot } from "~/ui/dialog.tsx";
import { Badge, priorityWord, statusWord } from "~/ui/domain.tsx";
import { Form, SelectField, TextArea, TextField, useForm, type Mistake } from "~/ui/form.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Empty, Loaded } from "~/ui/states.tsx";
import { toast } from "~/ui/toast.tsx";
import { t as ui } from "~/ui/words.ts";
import type { Directory } from "../directory.ts";
import type { Template } from "../types.ts";
import { canUndo } from "../undo.ts";
import { t } from "./words.ts";

type Written = Omit<Template, "id">;

function audienceWord(audience: Template["audience"]): string {
  return { user: t.user, internal: t.internal, supplier: t.supplier }[audience];
}

function TemplateDialog({ template, directory, close }: { template: Template | null; directory: Directory; close: () => void }) {
  const form = useForm();
  const name = useSignal(template?.name ?? "");
  const audience = useSignal<string>(template?.audience ?? "user");
  const language = useSignal<string>(template?.language ?? "sv");
  const text = useSignal(template?.text ?? "");
  const status = useSignal<string>(template?.actions.status ?? "");
  const priority = useSignal<string>(template?.actions.priority ?? "");
  const team = useSignal(template?.actions.team ?? "");
  const agent = useSignal(template?.actions.agent ?? "");
  const submit = async () => {
    const went = await form.submit(
      () => {
        const wrong: Mistake[] = [];
        if (!name.value.trim()) wrong.push({ name: "name", text: t.nameMissing });
        if (!text.value.trim()) wrong.push({ name: "text", text: t.textMissing });
        return wrong;
      },
      async () => {
        const body = {
          name: name.value.trim(),
          language: language.value,
          audience: audience.value,
          text: text.value,
          actions: { ...(audience.value === "user" && status.value && { status: status.value }), ...(priority.value && { priority: priority.value }), ...(team.value && { team: team.value }), ...(agent.value && { agent: agent.value }) },
        };
        if (template) await api.put(`templates/${template.id}`, body);
        else await api.post("templates", body);
        invalidate("templates");
      },
    );
    if (!went) return;
    toast(t.saved, { tone: "ok" });
    close();
  };
  return (
    <Dialog title={template ? t.edit : t.create} close={close} wide>
      <Form state={form} onSubmit={() => void submit()}>
        <TextField value={name} name="name" label={t.name} error={form.error("name")} autoFocus maxLength={100} />
        <div class="fields-two">
          <SelectField
            value={audience}
            name="audience"
            label={t.audience}
            choices={[
              ["user", t.user],
              ["internal", t.internal],
              ["supplier", t.supplier],
            ]}
          />
          <SelectField
            value={language}
            name="language"
            label={t.language}
            choices={[
              ["sv", "Svenska"],
              ["en", "English"],
            ]}
          />
        </div>
        <div class={`dialog-audience to-${audience.value}`}>
          <TextArea value={text} name="text" label={t.text} hint={t.textHint} error={form.error("text")} lang={language.value} />
        </div>
        <fieldset>
          <legend>{t.also}</legend>
          <div class="fields-two">
            {/* Only what is said to the user solves his ticket or waits for him. */}
            {audience.value === "user" && <SelectField value={status} name="status" label={t.status} choices={[["", t.unchanged], ...(["waiting_user", "resolved"] as const).map((each) => [each, statusWord(each)] as const)]} />}
            <SelectField value={priority} name="priority" label={t.priority} choices={[["", t.unchanged], ...(["urgent", "high", "normal", "low"] as const).map((each) => [each, priorityWord(each)] as const)]} />
            <SelectField value={team} name="team" label={t.team} choices={[["", t.unchanged], ...directory.teams.map((each) => [each.id, each.name] as const)]} />
            <SelectField value={agent} name="agent" label={t.agent} choices={[["", t.unchanged], ["me", t.whoUses], ...directory.agents.map((each) => [each.id, each.name] as const)]} />
          </div>
        </fieldset>
        <DialogFoot close={close} form={form} word={ui.save} />
      </Form>
    </Dialog>
  );
}

export function TemplatesPage({ directory }: { directory: Directory }) {
  title.value = t.title;
  const got = useGet<Page<Template>>("templates", ["templates"]);
  const editing = useSignal<Template | "new" | null>(null);
  const keeps = may("template.share");
  const remove = async (template: Template) => {
    try {
      await api.delete(`templates/${template.id}`);
      invalidate("templates");
      const { id: _, ...written } = template;
      canUndo(t.removed(template.name), async () => {
        await api.post("templates", written satisfies Written);
        invalidate("templates");
      });
    } catch (failed) {
      toast(asProblem(failed).message, { tone: "danger" });
    }
  };
  const sets = (each: Template) =>
    [each.audience === "user" && each.actions.status && statusWord(each.actions.status), each.actions.priority && priorityWord(each.actions.priority), each.actions.team && directory.team(each.actions.team), each.actions.agent && (each.actions.agent === "me" ? t.whoUses : directory.agent(each.actions.agent))].filter(Boolean).join(", ");
  return (
    <div class="page page-narrow">
      <div class="room-head">
        <h1>{t.title}</h1>
        {keeps && (
          <button type="button" class="primary" onClick={() => (editing.value = "new")}>
            <Icon of={Plus} /> {t.create}
          </button>
        )}
      </div>
      <p class="quiet">{t.about}</p>
      <Loaded got={got} lines={5}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon={FileText} title={t.none}>
              <p>{t.noneText}</p>
            </Empty>
          ) : (
            <ul class="plain-list notice-list">
              {items.map((each) => (
                <li key={each.id} class={`draft-row to-${each.audience}`}>
                  <strong>{each.name}</strong>
                  <span class="notice-signs">
                    <Badge>{audienceWord(each.audience)}</Badge>
                    {each.language && <Badge>{each.language === "en" ? "English" : "Svenska"}</Badge>}
                    {sets(each) && <Badge tone="accent">{sets(each)}</Badge>}
                  </span>
                  <p class="draft-text" lang={each.language ?? undefined}>
                    {each.text}
                  </p>
                  {keeps && (
                    <span class="buttons">
                      <button type="button" onClick={() => (editing.value = each)} aria-label={`${t.edit}: ${each.name}`}>
                        {t.edit}
                      </button>
                      <button type="button" class="plain" onClick={() => void remove(each)} aria-label={`${ui.remove}: ${each.name}`}>
                        {ui.remove}
                      </button>
                    </span>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {editing.value && <TemplateDialog template={editing.value === "new" ? null : editing.value} directory={directory} close={() => (editing.value = null)} />}
    </div>
  );
}
