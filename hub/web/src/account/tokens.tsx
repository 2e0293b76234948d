// Tokens for the reader's own programs: made with a purpose and an end, shown once, taken back at any time.
import { useSignal, type Signal } from "@preact/signals";
import { Copy, KeyRound } from "lucide";
import { ApiProblem, api, asProblem } from "~/api/client.ts";
import { useGet } from "~/api/cache.ts";
import { session } from "~/api/session.ts";
import { title } from "~/base/router.tsx";
import { date } from "~/base/time.ts";
import { Badge } from "~/ui/domain.tsx";
import { Dialog, DialogButtons, DialogFoot } from "~/ui/dialog.tsx";
import { ChoiceField, Form, SelectField, TextField, useForm } from "~/ui/form.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Empty, Loaded } from "~/ui/states.tsx";
import { toast } from "~/ui/toast.tsx";
import { copy, hasPassword, wrongPassword } from "./own.ts";
import { PasswordField } from "./password_field.tsx";
import { t } from "./words.ts";

interface OwnToken {
  id: string;
  name: string;
  created_at: string;
  expires_at?: string | null;
  revoked_at?: string | null;
  scopes?: string[];
}
interface PolicyTable {
  permissions: { name: string; about: string }[];
}

export function Tokens() {
  title.value = t.tokens;
  const got = useGet<{ items: OwnToken[] }>("account/tokens", ["own-tokens"]);
  const making = useSignal(false);
  const revoking = useSignal<OwnToken | undefined>(undefined);
  return (
    <>
      <h2>{t.tokens}</h2>
      <p>{t.tokensAbout}</p>
      <p>
        <button type="button" class="primary" onClick={() => (making.value = true)}>
          <Icon of={KeyRound} /> {t.newToken}
        </button>
      </p>
      <Loaded got={got}>
        {({ items: all }) => {
          const items = all.filter((each) => !each.revoked_at);
          return items.length === 0 ? (
            <Empty icon={KeyRound} title={t.noTokens}>
              <p>{t.noTokensText}</p>
            </Empty>
          ) : (
            <ul class="plain-list own-list">
              {items.map((each) => (
                <li key={each.id}>
                  <Icon of={KeyRound} size={20} />
                  <div class="own-list-text">
                    <strong>{each.name}</strong> {isOver(each) && <Badge tone="warning">{t.expired}</Badge>}
                    <p class="quiet small">
                      {t.made} {date(each.created_at)} · {each.expires_at ? `${t.expires} ${date(each.expires_at)}` : t.expiresNever}
                    </p>
                  </div>
                  <button type="button" aria-label={t.revokeOf(each.name)} onClick={() => (revoking.value = each)}>
                    {t.revoke}
                  </button>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
      {making.value && (
        <NewToken
          close={() => {
            making.value = false;
            void got.reload();
          }}
        />
      )}
      {revoking.value && (
        <Revoke
          token={revoking.value}
          close={() => (revoking.value = undefined)}
          done={(gone) => got.expect((data) => ({ ...data, items: data.items.filter((each) => each.id !== gone.id) }))}
        />
      )}
    </>
  );
}

function isOver(token: OwnToken): boolean {
  return !!token.expires_at && Date.parse(token.expires_at) < Date.now();
}

function NewToken({ close }: { close: () => void }) {
  const form = useForm();
  const name = useSignal("");
  const days = useSignal("90");
  const extent = useSignal("all");
  const scopes = useSignal<ReadonlySet<string>>(new Set());
  const password = useSignal("");
  const secret = useSignal("");
  const asked = hasPassword();
  const send = async () => {
    try {
      const made = await api.post<{ id: string; secret?: string }>("account/tokens", {
        name: name.peek().trim(),
        expires_at: new Date(Date.now() + Number(days.peek()) * 86_400_000).toISOString(),
        ...(extent.peek() === "some" && { scopes: [...scopes.peek()] }),
        ...(asked && { password: password.peek() }),
      });
      secret.value = made.secret ?? "";
    } catch (failed) {
      const refused = asProblem(failed);
      if (refused.status === 409 && !asked) throw new ApiProblem(refused.status, refused.code, t.tokenSignInAgain, [], refused.instance);
      throw wrongPassword(refused);
    }
  };
  const check = () => [
    ...(name.peek().trim() ? [] : [{ name: "name", text: t.tokenNameMissing }]),
    ...(extent.peek() === "some" && scopes.peek().size === 0 ? [{ name: "scope", text: t.scopesMissing }] : []),
    ...(asked && !password.peek() ? [{ name: "password", text: t.passwordMissing }] : []),
  ];
  if (secret.value) {
    return (
      <Dialog title={t.tokenMade} close={close}>
        <p>{t.tokenOnce}</p>
        <p class="own-secret">
          <code>{secret.value}</code>
          <button type="button" class="primary" onClick={() => void copy(secret.value)}>
            <Icon of={Copy} /> {t.copy}
          </button>
        </p>
        <DialogButtons>
          <button type="button" onClick={close}>
            {t.finish}
          </button>
        </DialogButtons>
      </Dialog>
    );
  }
  return (
    <Dialog title={t.newToken} close={close}>
      <Form state={form} onSubmit={() => void form.submit(check, send)}>
        <TextField value={name} name="name" label={t.tokenName} autocomplete="off" error={form.error("name")} />
        <SelectField
          value={days}
          name="expires_at"
          label={t.tokenExpires}
          choices={[
            ["30", t.days(30)],
            ["90", t.days(90)],
            ["365", t.oneYear],
          ]}
          error={form.error("expires_at")}
        />
        <ChoiceField
          value={extent}
          name="extent"
          legend={t.scopes}
          choices={[
            ["all", t.scopesAll],
            ["some", t.scopesSome],
          ]}
        />
        {extent.value === "some" && <Scopes chosen={scopes} />}
        {asked && (
          <>
            <input type="email" name="username" autocomplete="username" value={session.value?.account?.email ?? ""} readOnly hidden />
            <PasswordField value={password} name="password" label={t.currentPassword} autocomplete="current-password" error={form.error("password")} />
          </>
        )}
        <DialogFoot close={close} form={form} word={t.makeToken} />
      </Form>
    </Dialog>
  );
}

const notForTokens = "account.own"; // a token makes no tokens

function Scopes({ chosen }: { chosen: Signal<ReadonlySet<string>> }) {
  const table = useGet<PolicyTable>("permissions");
  const about = new Map((table.data?.permissions ?? []).map((each) => [each.name, each.about]));
  return (
    <fieldset class="scopes">
      <legend class="sr-only">{t.scopes}</legend>
      {(session.value?.may ?? [])
        .filter((name) => name !== notForTokens)
        .map((name) => (
          <div class="check" key={name}>
            <input
              type="checkbox"
              id={`scope-${name}`}
              name="scope"
              checked={chosen.value.has(name)}
              onChange={(e) => {
                const next = new Set(chosen.value);
                if (e.currentTarget.checked) next.add(name);
                else next.delete(name);
                chosen.value = next;
              }}
            />
            <label for={`scope-${name}`}>
              <code>{name}</code>
            </label>
            {about.has(name) && (
              <p class="hint" lang="en">
                {about.get(name)}
              </p>
            )}
          </div>
        ))}
    </fieldset>
  );
}

function Revoke({ token, close, done }: { token: OwnToken; close: () => void; done: (gone: OwnToken) => void }) {
  const form = useForm();
  const send = async () => {
    await api.delete(`account/tokens/${encodeURIComponent(token.id)}`);
    done(token);
    close();
    toast(t.revoked);
  };
  return (
    <Dialog title={t.revokeTitle} close={close}>
      <Form state={form} onSubmit={() => void form.submit(() => [], send)}>
        <p>{t.revokeText(token.name)}</p>
        <DialogFoot close={close} form={form} word={t.revoke} danger />
      </Form>
    </Dialog>
  );
}
