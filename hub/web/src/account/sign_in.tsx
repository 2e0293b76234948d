// The page to sign in on, also in the place of a page that needs it.
import { MailCheck, CircleCheck } from "lucide";
import { useSignal } from "@preact/signals";
import { api } from "~/api/client.ts";
import { session, staff } from "~/api/session.ts";
import { go, ownPath, parameters, path, title } from "~/base/router.tsx";
import { Form, SubmitButton, TextField, useForm } from "~/ui/form.tsx";
import { Empty } from "~/ui/states.tsx";
import { SignInForm } from "./sign_in_form.tsx";
import { t } from "./words.ts";

// Where the reader was going; never away from these pages.
function wanted(): string {
  if (path.peek() !== "/sign-in") return path.peek() + (parameters.peek().size ? `?${parameters.peek()}` : "");
  const to = parameters.peek().get("to") ?? "";
  return ownPath(to);
}

function HelpByMail() {
  const email = session.value?.desk.email;
  return email ? (
    <p class="hint sign-in-help">
      {t.helpBy} <a href={`mailto:${email}`}>{email}</a>.
    </p>
  ) : null;
}

export function SignInPage() {
  title.value = t.signIn;
  const to = wanted();
  const elsewhere = path.value !== "/sign-in" && path.value !== "/";
  const problem = path.value === "/sign-in" ? parameters.value.get("problem") : null;
  return (
    <div class="page entrance">
      <h1>{t.signIn}</h1>
      {elsewhere && <p>{t.signInFirst}</p>}
      {problem && (
        <div class="error-summary" role="alert">
          <h2>{t.problemTitle}</h2>
          <p>{(Object.hasOwn(t.problems, problem) && t.problems[problem]) || t.problems.other}</p>
        </div>
      )}
      <SignInForm
        to={to || "/"}
        done={() => {
          const next = to || (staff.peek() ? "/desk" : "/");
          if (path.peek() + window.location.search !== next) go(next, { replace: true });
        }}
      />
      <HelpByMail />
    </div>
  );
}

export function ForgottenPage() {
  title.value = t.forgotTitle;
  const form = useForm();
  const email = useSignal("");
  const sent = useSignal("");
  if (sent.value) {
    return (
      <div class="page entrance">
        <Empty page icon={MailCheck} title={t.sentTitle}>
          <p role="status">{t.sentText(sent.value)}</p>
          <a class="button" href="/sign-in">
            {t.backToSignIn}
          </a>
        </Empty>
      </div>
    );
  }
  return (
    <div class="page entrance">
      <h1>{t.forgotTitle}</h1>
      <p>{t.forgotText}</p>
      <Form
        state={form}
        onSubmit={() =>
          void form.submit(
            () => (/^\S+@\S+$/.test(email.peek().trim()) ? [] : [{ name: "email", text: email.peek().trim() ? t.emailOdd : t.emailMissing }]),
            async () => {
              await api.post("password-resets", { email: email.peek().trim() });
              sent.value = email.peek().trim();
            },
          )
        }
      >
        <TextField value={email} name="email" label={t.email} type="email" inputMode="email" autocomplete="username" autocapitalize="none" error={form.error("email")} />
        <div class="buttons">
          <SubmitButton state={form}>{t.sendLink}</SubmitButton>
          <a href="/sign-in">{t.backToSignIn}</a>
        </div>
      </Form>
      <HelpByMail />
    </div>
  );
}

// Where a provider ends up that was opened beside a page whose session had ended.
export function SignedInBeside() {
  title.value = t.doneTitle;
  return (
    <div class="page entrance">
      <Empty page icon={CircleCheck} title={t.doneTitle}>
        <p>{t.doneText}</p>
        <a class="button" href="/">
          {t.toStart}
        </a>
      </Empty>
    </div>
  );
}
