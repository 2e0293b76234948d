import { useSignal } from "@preact/signals";
import { api } from "~/api/client.ts";
import { session, showTheme } from "~/api/session.ts";
import { title } from "~/base/router.tsx";
import { now, zone as zoneShown } from "~/base/time.ts";
import { chooseLanguage, language, locale, type Language } from "~/base/words.ts";
import { ChoiceField, Form, SelectField, SubmitButton, TextField, useForm } from "~/ui/form.tsx";
import { roleWord } from "~/ui/domain.tsx";
import { toast } from "~/ui/toast.tsx";
import { t as common } from "~/ui/words.ts";
import { t } from "./words.ts";

const themes = ["system", "light", "dark"] as const;
type Theme = (typeof themes)[number];

function clockIn(zone: string | undefined): string {
  return new Intl.DateTimeFormat(locale(), { timeStyle: "short", timeZone: zone || undefined }).format(now.value);
}

export function Profile() {
  title.value = t.account;
  const s = session.value;
  const account = s?.account;
  const form = useForm();
  const name = useSignal(account?.name ?? "");
  const wantedLanguage = useSignal<string>(language.peek());
  const zone = useSignal(account?.zone ?? "");
  const theme = useSignal<string>(document.documentElement.dataset.theme ?? "system");
  if (!s || !account) return null;

  const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zones = [["", t.zoneBrowser(browserZone)] as const, ...Intl.supportedValuesOf("timeZone").map((each) => [each, each.replaceAll("_", " ")] as const)];
  const save = async () => {
    const chosen = { language: wantedLanguage.peek() as Language, theme: theme.peek() as Theme };
    await api.patch("account", { name: name.peek().trim(), zone: zone.peek() || null, ...chosen });
    chooseLanguage(chosen.language);
    showTheme(chosen.theme);
    zoneShown.value = zone.peek() || undefined;
    session.value = { ...s, account: { ...account, ...chosen, name: name.peek().trim(), zone: zone.peek() || null } };
    toast(t.saved, { tone: "ok" });
  };
  return (
    <>
      <h2>{t.profile}</h2>
      <Form state={form} onSubmit={() => void form.submit(() => (name.peek().trim() ? [] : [{ name: "name", text: t.nameMissing }]), save)}>
        <TextField value={name} name="name" label={t.name} hint={t.nameHint} autocomplete="name" error={form.error("name")} />
        <ChoiceField
          value={wantedLanguage}
          name="language"
          legend={t.language}
          choices={[
            ["sv", "Svenska"],
            ["en", "English"],
          ]}
        />
        <SelectField value={zone} name="zone" label={t.zone} hint={t.zoneNow(clockIn(zone.value))} choices={zones} error={form.error("zone")} />
        <ChoiceField
          value={theme}
          name="theme"
          legend={t.theme}
          choices={[
            ["system", common.themeSystem],
            ["light", common.themeLight],
            ["dark", common.themeDark],
          ]}
        />
        <SubmitButton state={form}>{t.save}</SubmitButton>
      </Form>
      <dl class="own-facts account-facts">
        <dt>{t.email}</dt>
        <dd>{account.email}</dd>
        {(s.memberships ?? []).length > 0 && (
          <>
            <dt>{t.memberOf}</dt>
            {(s.memberships ?? []).map((each) => (
              <dd key={each.customer}>
                {each.customer_name} <span class="quiet">({roleWord(each.role)})</span>
              </dd>
            ))}
          </>
        )}
      </dl>
    </>
  );
}
