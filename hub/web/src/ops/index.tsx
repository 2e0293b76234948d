// The operator's pages: which of them the address names, inside the shell that they share.
import type { ComponentChildren } from "preact";
import { may } from "~/api/session.ts";
import { match, path } from "~/base/router.tsx";
import { Frame } from "~/ui/frame.tsx";
import { NotFound } from "~/ui/not_found.tsx";
import { AccountPage } from "./access/account.tsx";
import { Accounts } from "./access/accounts.tsx";
import { Roles } from "./access/roles.tsx";
import { Tokens } from "./access/tokens.tsx";
import { AgreementPage, NewAgreement } from "./agreements/editor.tsx";
import { Agreements } from "./agreements/list.tsx";
import { DeadLetters } from "./deliveries/dead.tsx";
import { DeliveryPage } from "./deliveries/detail.tsx";
import { DeliveryList } from "./deliveries/list.tsx";
import { t as deliveries } from "./deliveries/words.ts";
import { Agents, Customers, Services, Teams } from "./directory/kinds.tsx";
import { People } from "./directory/people.tsx";
import { Overview } from "./links/overview.tsx";
import { LinkPage } from "./links/page.tsx";
import { TestReport } from "./links/test.tsx";
import { Asker } from "./parts/ask.tsx";
import { PageHead } from "./parts/page.tsx";
import { Shell } from "./shell.tsx";
import { LetterPage, Letters } from "./mail/letters.tsx";
import { MailPage } from "./mail/mail.tsx";
import { Mails } from "./mail/mails.tsx";
import { Audit } from "./system/audit.tsx";
import { Configuration } from "./system/configuration.tsx";
import { t } from "./words.ts";

type Draw = (parameters: Record<string, string>) => ComponentChildren;
// Each page by its address, with the right that it needs.
const pages: readonly (readonly [pattern: string, permission: string, draw: Draw])[] = [
  ["/ops", "link.read", () => <Overview />],
  ["/ops/links/:link", "link.read", ({ link = "" }) => <LinkPage key={link} id={link} />],
  ["/ops/dead", "delivery.read", () => <DeadLetters />],
  [
    "/ops/deliveries",
    "delivery.read",
    () => (
      <>
        <PageHead title={t.deliveries} about={<span class="quiet">{deliveries.lead}</span>} />
        <DeliveryList />
      </>
    ),
  ],
  ["/ops/deliveries/:delivery", "delivery.read", ({ delivery = "" }) => <DeliveryPage key={delivery} id={delivery} />],
  ["/ops/mail", "mail.read", () => <Mails />],
  ["/ops/mail/:mail", "mail.read", ({ mail = "" }) => <MailPage key={mail} id={mail} />],
  ["/ops/letters", "configuration.operate", () => <Letters />],
  ["/ops/letters/:letter", "configuration.operate", ({ letter = "" }) => <LetterPage key={letter} kind={letter} />],
  ["/ops/agreements", "agreement.read", () => <Agreements />],
  ["/ops/agreements/new", "agreement.write", () => <NewAgreement />],
  ["/ops/agreements/:agreement", "agreement.read", ({ agreement = "" }) => <AgreementPage key={agreement} id={agreement} />],
  ["/ops/customers", "customer.read", () => <Customers />],
  ["/ops/people", "person.read", () => <People />],
  ["/ops/teams", "directory.read", () => <Teams />],
  ["/ops/agents", "directory.read", () => <Agents />],
  ["/ops/services", "service.read", () => <Services />],
  ["/ops/accounts", "account.read", () => <Accounts />],
  ["/ops/accounts/:account", "account.read", ({ account = "" }) => <AccountPage key={account} id={account} />],
  ["/ops/roles", "policy.read", () => <Roles />],
  ["/ops/tokens", "token.manage", () => <Tokens />],
  ["/ops/audit", "audit.read", () => <Audit />],
  ["/ops/configuration", "configuration.operate", () => <Configuration />],
];

export default function Place() {
  for (const [pattern, permission, draw] of pages) {
    const found = match(pattern, path.value);
    if (!found || !may(permission)) continue;
    return (
      <Frame wide>
        <Shell>{draw(found)}</Shell>
        <Asker />
        <TestReport />
      </Frame>
    );
  }
  return (
    <Frame wide>
      <NotFound />
    </Frame>
  );
}
