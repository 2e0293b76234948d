// What is written and has not left yet: taken back, followed by more, interrupted. node --test tests/web/sending.test.mjs
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { reader, settled, signIn, startBrowser } from "./browser.mjs";
import { fillWorld, startWorld } from "./world.mjs";

let world, made, browser;
before(async () => {
  world = await startWorld();
  made = await fillWorld(world);
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

const ticket = (page, id) => page.goto(`/desk/tickets/${id}?view=all_open`).then(() => page.locator(".entry").first().waitFor());
const box = (page) => page.getByRole("textbox", { name: "Svar till användaren" });
const toast = (page, text) => page.locator(".toast", { hasText: text }).first().waitFor();
const told = async (id) => (await world.api("agent").get(`/tickets/${id}`)).messages.map((each) => each.text);
const file = (name) => ({ name, mimeType: "text/plain", buffer: Buffer.from(name) });
const choose = (page, name) => page.locator(".compose input[type=file]:not([capture])").setInputFiles(file(name));
const write = async (page, text) => {
  await page.keyboard.press("r");
  await box(page).waitFor();
  await page.keyboard.type(text);
};
const leave = (page) => page.keyboard.press("Control+Enter");

test("undo on a waiting message takes that message, whatever was done since", async () => {
  const page = await reader(browser, world, { who: "agent" });
  await ticket(page, made.screen.id);
  await write(page, "Första svaret.");
  await leave(page);
  await write(page, "Andra svaret.");
  await leave(page);
  const first = page.locator(".entry-sending", { hasText: "Första svaret." });
  await first.getByRole("button", { name: "Ångra" }).click();
  await toast(page, "Ångrat");
  await page.locator(".entry:not(.entry-sending)", { hasText: "Andra svaret." }).waitFor();
  const texts = await told(made.screen.id);
  assert.ok(texts.includes("Andra svaret.") && !texts.includes("Första svaret."));
  await page.keyboard.press("r");
  assert.equal(await box(page).inputValue(), "Första svaret.");
  await box(page).fill("");
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("files go with the words they were chosen for", async () => {
  const page = await reader(browser, world, { who: "agent" });
  await ticket(page, made.vpn.id);
  await write(page, "Se den första filen.");
  await choose(page, "ett.txt");
  await leave(page);
  await page.locator(".entry-sending", { hasText: "ett.txt" }).waitFor();
  await write(page, "Se den andra filen.");
  assert.equal(await page.locator(".compose .file-name").count(), 0, "the box is empty again");
  await choose(page, "två.txt");
  await page.locator(".entry:not(.entry-sending)", { hasText: "Se den första filen." }).waitFor({ timeout: 15_000 });
  const names = async () => (await world.api("agent").get(`/tickets/${made.vpn.id}`)).attachments.map((each) => each.name);
  assert.deepEqual(await names(), ["ett.txt"]);
  assert.equal(await page.locator(".compose .file-name", { hasText: "två.txt" }).count(), 1, "what came later waits");
  await box(page).focus();
  await leave(page);
  await page.keyboard.press("z");
  await toast(page, "Ångrat");
  await page.keyboard.press("r");
  await page.locator(".compose .file-name", { hasText: "två.txt" }).waitFor();
  assert.equal(await box(page).inputValue(), "Se den andra filen.");
  assert.deepEqual(await names(), ["ett.txt"]);
  await box(page).fill("");
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("the words that solve a ticket take their files along", async () => {
  const page = await reader(browser, world, { who: "agent" });
  const { id } = await world.api("user").post("/tickets", { subject: "Var finns blanketten?", text: "Jag hittar den inte.", kind: "question", channel: "portal" });
  await ticket(page, id);
  await write(page, "Här är den.");
  await choose(page, "blankett.txt");
  await page.getByRole("button", { name: "Fler sätt att skicka" }).click();
  await page.getByRole("menuitem", { name: "Skicka och lös ärendet" }).click();
  await page.locator(".entry:not(.entry-sending)", { hasText: "Här är den." }).waitFor({ timeout: 15_000 });
  const { status, messages, attachments } = await world.api("agent").get(`/tickets/${id}`);
  assert.equal(status, "resolved");
  assert.deepEqual(attachments.map((each) => [each.name, each.message]), [["blankett.txt", messages.find((each) => each.text === "Här är den.").id]]);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("a template for a note or a supplier that sets a status says nothing to the user", async () => {
  await world.api("lead").post("/templates", { name: "Löst internt", language: "sv", audience: "internal", text: "Kunden betalar inte sina fakturor.", actions: { status: "resolved", priority: "high" } });
  const page = await reader(browser, world, { who: "agent" });
  const { id } = await world.api("user").post("/tickets", { subject: "Var finns fakturan?", text: "Jag hittar den inte.", kind: "question", channel: "portal" });
  await ticket(page, id);
  await page.keyboard.press("n");
  const note = page.getByRole("textbox", { name: "Anteckning" });
  await note.waitFor();
  await page.keyboard.press("Alt+m");
  await page.getByRole("option", { name: /Löst internt/ }).click();
  await page.waitForFunction(() => document.querySelector(".compose-text").value !== "");
  const sets = await page.locator(".compose-hint").allInnerTexts();
  assert.ok(sets.some((each) => /Hög/i.test(each)) && !sets.some((each) => /löst/i.test(each)), `the status is not announced: ${sets}`);
  await note.focus();
  await leave(page);
  await page.locator(".entry.to-internal:not(.entry-sending)", { hasText: "betalar inte" }).waitFor();
  const { status, messages } = await world.api("agent").get(`/tickets/${id}`);
  assert.notEqual(status, "resolved");
  assert.equal(messages.find((each) => each.text.includes("betalar inte")).visibility, "internal");
  const seen = await world.api("user").get(`/tickets/${id}`);
  assert.ok(!JSON.stringify(seen).includes("betalar inte"));
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("what the hub refuses stands in its box again, and nothing of it stays behind", async () => {
  const page = await reader(browser, world, { who: "agent", expected: [/status of 422/] });
  await ticket(page, made.how.id);
  await page.route("**/messages", (route) => (route.request().method() === "POST" ? route.fulfill({ status: 422, contentType: "application/problem+json", body: JSON.stringify({ title: "Unprocessable", detail: "Not today", status: 422 }) }) : route.continue()));
  await page.keyboard.press("n");
  await page.keyboard.type("En anteckning.");
  await leave(page);
  await toast(page, "Not today");
  await page.waitForTimeout(300);
  const kept = await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("ombud.draft.")));
  assert.deepEqual(kept.map((key) => key.replace(/^ombud\.draft\.\d+\./, "")), [`ticket.${made.how.id}.internal`]);
  await page.unroute("**/messages");
  await page.keyboard.press("n");
  assert.equal(await page.getByRole("textbox", { name: "Anteckning" }).inputValue(), "En anteckning.");
  await leave(page);
  await page.locator(".entry.to-internal:not(.entry-sending)", { hasText: "En anteckning." }).waitFor();
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("who signs in on the same page neither sends nor sees what waited; its writer finds it again", async () => {
  const page = await reader(browser, world, { expected: [/status of 401/] });
  await signIn(page, "agent");
  await ticket(page, made.printer.id);
  await page.keyboard.press("r");
  await box(page).waitFor();
  await choose(page, "min.txt");
  await page.keyboard.press("Escape");
  await page.keyboard.press("n");
  await choose(page, "mitt.txt");
  await page.keyboard.press("Escape");
  await write(page, "Detta ska inte gå i någon annans namn.");
  await leave(page);
  await page.getByRole("button", { name: /Anna Alm/ }).click();
  await page.getByRole("menuitem", { name: "Logga ut" }).click();
  await page.locator("input[type=password]").waitFor();
  await page.locator("input[type=email], input[name=email]").fill(world.accounts.second.email);
  await page.locator("input[type=password]").fill(world.password);
  await page.locator("main form button[type=submit]").first().click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  await page.waitForTimeout(6000);
  assert.ok(!(await told(made.printer.id)).some((each) => each.includes("någon annans namn")));
  await page.evaluate((id) => { history.pushState({}, "", `/desk/tickets/${id}?view=all_open`); dispatchEvent(new PopStateEvent("popstate")); }, made.printer.id);
  await page.locator(".entry").first().waitFor();
  await page.keyboard.press("n");
  await page.getByRole("textbox", { name: "Anteckning" }).waitFor();
  assert.equal(await page.locator(".compose .file-name").count(), 0, "the files were the other's");
  await page.keyboard.press("Escape");
  await page.keyboard.press("z");
  await toast(page, "Det finns inget att ångra");
  // A minute later its writer is back.
  await page.evaluate(() => {
    for (const key of Object.keys(localStorage).filter((each) => each.includes(".sending."))) {
      const kept = JSON.parse(localStorage.getItem(key));
      localStorage.setItem(key, JSON.stringify({ ...kept, at: kept.at - 60_000 }));
    }
  });
  await page.context().clearCookies();
  await signIn(page, "agent");
  await ticket(page, made.printer.id);
  await page.keyboard.press("r");
  await page.waitForFunction(() => document.querySelector(".compose-text")?.value === "Detta ska inte gå i någon annans namn.");
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("what is begun for one reader, place or organisation stays there", async () => {
  const invited = await world.api("admin").post("/accounts", { name: "Vera Vik", email: "vera@acme.example", memberships: [{ customer: "acme", role: "user" }, { customer: "granby", role: "user" }], invite: true });
  const page = await reader(browser, world);
  await page.context().request.post("/api/v1/password-resets/confirm", { data: { token: new URL(invited.invite_url).searchParams.get("token"), password: world.password } });
  const signed = await page.context().request.post("/api/v1/session", { data: { email: "vera@acme.example", password: world.password } });
  assert.ok(signed.ok(), await signed.text());
  await page.goto("/new");
  await page.locator("#organisation").selectOption("acme");
  await settled(page);
  await page.getByLabel("Beskriv felet kort").fill("Bara för Acme");
  await page.waitForTimeout(300);
  await page.locator("#organisation").selectOption("granby");
  await page.waitForFunction(() => document.querySelector("[name=subject]")?.value === "");
  await page.getByLabel("Beskriv felet kort").fill("Bara för Granby");
  await page.waitForTimeout(300);
  await page.locator("#organisation").selectOption("acme");
  await page.waitForFunction(() => document.querySelector("[name=subject]")?.value === "Bara för Acme");
  assert.deepEqual(page.complaints, []);
  await page.context().close();
  const agent = await reader(browser, world, { who: "agent" });
  await agent.goto("/desk/new");
  await agent.getByLabel("Ämne").fill("Någon ringer");
  await agent.waitForTimeout(300);
  await agent.goto("/new");
  await agent.getByLabel("Beskriv felet kort").waitFor();
  assert.equal(await agent.getByLabel("Beskriv felet kort").inputValue(), "");
  assert.deepEqual(agent.complaints, []);
  await agent.context().close();
});
