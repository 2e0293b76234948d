// Every page that there is, with who looks at it: what screens.mjs takes pictures of and axe.test.mjs looks for barriers
// in. `open` leads to what stands over a page.
import { handInMail } from "./world.mjs";

// What the pages show besides tickets.
export async function furnish(world, made) {
  const lead = world.api("lead");
  const article = await lead.post("/articles", { title: "Ansluta till VPN hemifrån", summary: "Så kommer du åt filer utanför kontoret.", text: "## Gör så här\n\n1. Starta **klienten**\n2. Skriv in koden från telefonen\n\n| Fel | Gör så här |\n|---|---|\n| 809 | Starta om routern |", language: "sv", services: ["network"] });
  await lead.post(`/articles/${article.id}/publish`);
  const notice = await lead.post("/notices", { kind: "outage", title: "E-posten är långsam", text: "Vi felsöker tillsammans med leverantören.", customers: "all", services: ["network"], publish: true });
  await lead.post("/templates", { name: "Tack", language: "sv", audience: "user", text: "Hej {{user.name}}!\n\nTack för att du hör av dig.", actions: { status: "waiting_user" } });
  const people = (await lead.get("/people?q=nils")).items;
  await lead.post(`/tickets/${made.printer.id}/participants`, { person: people[0].id });
  await lead.patch(`/tickets/${made.how.id}`, { agent: "anna", team: "desk" });
  await lead.post(`/tickets/${made.printer.id}/relations`, { kind: "related", ticket: made.long.id });
  const delivery = (await world.api("operator").get("/deliveries?link=skrivarpartner")).items[0];
  const agreement = (await world.api("operator").get("/agreements")).items[0];
  const account = (await world.api("admin").get("/accounts")).items[0];
  await handInMail(world.smtp, { from: "eva@acme.example", to: "support@desk.example", lines: ["From: Eva Ek <eva@acme.example>", "To: support@desk.example", "Subject: Ett mejl", "", "Hej!", "", "> Vad tycker du?"] });
  return { article, notice, delivery, agreement, account };
}

const press = (keys) => async (page) => {
  await page.keyboard.press(keys);
  await page.locator("dialog[open]").waitFor();
};
const action = (name) => async (page) => {
  await page.getByRole("button", { name: /^(Åtgärder|Actions)$/ }).click();
  await page.getByRole("menuitem", { name }).click();
  await page.locator("dialog[open]").waitFor();
};
const click = (name) => async (page) => {
  await page.getByRole("button", { name }).first().click();
};
const write = (key) => async (page) => {
  await page.keyboard.press(key);
  await page.locator(".compose-text").waitFor();
  await page.keyboard.type("Samma skrivare som i förra veckan. Hej, vi tar hand om det.");
};

