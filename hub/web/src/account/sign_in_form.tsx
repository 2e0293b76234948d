// E-mail and password, then a code where the account asks for one; the providers' buttons; the wait after many wrong
// attempts. The page and the dialog over a page whose session has ended are made of this.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ApiProblem, asProblem } from "~/api/client.ts";
import { session, signIn } from "~/api/session.ts";
import { duration } from "~/base/time.ts";
import { Form, SubmitButton, TextField, useForm, type Mistake } from "~/ui/form.tsx";
import { PasswordField } from "./password_field.tsx";
import { t } from "./words.ts";

interface Options {
  email?: string; // of whom it must be; else it is asked for
  to: string; // where a provider sends the reader afterwards
  newTab?: boolean; // a provider's page must not take the place of this one
  done: () => void;
}

export function SignInForm({ email: fixed, to, newTab, done }: Options) {
  const form = useForm();
  const email = useSignal(fixed ?? "");
  const password = useSignal("");
  const code = useSignal("");
  const step = useSignal<"password" | "code" | "recovery">("password");
  const box = useRef<HTMLDivElement>(null);
  const wait = useCountdown();

  useEffect(() => {
    if (step.value !== "password") box.current?.querySelector<HTMLInputElement>("input[name=code]")?.focus();
  }, [step.value]);

  const check = (): Mistake[] => {
    const mistakes: Mistake[] = [];
    if (step.peek() === "password") {
      const address = email.peek().trim();
      if (!address) mistakes.push({ name: "email", text: t.emailMissing });
      else if (!/^\S+@\S+$/.test(address)) mistakes.push({ name: "email", text: t.emailOdd });
      if (!password.peek()) mistakes.push({ name: "password", text: t.passwordMissing });
    } else if (!code.peek().trim()) {
      mistakes.push({ name: "code", text: t.codeMissing });
    }
    return mistakes;
  };
  const send = async () => {
    const given = step.peek() === "password" ? undefined : code.peek().replace(/\s/g, "");
    try {
      await signIn(email.peek().trim(), password.peek(), given);
    } catch (failed) {
      const problem = asProblem(failed);
      if (problem.code === "code_required" && !given) {
        step.value = "code";
        return;
      }
      if (problem.status === 429) {
        wait.start(Math.max(1, problem.retryAfter));
        throw new ApiProblem(429, problem.code, t.slow);
      }
      if (problem.status === 401) {
        if (given !== undefined) code.value = "";
        throw new ApiProblem(401, problem.code, given === undefined ? t.wrong : t.wrongCode);
      }
      throw problem;
    }
    done();
  };
  const submit = () => {
    if (!wait.left.peek()) void form.submit(check, send);
  };
  const providers = session.value?.providers ?? [];
  const asking = step.value !== "password";
  return (
    <div class="sign-in" ref={box}>
      <Form state={form} onSubmit={submit} label={t.signIn}>
        {!asking && (
          <>
            {fixed ? (
              <>
                <p class="sign-in-who">{fixed}</p>
                {/* for password managers, which look for the name beside the password */}
                <input type="email" name="username" autocomplete="username" value={fixed} readOnly hidden />
              </>
            ) : (
              <TextField
                value={email}
                name="email"
                label={t.email}
                type="email"
                inputMode="email"
                autocomplete="username"
                autocapitalize="none"
                spellcheck={false}
                error={form.error("email")}
              />
            )}
            <PasswordField value={password} name="password" label={t.password} autocomplete="current-password" error={form.error("password")} />
          </>
        )}
        {step.value === "code" && (
          <TextField value={code} name="code" label={t.code} hint={t.codeHint} inputMode="numeric" autocomplete="one-time-code" class="code-input" error={form.error("code")} />
        )}
        {step.value === "recovery" && (
          <TextField
            value={code}
            name="code"
            label={t.recovery}
            hint={t.recoveryHint}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            class="code-input"
            error={form.error("code")}
          />
        )}
        <div class="buttons">
          {wait.left.value > 0 ? (
            <button type="submit" class="primary" aria-disabled="true">
              {t.wait(duration(wait.left.value * 1000))}
            </button>
          ) : (
            <SubmitButton state={form}>{t.signIn}</SubmitButton>
          )}
          {asking && (
            <>
              <button
                type="button"
                class="link"
                onClick={() => {
                  code.value = "";
                  step.value = step.value === "code" ? "recovery" : "code";
                }}
              >
                {step.value === "code" ? t.useRecovery : t.useApp}
              </button>
              <button
                type="button"
                class="link"
                onClick={() => {
                  code.value = "";
                  step.value = "password";
                }}
              >
                {t.back}
              </button>
            </>
          )}
        </div>
        <p class="sr-only" role="status">
          {wait.over.value ? t.waitOver : ""}
        </p>
      </Form>
      {!asking && !newTab && (
        <p class="sign-in-forgot">
          <a href="/sign-in/forgotten">{t.forgot}</a>
        </p>
      )}
      {!asking && providers.length > 0 && (
        <>
          <p class="sign-in-or">
            <span>{t.or}</span>
          </p>
          <div class="sign-in-providers">
            {providers.map((each) => (
              <a
                key={each.id}
                class="button"
                href={`${each.url}${each.url.includes("?") ? "&" : "?"}to=${encodeURIComponent(to)}`}
                {...(newTab && { target: "_blank", rel: "noopener" })}
              >
                {t.signInWith(each.name)}
              </a>
            ))}
          </div>
          {newTab && <p class="hint">{t.againProvider}</p>}
        </>
      )}
    </div>
  );
}

// Seconds that are left of a wait.
function useCountdown() {
  const left = useSignal(0);
  const over = useSignal(false);
  const timer = useRef<ReturnType<typeof setInterval> | undefined>(undefined);
  useEffect(() => () => clearInterval(timer.current), []);
  return {
    left,
    over,
    start: (seconds: number) => {
      clearInterval(timer.current);
      const until = Date.now() + seconds * 1000;
      over.value = false;
      left.value = seconds;
      timer.current = setInterval(() => {
        left.value = Math.max(0, Math.ceil((until - Date.now()) / 1000));
        if (left.value > 0) return;
        clearInterval(timer.current);
        over.value = true;
      }, 250);
    },
  };
}
