// A new account: first where the person belongs, then only what that needs.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "~/api/client.ts";
import { invalidate } from "~/api/cache.ts";
import { go } from "~/base/router.tsx";
import { Dialog, DialogFoot } from "~/ui/dialog.tsx";
import { roleWord } from "~/ui/domain.tsx";
import { CheckField, ChoiceField, Form, SelectField, TextField, useForm, type Mistake } from "~/ui/form.tsx";
import { toast } from "~/ui/toast.tsx";
import { useCustomers, useTeams } from "../parts/names.ts";
import { SecretDialog, type Shown } from "./secret.tsx";
import { roleChoices, staffRoles, type Account } from "./types.ts";
import { t } from "./words.ts";

// "Åsa Öberg" → "asa": what a key may hold.
function keyFrom(name: string): string {
  const plain = name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return (plain.split(/\s+/)[0] ?? "").replace(/[^a-z0-9-]/g, "");
}

export function NewAccount({ close }: { close: () => void }) {
  const form = useForm();
  const customers = useCustomers();
  const teams = useTeams();
  const name = useSignal("");
  const email = useSignal("");
  const where = useSignal("staff");
  const agent = useSignal("");
  const team = useSignal(teams.all[0]?.id ?? "");
  const staffRole = useSignal("agent");
  useEffect(() => {
    if (!team.peek()) team.value = teams.all[0]?.id ?? "";
  }, [teams.all.length]);
  const customer = useSignal("");
  const role = useSignal("");
  const invite = useSignal(true);
  const shown = useSignal<Shown | undefined>(undefined);
  const made = useSignal(0);
  const key = () => agent.peek().trim() || keyFrom(name.peek());
  const check = (): Mistake[] => {
    const mistakes: Mistake[] = [];
    if (!name.peek().trim()) mistakes.push({ name: "name", text: t.needName });
    if (!/^\S+@\S+\.\S+$/.test(email.peek().trim())) mistakes.push({ name: "email", text: t.needEmail });
    if (where.peek() === "staff" && !/^[a-z0-9][a-z0-9-]*$/.test(key())) mistakes.push({ name: "agent", text: t.needKey });
    if (where.peek() === "customer" && !customer.peek()) mistakes.push({ name: "customer", text: t.needCustomer });
    return mistakes;
  };
  const send = () =>
    form.submit(check, async () => {
      const belongs =
        where.peek() === "staff"
          ? { agent: { id: key(), role: staffRole.peek(), ...((team.peek() || teams.all[0]) && { team: team.peek() || teams.all[0]?.id }) } }
          : { memberships: [{ customer: customer.peek(), ...(role.peek() && { role: role.peek() }) }] };
      const account = await api.post<Account & { invite_url?: string }>("accounts", { name: name.peek().trim(), email: email.peek().trim(), ...belongs, invite: invite.peek() });
      invalidate("accounts", "agents", "people");
      toast(t.made(account.name), { tone: "ok" });
      made.value = account.id;
      if (account.invite_url) shown.value = { title: t.linkTitle, text: t.inviteLink(account.name), label: t.link, secret: account.invite_url };
      else leave();
    });
  const leave = () => {
    close();
    if (made.peek()) go(`/ops/accounts/${made.peek()}`);
  };
  if (shown.value) return <SecretDialog shown={shown.value} close={leave} />;
  return (
    <Dialog title={t.newTitle} close={close}>
      <Form state={form} onSubmit={() => void send()}>
        <TextField name="name" label={t.name} value={name} error={form.error("name")} autocomplete="off" autofocus />
        <TextField name="email" label={t.email} value={email} error={form.error("email")} type="email" autocomplete="off" />
        <ChoiceField
          name="where"
          legend={t.who}
          value={where}
          choices={[
            ["staff", t.staff, t.staffHint],
            ["customer", t.atCustomer, t.atCustomerHint],
          ]}
        />
        {where.value === "staff" ? (
          <>
            <div class="field-pair">
              <SelectField name="role" label={t.role} value={staffRole} error={form.error("agent/role")} choices={staffRoles.map((each) => [each, roleWord(each)] as const)} />
              <SelectField name="team" label={t.team} value={team} error={form.error("agent/team")} choices={teams.choices} />
            </div>
            <TextField name="agent" label={t.agentKey} hint={t.agentKeyHint} value={agent} error={form.error("agent") ?? form.error("agent/id")} placeholder={keyFrom(name.value)} autocomplete="off" spellcheck={false} />
          </>
        ) : (
          <div class="field-pair">
            <SelectField name="customer" label={t.customer} value={customer} error={form.error("customer") ?? form.error("memberships/0/customer")} choices={[["", t.needCustomer], ...customers.choices]} />
            <SelectField name="role" label={t.role} value={role} choices={roleChoices()} />
          </div>
        )}
        <CheckField name="invite" label={t.invite} hint={t.inviteHint} checked={invite} />
        <DialogFoot close={close} form={form} word={t.create} />
      </Form>
    </Dialog>
  );
}
