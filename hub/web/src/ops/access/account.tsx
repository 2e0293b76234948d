// One account: what its owner is, and what an administrator does when something went wrong.
import { useSignal } from "@preact/signals";
import { Plus, X } from "lucide";
import { api, call } from "~/api/client.ts";
import { invalidate, useGet } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import { dateAndTime } from "~/base/time.ts";
import { roleWord } from "~/ui/domain.tsx";
import { Form, SelectField, SubmitButton, TextField, useForm } from "~/ui/form.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Loaded } from "~/ui/states.tsx";
import { toast } from "~/ui/toast.tsx";
import { ask, type Question } from "../parts/ask.tsx";
import { useCustomers, useTeams } from "../parts/names.ts";
import { Facts, PageHead, Section } from "../parts/page.tsx";
import { t as ops } from "../words.ts";
import { AccountBadges } from "./accounts.tsx";
import { SecretDialog, type Shown } from "./secret.tsx";
import { personRoles, roleChoices, staffRoles, type Account, type PersonRole } from "./types.ts";
import { t } from "./words.ts";

function RolesForm({ account }: { account: Account }) {
  const form = useForm();
  const customers = useCustomers();
  const teams = useTeams();
  const name = useSignal(account.name);
  const email = useSignal(account.email);
  const staff = useSignal<string>(account.agent?.role ?? "");
  const agent = useSignal(account.agent?.id ?? "");
  const team = useSignal(account.agent?.team ?? teams.all[0]?.id ?? "");
  const tenant = useSignal(account.agent?.tenant ?? "");
  const before = new Map(account.memberships.map((each) => [each.customer, each.role]));
  const memberships = useSignal<readonly { customer: string; role: PersonRole | "" }[]>(account.memberships.map(({ customer, role }) => ({ customer, role })));
  const writes = may("account.write");
  const send = () =>
    form.submit(
      () => (staff.peek() && !/^[a-z0-9][a-z0-9-]*$/.test(agent.peek().trim()) ? [{ name: "agent", text: t.needKey }] : []),
      async () => {
        const key = agent.peek().trim();
        await api.patch(`accounts/${account.id}`, {
          name: name.peek().trim(),
          email: email.peek().trim(),
          agent: staff.peek() ? { id: key, role: staff.peek(), ...(team.peek() && { team: team.peek() }), ...(tenant.peek() && { tenant: tenant.peek() }) } : null,
          memberships: memberships.peek().map(({ customer, role }) => ({ customer, ...(role && role !== before.get(customer) && { role }) })),
        });
        invalidate("accounts", `account:${account.id}`, "agents", "people");
        toast(t.saved, { tone: "ok" });
      },
    );
  const change = (at: number, part: Partial<{ customer: string; role: PersonRole | "" }>) => {
    memberships.value = memberships.value.map((each, i) => (i === at ? { ...each, ...part } : each));
  };
  const free = customers.all.filter((each) => !memberships.value.some((one) => one.customer === each.id));
  return (
    <Form state={form} onSubmit={() => void send()} class="account-form">
      <fieldset disabled={!writes}>
        <legend class="sr-only">{t.details}</legend>
        <div class="field-pair">
          <TextField name="name" label={t.name} value={name} error={form.error("name")} autocomplete="off" />
          <TextField name="email" label={t.email} value={email} error={form.error("email")} type="email" autocomplete="off" />
        </div>
        <SelectField name="staff" label={t.staffRole} value={staff} choices={[["", t.noStaff], ...staffRoles.map((each) => [each, roleWord(each)] as const)]} />
        {staff.value && (
          <>
            <div class="field-pair">
              <TextField name="agent" label={t.agentKey} value={agent} error={form.error("agent") ?? form.error("agent/id")} autocomplete="off" spellcheck={false} />
              <SelectField name="team" label={t.team} value={team} choices={teams.choices} />
            </div>
            <SelectField name="tenant" label={t.tenant} value={tenant} choices={[["", t.tenantAll], ...customers.choices]} />
          </>
        )}
        <fieldset>
          <legend>{t.memberships}</legend>
          {memberships.value.map((each, i) => (
            <div class="membership" key={each.customer}>
              <select aria-label={t.customer} value={each.customer} onChange={(e) => change(i, { customer: e.currentTarget.value })}>
                {[{ id: each.customer, name: customers.name(each.customer) }, ...free].map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.name}
                  </option>
                ))}
              </select>
              <select aria-label={t.role} value={each.role} onChange={(e) => change(i, { role: personRoles.find((one) => one === e.currentTarget.value) ?? "" })}>
                {roleChoices().map(([one, word]) =>
                  one || !before.has(each.customer) ? (
                    <option key={one} value={one}>
                      {word}
                    </option>
                  ) : null,
                )}
              </select>
              <button type="button" class="plain icon-button" aria-label={t.removeMembership(customers.name(each.customer))} onClick={() => (memberships.value = memberships.value.filter((_, at) => at !== i))}>
                <Icon of={X} />
              </button>
            </div>
          ))}
          {free[0] && writes && (
            <button type="button" onClick={() => (memberships.value = [...memberships.value, { customer: free[0]?.id ?? "", role: "" }])}>
              <Icon of={Plus} /> {t.addMembership}
            </button>
          )}
        </fieldset>
      </fieldset>
      {writes ? (
        <div class="buttons">
          <SubmitButton state={form}>{t.save}</SubmitButton>
        </div>
      ) : (
        <p class="quiet">{t.readOnly}</p>
      )}
    </Form>
  );
}

