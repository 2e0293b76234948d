// Tokens for other systems and the command line: who has one, issue, revoke.
import { useSignal } from "@preact/signals";
import { KeyRound, Plus } from "lucide";
import { api } from "~/api/client.ts";
import { invalidate, useGet, type Page } from "~/api/cache.ts";
import type { Person } from "~/api/types.ts";
import { dayAfter, now, startOfDay } from "~/base/time.ts";
import { Dialog, DialogFoot } from "~/ui/dialog.tsx";
import { Badge, roleWord } from "~/ui/domain.tsx";
import { Form, SelectField, TextField, useForm, type Mistake } from "~/ui/form.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Empty, Loaded } from "~/ui/states.tsx";
import { Time } from "~/ui/time.tsx";
import { toast } from "~/ui/toast.tsx";
import { t as ui } from "~/ui/words.ts";
import { ask } from "../parts/ask.tsx";
import { CheckList } from "../parts/checks.tsx";
import { useAgents, useCustomers, useLinks } from "../parts/names.ts";
import { PageHead } from "../parts/page.tsx";
import { DataTable, type Column } from "~/ui/data_table.tsx";
import type { Token } from "../types.ts";
import { t as ops } from "../words.ts";
import { SecretDialog, type Shown } from "./secret.tsx";
import { t } from "./words.ts";

const tokenRoles = ["agent", "operator", "admin", "user", "customer", "supplier"] as const;

function NewToken({ close }: { close: () => void }) {
  const form = useForm();
  const customers = useCustomers();
  const agents = useAgents();
  const links = useLinks();
  const name = useSignal("");
  const role = useSignal<string>("agent");
  const email = useSignal("");
  const agent = useSignal("");
  const customer = useSignal("");
  const chosen = useSignal<ReadonlySet<string>>(new Set());
  const until = useSignal("");
  const shown = useSignal<Shown | undefined>(undefined);
  const check = (): Mistake[] => {
    const mistakes: Mistake[] = [];
    if (!name.peek().trim()) mistakes.push({ name: "name", text: t.needTokenName });
    if (role.peek() === "agent" && !agent.peek()) mistakes.push({ name: "agent", text: `${t.tokenAgent}: ${ui.required.toLowerCase()}` });
    if (role.peek() === "user" && !email.peek().trim()) mistakes.push({ name: "person", text: `${t.tokenPerson}: ${ui.required.toLowerCase()}` });
    if (role.peek() === "customer" && !customer.peek()) mistakes.push({ name: "customer", text: t.needCustomer });
    if (role.peek() === "supplier" && !chosen.peek().size) mistakes.push({ name: "links", text: t.needLinks });
    return mistakes;
  };
  const send = () =>
    form.submit(check, async () => {
      const body: Record<string, unknown> = { name: name.peek().trim(), role: role.peek() };
      if (role.peek() === "agent") body.agent = agent.peek();
      if ((role.peek() === "agent" || role.peek() === "customer") && customer.peek()) body.customer = customer.peek();
      if (role.peek() === "supplier") body.links = [...chosen.peek()];
      if (until.peek()) body.expires_at = startOfDay(dayAfter(until.peek(), 1)).toISOString();
      if (role.peek() === "user") {
        const found = await api.get<Page<Person>>("people", { email: email.peek().trim() });
        const person = found.items[0];
        if (!person) {
          form.mistakes.value = [{ name: "person", text: t.needPerson }];
          form.tries.value += 1;
          return;
        }
        body.person = person.id;
      }
      const issued = await api.post<Token>("tokens", body);
      invalidate("tokens");
      if (issued.secret) shown.value = { title: t.secretTitle, text: t.secretText, label: t.secret, secret: issued.secret };
      else close();
    });
  if (shown.value) return <SecretDialog shown={shown.value} close={close} />;
  return (
    <Dialog title={t.issue} close={close}>
      <Form state={form} onSubmit={() => void send()}>
        <TextField name="name" label={t.tokenName} hint={t.tokenNameHint} value={name} error={form.error("name")} autocomplete="off" autofocus />
        <SelectField name="role" label={t.tokenRole} value={role} choices={tokenRoles.map((each) => [each, roleWord(each)] as const)} />
        {role.value === "agent" && <SelectField name="agent" label={t.tokenAgent} value={agent} error={form.error("agent")} choices={[["", "–"], ...agents.choices]} />}
        {role.value === "user" && <TextField name="person" label={t.tokenPerson} hint={t.tokenPersonHint} value={email} error={form.error("person")} type="email" />}
        {(role.value === "customer" || role.value === "agent") && <SelectField name="customer" label={t.tokenCustomer} value={customer} optional={role.value === "agent"} error={form.error("customer")} choices={[["", role.value === "agent" ? t.tenantAll : t.needCustomer], ...customers.choices]} />}
        {role.value === "supplier" && <CheckList name="links" legend={t.tokenLinks} hint={t.tokenLinksHint} error={form.error("links")} chosen={chosen} choices={(links.data?.items ?? []).filter((each) => each.kind === "supplier").map((each) => [each.id, each.supplier] as const)} />}
        <TextField name="expires_at" label={t.tokenExpires} hint={t.tokenExpiresHint} value={until} error={form.error("expires_at")} type="date" optional />
        <DialogFoot close={close} form={form} word={t.issue} />
      </Form>
    </Dialog>
  );
}

