import { session } from "~/api/session.ts";
import { toast } from "~/ui/toast.tsx";
import { t } from "./words.ts";

// The hub has said so; the session that pages read says it too.
export function setTotp(on: boolean) {
  const s = session.peek();
  if (s?.account) session.value = { ...s, account: { ...s.account, totp: on } };
}

export async function copy(text: string) {
  await navigator.clipboard.writeText(text);
  toast(t.copied, { tone: "ok" });
}