function Safety({ account }: { account: Account }) {
  const shown = useSignal<Shown | undefined>(undefined);
  const post = async (action: string) => {
    await call("POST", `accounts/${account.id}/${action}`);
    invalidate("accounts", `account:${account.id}`);
  };
  const asked = (action: string, words: Pick<Question, "title" | "button" | "danger"> & { text: string; done: string; undo?: string }) =>
    ask({
      ...words,
      text: <p>{words.text}</p>,
      run: async () => {
        await post(action);
        toast(words.done, { tone: "ok", ...(words.undo && { action: { label: t.enable, run: () => void post("enable") } }) });
      },
    });
  const resetPassword = () =>
    ask({
      title: t.resetPasswordTitle(account.name),
      text: <p>{t.resetPasswordText}</p>,
      button: t.resetPassword,
      run: async () => {
        const answer = await api.post<{ reset_url?: string | null }>(`accounts/${account.id}/reset-password`, {});
        if (answer.reset_url) shown.value = { title: t.linkTitle, text: t.resetLink(account.name), label: t.link, secret: answer.reset_url };
      },
    });
  return (
    <Section title={t.safety}>
      <Facts
        facts={[
          [t.twoSteps, account.totp ? t.on : t.off],
          [t.created, dateAndTime(account.created_at)],
        ]}
      />
      {may("account.write") && (
        <div class="buttons account-safety">
          <button type="button" onClick={resetPassword}>
            {t.resetPassword}
          </button>
          {account.totp && (
            <button type="button" onClick={() => asked("reset-totp", { title: t.resetTotpTitle(account.name), text: t.resetTotpText, button: t.resetTotp, danger: true, done: t.didTotp })}>
              {t.resetTotp}
            </button>
          )}
          <button type="button" onClick={() => asked("end-sessions", { title: t.endSessionsTitle(account.name), text: t.endSessionsText, button: t.endSessions, done: t.didEnd })}>
            {t.endSessions}
          </button>
          {account.disabled ? (
            <button type="button" class="primary" onClick={() => void post("enable").then(() => toast(t.didEnable, { tone: "ok" }))}>
              {t.enable}
            </button>
          ) : (
            <button type="button" onClick={() => asked("disable", { title: t.disableTitle(account.name), text: t.disableText, button: t.disable, danger: true, done: t.didDisable, undo: "enable" })}>
              {t.disable}
            </button>
          )}
        </div>
      )}
      {shown.value && <SecretDialog shown={shown.value} close={() => (shown.value = undefined)} />}
    </Section>
  );
}

export function AccountPage({ id }: { id: string }) {
  const got = useGet<Account>(`accounts/${encodeURIComponent(id)}`, [`account:${id}`]);
  const account = got.data;
  return (
    <>
      <PageHead title={account?.name ?? ops.accounts} up={{ href: "/ops/accounts", label: ops.accounts }} badge={account && <AccountBadges account={account} />} about={account && <span class="quiet">{account.email}</span>} />
      <Loaded got={got}>
        {(data) => (
          <>
            <RolesForm account={data} />
            <Safety account={data} />
          </>
        )}
      </Loaded>
    </>
  );
}