function isOver(token: Token): boolean {
  return token.revoked_at !== null || (token.expires_at !== null && new Date(token.expires_at).getTime() <= now.value);
}

export function Tokens() {
  const got = useGet<Page<Token>>("tokens", ["tokens"]);
  const customers = useCustomers();
  const agents = useAgents();
  const links = useLinks();
  const adding = useSignal(false);
  const old = useSignal(false);
  const revoke = (token: Token) =>
    ask({
      title: t.revokeTitle(token.name),
      text: <p>{t.revokeText}</p>,
      button: t.revoke,
      danger: true,
      run: async () => {
        await api.delete(`tokens/${encodeURIComponent(token.id)}`);
        invalidate("tokens");
        toast(t.didRevoke, { tone: "ok" });
      },
    });
  const whom = (token: Token) => [token.agent && agents.name(token.agent), token.customer && customers.name(token.customer), ...token.links.map((each) => links.name(each))].filter(Boolean).join(", ");
  const columns: Column<Token>[] = [
    { key: "name", label: t.tokenName, head: true, cell: (row) => <b><bdi>{row.name}</bdi></b> },
    { key: "role", label: t.tokenRole, cell: (row) => roleWord(row.role) },
    { key: "for", label: t.for, cell: whom },
    { key: "created", label: t.created, narrow: true, cell: (row) => <Time at={row.created_at} /> },
    { key: "expires", label: t.expires, narrow: true, cell: (row) => (row.expires_at ? <Time at={row.expires_at} /> : <span class="quiet">{t.neverExpires}</span>) },
    { key: "state", label: t.state, bare: true, narrow: true, cell: (row) => (row.revoked_at ? <Badge>{t.revoked}</Badge> : isOver(row) ? <Badge>{t.expired}</Badge> : <Badge tone="ok">{t.valid}</Badge>) },
    {
      key: "revoke",
      label: t.revoke,
      hideHead: true,
      narrow: true,
      cell: (row) =>
        isOver(row) ? null : (
          <button type="button" onClick={() => revoke(row)} aria-label={`${t.revoke}: ${row.name}`}>
            {t.revoke}
          </button>
        ),
    },
  ];
  return (
    <>
      <PageHead
        title={ops.tokens}
        about={<span class="quiet">{t.tokensLead}</span>}
        actions={
          <button type="button" class="primary" onClick={() => (adding.value = true)}>
            <Icon of={Plus} /> {t.issue}
          </button>
        }
      />
      <Loaded got={got} lines={8}>
        {({ items }) => {
          const rows = items.filter((each) => old.value || !isOver(each));
          return (
            <>
              {items.some(isOver) && (
                <label class="bulk-all">
                  <input type="checkbox" checked={old.value} onChange={(e) => (old.value = e.currentTarget.checked)} /> {t.showOld}
                </label>
              )}
              {rows.length ? (
                <DataTable caption={ops.tokens} columns={columns} rows={rows} id={(row) => row.id} />
              ) : (
                <Empty icon={KeyRound} title={t.tokensEmpty}>
                  {t.tokensEmptyText}
                </Empty>
              )}
            </>
          );
        }}
      </Loaded>
      {adding.value && <NewToken close={() => (adding.value = false)} />}
    </>
  );
}
