// The password, and the second step of signing in.
import { useSignal } from "@preact/signals";
import { ShieldCheck, ShieldOff } from "lucide";
import { api, asProblem } from "~/api/client.ts";
import { session } from "~/api/session.ts";
import { title } from "~/base/router.tsx";
import { Badge } from "~/ui/domain.tsx";
import { Dialog, DialogFoot } from "~/ui/dialog.tsx";
import { Form, SubmitButton, useForm } from "~/ui/form.tsx";
import { toast } from "~/ui/toast.tsx";
import { hasPassword, setTotp, wrongPassword } from "./own.ts";
import { PasswordField, passwordMistakes, passwordProblem } from "./password_field.tsx";
import { TotpDialog } from "./totp.tsx";
import { t } from "./words.ts";

export function Security() {
  title.value = t.security;
  if (!hasPassword()) {
    return (
      <>
        <h2>{t.security}</h2>
        <p>{t.byProvider}</p>
      </>
    );
  }
  return (
    <>
      <h2>{t.security}</h2>
      <section class="account-section">
        <h3>{t.changePassword}</h3>
        <ChangePassword />
      </section>
      <section class="account-section">
        <h3>{t.twoStep}</h3>
        <TwoStep />
      </section>
    </>
  );
}

function ChangePassword() {
  const form = useForm();
  const current = useSignal("");
  const fresh = useSignal("");
  const account = session.value?.account;
  const own = [account?.name ?? "", account?.email ?? ""];
  const send = async () => {
    try {
      await api.post("account/password", { current: current.peek(), new: fresh.peek() });
    } catch (failed) {
      throw wrongPassword(passwordProblem(asProblem(failed), "new", "new"), "current");
    }
    current.value = fresh.value = "";
    toast(t.passwordChanged, { tone: "ok" });
  };
  const check = () => [...(current.peek() ? [] : [{ name: "current", text: t.passwordMissing }]), ...passwordMistakes("new", fresh.peek(), own)];
  return (
    <Form state={form} onSubmit={() => void form.submit(check, send)}>
      <input type="email" name="username" autocomplete="username" value={account?.email ?? ""} readOnly hidden />
      <PasswordField value={current} name="current" label={t.currentPassword} autocomplete="current-password" error={form.error("current")} />
      <PasswordField value={fresh} name="new" label={t.newPassword} autocomplete="new-password" rules own={own} error={form.error("new")} />
      <SubmitButton state={form}>{t.changePassword}</SubmitButton>
    </Form>
  );
}

function TwoStep() {
  const on = session.value?.account?.totp === true;
  const open = useSignal<"" | "on" | "off">("");
  return (
    <>
      <p>
        <Badge tone={on ? "ok" : "neutral"} icon={on ? ShieldCheck : ShieldOff}>
          {on ? t.on : t.off}
        </Badge>
      </p>
      <p>{on ? t.twoStepOn : t.twoStepOff}</p>
      <button type="button" class={on ? "" : "primary"} onClick={() => (open.value = on ? "off" : "on")}>
        {on ? t.turnOff : t.turnOn}
      </button>
      {open.value === "on" && <TotpDialog close={() => (open.value = "")} />}
      {open.value === "off" && <TurnOff close={() => (open.value = "")} />}
    </>
  );
}

function TurnOff({ close }: { close: () => void }) {
  const form = useForm();
  const password = useSignal("");
  const send = async () => {
    try {
      await api.delete("account/totp", { password: password.peek() });
    } catch (failed) {
      throw wrongPassword(asProblem(failed));
    }
    setTotp(false);
    close();
    toast(t.twoStepIsOff);
  };
  return (
    <Dialog title={t.turnOffTitle} close={close}>
      <Form state={form} onSubmit={() => void form.submit(() => (password.peek() ? [] : [{ name: "password", text: t.passwordMissing }]), send)}>
        <p>{t.turnOffText}</p>
        <PasswordField value={password} name="password" label={t.currentPassword} autocomplete="current-password" error={form.error("password")} />
        <DialogFoot close={close} form={form} word={t.turnOff} danger />
      </Form>
    </Dialog>
  );
}
