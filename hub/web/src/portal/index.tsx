// The portal: a person with a problem, perhaps on a phone.
import { LogIn } from "lucide";
import { useEffect } from "preact/hooks";
import { session, signedIn, speakFor, staff } from "~/api/session.ts";
import { go, match, parameters, path } from "~/base/router.tsx";
import { Frame } from "~/ui/frame.tsx";
import { NotFound } from "~/ui/not_found.tsx";
import { Empty } from "~/ui/states.tsx";
import { Approvals } from "./approvals.tsx";
import { ArticlePage } from "./article.tsx";
import { GuidanceList } from "./guidance_list.tsx";
import { MeTooDialog } from "./notices.tsx";
import { Received } from "./received.tsx";
import { Register } from "./register.tsx";
import { Start } from "./start.tsx";
import { TicketList } from "./ticket_list.tsx";
import { TicketPage } from "./ticket.tsx";
import { t } from "./words.ts";

function Room() {
  const at = path.value;
  if (!signedIn.value) return <SignInFirst />;
  if (at === "/") return <Start />;
  if (match("/new", at)) return <Register key={`${session.value?.customer} ${parameters.value.get("article")}`} />;
  if (match("/tickets", at)) return <TicketList />;
  if (match("/approvals", at)) return <Approvals />;
  if (match("/guidance", at)) return <GuidanceList />;
  const received = match("/tickets/:ticket/received", at);
  if (received) return <Received ticket={Number(received.ticket)} />;
  const ticket = match("/tickets/:ticket", at);
  if (ticket && staff.value) return <ToDesk to={`/desk/tickets/${ticket.ticket}`} />;
  if (ticket) return <TicketPage key={ticket.ticket} id={Number(ticket.ticket)} />;
  const article = match("/guidance/:article", at);
  if (article) return <ArticlePage key={article.article} id={Number(article.article)} />;
  return <NotFound />;
}

// The provider's people followed a link that was written for a user.
function ToDesk({ to }: { to: string }) {
  useEffect(() => go(to, { replace: true }), [to]);
  return null;
}

function SignInFirst() {
  return (
    <div class="page">
      <Empty page icon={LogIn} title={t.signInFirst}>
        <a class="button primary" href={`/sign-in?to=${encodeURIComponent(path.value + window.location.search)}`}>
          {t.signIn}
        </a>
      </Empty>
    </div>
  );
}

// For who belongs to several organisations: which one this is about is never in doubt.
function Organisation() {
  const s = session.value;
  const all = s?.memberships ?? [];
  if (!signedIn.value || all.length < 2) return null;
  return (
    <div class="organisation">
      <label for="organisation">{t.organisation}</label>
      <select id="organisation" value={s?.customer ?? ""} onChange={(e) => void speakFor(e.currentTarget.value)}>
        {all.map((each) => (
          <option key={each.customer} value={each.customer}>
            {each.customer_name}
          </option>
        ))}
      </select>
    </div>
  );
}

export default function Place() {
  return (
    <Frame>
      <Organisation />
      <Room />
      <MeTooDialog />
    </Frame>
  );
}
