import type { ApiProblem } from "~/api/client.ts";
import { session } from "~/api/session.ts";
import { toast } from "~/ui/toast.tsx";
import { t } from "./words.ts";

// The hub has said so; the session that pages read says it too.
export function setTotp(on: boolean) {
  const s = session.peek();
  if (s?.account) session.value = { ...s, account: { ...s.account, totp: on } };
}

// Without a password here a provider signs the reader in, and there is none to be asked for again.
export function hasPassword(): boolean {
  return session.value?.account?.password !== false;
}

// The hub's English words about a password that was asked for again, in the reader's.
export function wrongPassword(problem: ApiProblem, field = "password"): ApiProblem {
  const mine = problem.fields.find((each) => each.pointer === `/${field}`);
  if (mine) mine.detail = t.currentWrong;
  return problem;
}

export async function copy(text: string) {
  await navigator.clipboard.writeText(text);
  toast(t.copied, { tone: "ok" });
}
