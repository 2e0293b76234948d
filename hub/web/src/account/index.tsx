// Signing in, a new password, and the reader's own account.
import { useEffect } from "preact/hooks";
import { signedIn, staff } from "~/api/session.ts";
import { go, match, ownPath, parameters, path } from "~/base/router.tsx";
import { Frame } from "~/ui/frame.tsx";
import { NotFound } from "~/ui/not_found.tsx";
import { AccountPage } from "./account_page.tsx";
import { Profile } from "./profile.tsx";
import { approves, Approving } from "./approving.tsx";
import { ResetPage } from "./reset.tsx";
import { NotificationsByLetter, OwnNotifications } from "./notifications.tsx";
import { Security } from "./security.tsx";
import { Sessions } from "./sessions.tsx";
import { ForgottenPage, SignedInBeside, SignInPage } from "./sign_in.tsx";
import { Tokens } from "./tokens.tsx";

function Room() {
  const at = path.value;
  if (match("/reset", at)) return <ResetPage />;
  // Whoever is signed in needs no letter to be known.
  if (match("/notifications", at)) return signedIn.value && !parameters.value.get("token") ? <GoTo to="/account/notifications" /> : <NotificationsByLetter />;
  if (match("/sign-in/forgotten", at)) return <ForgottenPage />;
  if (match("/sign-in/done", at) && signedIn.value) return <SignedInBeside />;
  if (!signedIn.value) return <SignInPage />;
  if (match("/sign-in", at)) return <Onward />;
  const rooms = { "/account": Profile, "/account/security": Security, "/account/sessions": Sessions, "/account/tokens": Tokens, "/account/notifications": OwnNotifications, ...(approves() && { "/account/approvals": Approving }) };
  for (const [room, Part] of Object.entries(rooms)) {
    if (match(room, at)) {
      return (
        <AccountPage>
          <Part />
        </AccountPage>
      );
    }
  }
  return <NotFound />;
}

// Somebody who is signed in already came to the sign-in page.
function Onward() {
  useEffect(() => {
    const to = parameters.peek().get("to") ?? "";
    go(ownPath(to) || (staff.peek() ? "/desk" : "/"), { replace: true });
  }, []);
  return null;
}

function GoTo({ to }: { to: string }) {
  useEffect(() => go(to, { replace: true }), [to]);
  return null;
}

export default function Place() {
  return (
    <Frame>
      <Room />
    </Frame>
  );
}
