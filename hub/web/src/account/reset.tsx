// /reset?token=…: a new password, also the first one of an invited account.
import { useSignal } from "@preact/signals";
import { CircleCheck, Link2Off } from "lucide";
import { api, asProblem } from "~/api/client.ts";
import { parameters, title } from "~/base/router.tsx";
import { Form, SubmitButton, useForm } from "~/ui/form.tsx";
import { Empty } from "~/ui/states.tsx";
import { PasswordField, passwordMistakes, passwordProblem } from "./password_field.tsx";
import { t } from "./words.ts";

export function ResetPage() {
  title.value = t.resetTitle;
  const form = useForm();
  const password = useSignal("");
  const token = parameters.value.get("token") ?? "";
  const state = useSignal<"open" | "done" | "bad">(token ? "open" : "bad");
  if (state.value === "bad") {
    return (
      <div class="page entrance">
        <Empty page icon={Link2Off} title={t.resetBad}>
          <p>{t.resetBadText}</p>
          <a class="button primary" href="/sign-in/forgotten">
            {t.askNew}
          </a>
        </Empty>
      </div>
    );
  }
  if (state.value === "done") {
    return (
      <div class="page entrance">
        <Empty page icon={CircleCheck} title={t.resetDone}>
          <p role="status">{t.resetDoneText}</p>
          <a class="button primary" href="/sign-in">
            {t.signIn}
          </a>
        </Empty>
      </div>
    );
  }
  const send = async () => {
    try {
      await api.post("password-resets/confirm", { token, password: password.peek() });
      state.value = "done";
    } catch (failed) {
      const problem = asProblem(failed);
      const about = problem.field("password");
      if (!about && [400, 401, 404, 409, 410].includes(problem.status)) {
        state.value = "bad";
        return;
      }
      throw passwordProblem(problem, "password", "password");
    }
  };
  return (
    <div class="page entrance">
      <h1>{t.resetTitle}</h1>
      <Form state={form} onSubmit={() => void form.submit(() => passwordMistakes("password", password.peek()), send)}>
        <PasswordField value={password} name="password" label={t.newPassword} autocomplete="new-password" rules error={form.error("password")} />
        <SubmitButton state={form}>{t.savePassword}</SubmitButton>
      </Form>
    </div>
  );
}
