// Setting up two-step sign-in: scan, confirm with a code, save the recovery codes.
import { useSignal } from "@preact/signals";
import { Copy, Download, Printer } from "lucide";
import { useEffect, useRef } from "preact/hooks";
import { ApiProblem, api, asProblem } from "~/api/client.ts";
import { session } from "~/api/session.ts";
import { Dialog, DialogButtons, DialogFoot } from "~/ui/dialog.tsx";
import { CheckField, Form, SubmitButton, TextField, useForm } from "~/ui/form.tsx";
import { Icon } from "~/ui/icon.tsx";
import { toast } from "~/ui/toast.tsx";
import { copy, setTotp, wrongPassword } from "./own.ts";
import { PasswordField } from "./password_field.tsx";
import { QrCode } from "./qr_code.tsx";
import { t } from "./words.ts";

export function TotpDialog({ close }: { close: () => void }) {
  const secret = useSignal<{ secret: string; uri: string } | undefined>(undefined);
  const codes = useSignal<string[]>([]);
  if (codes.value.length) {
    return (
      <Dialog title={t.recoveryTitle} close={() => undefined}>
        <RecoveryCodes codes={codes.value} done={close} />
      </Dialog>
    );
  }
  return (
    <Dialog title={t.totpTitle} close={close}>
      {secret.value ? (
        <Confirm {...secret.value} close={close} done={(given) => (codes.value = given)} />
      ) : (
        <Begin close={close} done={(made) => (secret.value = made)} />
      )}
    </Dialog>
  );
}

// Whoever finds this page open turns nothing on: the hub asks for the password first.
function Begin({ close, done }: { close: () => void; done: (made: { secret: string; uri: string }) => void }) {
  const form = useForm();
  const password = useSignal("");
  const send = async () => {
    try {
      done(await api.post<{ secret: string; uri: string }>("account/totp", { password: password.peek() }));
    } catch (failed) {
      throw wrongPassword(asProblem(failed));
    }
  };
  return (
    <Form state={form} onSubmit={() => void form.submit(() => (password.peek() ? [] : [{ name: "password", text: t.passwordMissing }]), send)}>
      <p>{t.totpFirst}</p>
      <input type="email" name="username" autocomplete="username" value={session.value?.account?.email ?? ""} readOnly hidden />
      <PasswordField value={password} name="password" label={t.currentPassword} autocomplete="current-password" error={form.error("password")} />
      <DialogFoot close={close} form={form} word={t.next} />
    </Form>
  );
}

function Confirm({ secret, uri, close, done }: { secret: string; uri: string; close: () => void; done: (codes: string[]) => void }) {
  const form = useForm();
  const code = useSignal("");
  const link = uri.startsWith("otpauth://") ? uri : undefined;
  const send = async () => {
    try {
      const answer = await api.post<{ recovery_codes: string[] }>("account/totp/confirm", { code: code.peek().replace(/\s/g, "") });
      setTotp(true);
      done(answer.recovery_codes);
    } catch (failed) {
      const refused = asProblem(failed);
      if (![400, 401, 409].includes(refused.status)) throw refused;
      throw new ApiProblem(refused.status, refused.code, t.totpCodeWrong, [{ pointer: "/code", detail: t.totpCodeWrong }]);
    }
  };
  return (
    <Form state={form} onSubmit={() => void form.submit(() => (code.peek().trim() ? [] : [{ name: "code", text: t.codeMissing }]), send)}>
      <p>{t.totpScan}</p>
      <QrCode text={uri} label={t.totpQr} />
      {link && (
        <p class="totp-link">
          <a class="button" href={link}>
            {t.totpOnPhone}
          </a>
        </p>
      )}
      <p class="hint">{t.totpByHand}</p>
      <p class="own-secret">
        <code>{secret.replace(/(.{4})(?=.)/g, "$1 ")}</code>
        <button type="button" onClick={() => void copy(secret)}>
          <Icon of={Copy} /> {t.copy}
        </button>
      </p>
      <TextField value={code} name="code" label={t.totpConfirm} inputMode="numeric" autocomplete="one-time-code" class="code-input" error={form.error("code")} />
      <DialogFoot close={close} form={form} word={t.totpTurnOn} />
    </Form>
  );
}

function RecoveryCodes({ codes, done }: { codes: string[]; done: () => void }) {
  const form = useForm();
  const saved = useSignal(false);
  const link = useRef<HTMLAnchorElement>(null);
  const s = session.value;
  const heading = t.codesFor(s?.desk.name ?? "Ombud", s?.account?.email ?? "");
  const text = `${heading}\n\n${codes.join("\n")}\n`;
  const file = useSignal("");
  useEffect(() => {
    file.value = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    return () => URL.revokeObjectURL(file.peek());
  }, []);
  const finish = async () => {
    toast(t.twoStepIsOn, { tone: "ok" });
    done();
  };
  return (
    <Form state={form} onSubmit={() => void form.submit(() => (saved.peek() ? [] : [{ name: "saved", text: t.codesNotSaved }]), finish)}>
      <p>{t.recoveryText}</p>
      <p class="print-only">{heading}</p>
      <ol class="recovery-codes">
        {codes.map((each) => (
          <li key={each}>
            <code>{each}</code>
          </li>
        ))}
      </ol>
      <div class="buttons no-print">
        <button type="button" onClick={() => void copy(text)}>
          <Icon of={Copy} /> {t.copy}
        </button>
        <button type="button" onClick={() => window.print()}>
          <Icon of={Printer} /> {t.print}
        </button>
        <a class="button" ref={link} href={file.value} download={t.codesFile}>
          <Icon of={Download} /> {t.download}
        </a>
      </div>
      <div class="no-print recovery-done">
        <CheckField checked={saved} name="saved" label={t.savedCodes} />
        <DialogButtons>
          <SubmitButton state={form}>{t.finish}</SubmitButton>
        </DialogButtons>
      </div>
    </Form>
  );
}
