// Over what the reader was doing when his session ended. Nothing below is touched; what he was sending goes on.
import { useEffect } from "preact/hooks";
import { asProblem, settleSignIn } from "~/api/client.ts";
import { loadSession, session, signedIn } from "~/api/session.ts";
import { invalidateAll } from "~/api/cache.ts";
import { Dialog } from "~/ui/dialog.tsx";
import { toast } from "~/ui/toast.tsx";
import { SignInForm } from "./sign_in_form.tsx";
import { t } from "./words.ts";

export function SignInAgain() {
  const account = session.value?.account;
  useEffect(() => {
    // Signed in with a provider in another tab: seen when the reader comes back to this one.
    const look = async () => {
      if (document.visibilityState !== "visible") return;
      try {
        await signedInElsewhere(account?.id);
      } catch (failed) {
        toast(asProblem(failed).message, { tone: "danger" });
      }
    };
    document.addEventListener("visibilitychange", look);
    window.addEventListener("focus", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("focus", look);
    };
  }, []);
  return (
    <Dialog title={t.againTitle} close={() => settleSignIn(false)}>
      <p>{t.againText}</p>
      <SignInForm {...(account && { email: account.email })} to="/sign-in/done" newTab done={() => settleSignIn(true)} />
    </Dialog>
  );
}

async function signedInElsewhere(account: number | undefined) {
  const before = session.peek();
  await loadSession({ onlyIfSignedIn: true });
  if (session.peek() === before) return;
  if (signedIn.peek() && session.peek()?.account?.id === account) {
    invalidateAll();
    settleSignIn(true);
  } else window.location.reload(); // somebody else: nothing of the first may stay on the screen
}