export function pagesOf(made, { article, notice, delivery, agreement, account }) {
  const ticket = `/tickets/${made.printer.id}`;
  const desk = `/desk${ticket}?view=all_open`;
  const page = (who, name, address, open) => ({ who, name, address, open });
  return [
    page(null, "sign-in", "/sign-in"),
    page(null, "forgotten", "/sign-in/forgotten"),
    page(null, "reset", "/reset?token=0123"),
    page("user", "portal", "/"),
    page("neighbour", "portal-other", "/"),
    page("user", "portal-new", "/new"),
    page("user", "portal-new-order", "/new?kind=order"),
    page("user", "portal-new-from-article", `/new?kind=question&article=${article.id}`),
    page("user", "portal-tickets", "/tickets"),
    page("user", "portal-closed", "/tickets?state=closed"),
    page("manager", "portal-organisation", "/tickets?whose=all&state=any&created_after=2020-01-01T00:00:00Z&created_before=2040-01-01T00:00:00Z"),
    page("user", "portal-ticket", ticket),
    page("user", "portal-resolved", `/tickets/${made.how.id}`),
    page("user", "portal-received", `${ticket}/received`),
    page("user", "portal-long", `/tickets/${made.long.id}`),
    page("user", "portal-hostile", `/tickets/${made.hostile.id}`),
    page("user", "portal-guidance", "/guidance"),
    page("user", "portal-guidance-none", "/guidance?q=finnsinte"),
    page("user", "portal-article", `/guidance/${article.id}`),
    page("approver", "portal-approvals", "/approvals"),
    page("approver", "portal-approval", `/tickets/${made.screen.id}`),
    page("user", "portal-approval-own", `/tickets/${made.screen.id}`),
    page("agent", "desk-approval", `/desk/tickets/${made.screen.id}?view=waiting_approval`),
    page("user", "portal-not-found", "/finns/inte"),
    page("user", "account", "/account"),
    page("user", "account-notifications", "/account/notifications"),
    page(null, "notifications-bad-link", "/notifications?token=0123"),
    page("user", "portal-bell", "/tickets", async (page) => {
      await page.getByRole("button", { name: /^(Aviseringar|Notifications)/ }).click();
      await page.locator(".bell-head").waitFor();
    }),
    page("manager", "account-approvals", "/account/approvals"),
    page("user", "account-security", "/account/security"),
    page("user", "account-devices", "/account/sessions"),
    page("agent", "account-tokens", "/account/tokens"),
    page("agent", "desk", "/desk?view=all_open"),
    page("agent", "desk-bell", "/desk?view=all_open", async (page) => {
      await page.getByRole("button", { name: /^(Nytt i|New in)/ }).click();
      await page.locator(".bell-head").waitFor();
    }),
    page("agent", "desk-view-gone", "/desk?view=4711"),
    page("agent", "desk-mine", "/desk?view=mine"),
    page("agent", "desk-search-none", "/desk?q=finnsinte"),
    page("agent", "desk-palette", "/desk?view=all_open", press("Control+k")),
    page("agent", "desk-help", "/desk?view=all_open", press("?")),
    page("agent", "desk-ticket", desk),
    page("agent", "desk-reply", desk, write("r")),
    page("agent", "desk-note", desk, write("n")),
    page("agent", "desk-supplier", desk, write("s")),
    page("agent", "desk-resolve", desk, action(/^(Lös|Resolve)/)),
    page("agent", "desk-escalate", desk, action(/^(Eskalera|Escalate)/)),
    page("agent", "desk-split", desk, action(/^(Dela upp|Split)/)),
    page("agent", "desk-merge", `/desk/tickets/${made.screen.id}?view=all_open`, action(/^(Slå ihop|Merge)/)),
    page("agent", "desk-link", desk, action(/^(Länka|Koppla|Link)/)),
    page("agent", "desk-hand-over", `/desk/tickets/${made.screen.id}?view=all_open`, press("h")),
    page("agent", "desk-long", `/desk/tickets/${made.long.id}?view=all_open`),
    page("agent", "desk-hostile", `/desk/tickets/${made.hostile.id}?view=all_open`),
    page("agent", "desk-no-ticket", "/desk/tickets/999999"),
    page("agent", "desk-new", "/desk/new"),
    page("agent", "desk-drafts", "/desk/drafts"),
    page("lead", "desk-notices", "/desk/notices"),
    page("lead", "desk-notice", `/desk/notices/${notice.id}`),
    page("lead", "desk-articles", "/desk/articles"),
    page("lead", "desk-article", `/desk/articles/${article.id}`),
    page("lead", "desk-article-new", "/desk/articles/new"),
    page("lead", "desk-templates", "/desk/templates"),
    page("admin", "ops", "/ops"),
    page("admin", "ops-link", "/ops/links/skrivarpartner"),
    page("admin", "ops-link-down", "/ops/links/drift"),
    page("admin", "ops-dead", "/ops/dead"),
    page("admin", "ops-deliveries", "/ops/deliveries"),
    page("admin", "ops-delivery", `/ops/deliveries/${delivery.id}`),
    page("admin", "ops-mails", "/ops/mail"),
    page("admin", "ops-mail", "/ops/mail/1"),
    page("admin", "ops-letters", "/ops/letters"),
    page("admin", "ops-letter", "/ops/letters/replied"),
    page("admin", "ops-letter-text", "/ops/letters/replied?as=text"),
    page("admin", "ops-agreements", "/ops/agreements"),
    page("admin", "ops-agreement", `/ops/agreements/${agreement.id}`),
    page("admin", "ops-agreement-new", "/ops/agreements/new"),
    page("admin", "ops-customers", "/ops/customers"),
    page("admin", "ops-customer-edit", "/ops/customers", click(/^(Ändra Acme|Change Acme)/)),
    page("admin", "ops-people", "/ops/people"),
    page("admin", "ops-teams", "/ops/teams"),
    page("admin", "ops-agents", "/ops/agents"),
    page("admin", "ops-services", "/ops/services"),
    page("admin", "ops-accounts", "/ops/accounts"),
    page("admin", "ops-account", `/ops/accounts/${account.id}`),
    page("admin", "ops-roles", "/ops/roles"),
    page("admin", "ops-tokens", "/ops/tokens"),
    page("admin", "ops-audit", "/ops/audit"),
    page("admin", "ops-configuration", "/ops/configuration"),
    page("admin", "statistics", "/statistics"),
    page("admin", "statistics-team", "/statistics?by=team"),
    page("admin", "statistics-tickets", "/statistics/tickets?figure=registered&from=2020-01-01T00:00:00Z&to=2040-01-01T00:00:00Z"),
    page("manager", "statistics-manager", "/statistics"),
  ];
}
