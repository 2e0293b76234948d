// The agent console as agents use it: by keyboard, two at a time, with a supplier in between. node --test tests/web/desk.test.mjs
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { barriers, phone, reader, settled, sideways, startBrowser } from "./browser.mjs";
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
const toast = (page, text) => page.locator(".toast", { hasText: text }).waitFor();
const messages = async (id) => (await world.api("agent").get(`/tickets/${id}`)).messages;

test("a reply by keyboard alone leaves after the delay, and can be taken back until then", async () => {
  const page = await reader(browser, world, { who: "agent" });
  await page.goto("/desk?view=all_open");
  await page.locator(".row-link").first().waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("hemarbetsplatsen");
  await page.keyboard.press("Enter");
  await page.locator(".row-link", { hasText: "Ny skärm" }).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.locator(".entry").first().waitFor();
  await page.keyboard.press("r");
  await page.getByRole("textbox", { name: "Svar till användaren" }).waitFor();
  await page.keyboard.type("Skärmen är beställd.");
  await page.keyboard.press("Control+Enter");
  await toast(page, "Svaret skickas till användaren");
  await page.keyboard.press("z");
  await toast(page, "Ångrat");
  assert.ok(!(await messages(made.screen.id)).some((each) => each.text.includes("beställd")), "nothing left");
  await page.keyboard.press("r");
  assert.equal(await page.getByRole("textbox", { name: "Svar till användaren" }).inputValue(), "Skärmen är beställd.");
  await page.keyboard.press("Control+Enter");
  await page.locator(".entry:not(.entry-sending)", { hasText: "Skärmen är beställd." }).waitFor();
  const sent = (await messages(made.screen.id)).filter((each) => each.text === "Skärmen är beställd.");
  assert.deepEqual(sent.map((each) => each.visibility), ["user"], "once, and to the user");
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("words of an internal note do not reach the user unnoticed", async () => {
  const page = await reader(browser, world, { who: "agent" });
  await ticket(page, made.printer.id);
  await page.keyboard.press("r");
  await page.keyboard.type("Hej! Samma skrivare som i förra veckan. Vi byter den.");
  await page.locator(".compose-warning", { hasText: "intern anteckning" }).waitFor();
  await page.keyboard.press("Control+Enter");
  await toast(page, "Ta ställning");
  assert.ok(!(await messages(made.printer.id)).some((each) => each.visibility === "user" && each.text.includes("förra veckan")));
  await page.getByRole("textbox", { name: "Svar till användaren" }).fill("");
  await page.keyboard.press("Escape");
  await page.keyboard.press("s");
  await page.keyboard.type("Eva Ek väntar vid skrivaren.");
  await page.locator(".compose-warning", { hasText: "överenskommelsen håller tillbaka" }).waitFor();
  await page.getByRole("textbox", { name: "Text till Skrivarpartner AB" }).fill("");
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("drafts stay apart by reader and outlive the page; a file goes along", async () => {
  const page = await reader(browser, world, { who: "agent" });
  await ticket(page, made.vpn.id);
  await page.keyboard.press("r");
  await page.keyboard.type("Till användaren");
  await page.keyboard.press("Escape");
  await page.keyboard.press("n");
  await page.keyboard.type("Till oss");
  await page.keyboard.press("Escape");
  await page.waitForTimeout(300); // a draft is written a moment after the last letter
  await page.goto("/desk/drafts");
  await page.locator(".draft-row").nth(1).waitFor();
  await ticket(page, made.vpn.id);
  await page.keyboard.press("n");
  assert.equal(await page.getByRole("textbox", { name: "Anteckning" }).inputValue(), "Till oss");
  await page.locator(".compose input[type=file]:not([capture])").setInputFiles({ name: "logg.txt", mimeType: "text/plain", buffer: Buffer.from("rad 1") });
  await page.locator(".file-name", { hasText: "logg.txt" }).waitFor();
  await page.keyboard.press("Control+Enter");
  await page.locator(".entry.to-internal:not(.entry-sending)", { hasText: "Till oss" }).waitFor();
  const { attachments } = await world.api("agent").get(`/tickets/${made.vpn.id}`);
  assert.deepEqual(attachments.map((each) => [each.name, each.visibility]), [["logg.txt", "internal"]], "the file is as private as its note");
  await page.keyboard.press("r");
  assert.equal(await page.getByRole("textbox", { name: "Svar till användaren" }).inputValue(), "Till användaren");
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("two agents see each other, and the second is told what the first has sent", async () => {
  const anna = await reader(browser, world, { who: "agent" });
  const bo = await reader(browser, world, { who: "second" });
  await ticket(anna, made.long.id);
  await ticket(bo, made.long.id);
  await bo.keyboard.press("r");
  await bo.keyboard.type("Jag tar den här.");
  await anna.locator(".present", { hasText: "Bo Berg skriver till användaren" }).waitFor();
  await anna.keyboard.press("r");
  await anna.keyboard.type("Hej Eva, nu är det löst.");
  await anna.locator(".compose-warning", { hasText: "Bo Berg" }).waitFor();
  await world.api("second").post(`/tickets/${made.long.id}/messages`, { text: "Vi har bytt servern." });
  await anna.locator(".entry", { hasText: "Vi har bytt servern." }).waitFor();
  await anna.keyboard.press("Control+Enter");
  await toast(anna, "Ta ställning");
  assert.deepEqual([...anna.complaints, ...bo.complaints], []);
  await anna.context().close();
  await bo.context().close();
});

test("the hand-over shows what leaves, and names what the agreement holds back", async () => {
  const fresh = await world.api("user").post("/tickets", { subject: "Skrivaren blinkar rött", text: "Ring mig på +46 70 000 00 01.\n\nEva Ek", channel: "portal" });
  await world.api("agent").patch(`/tickets/${fresh.id}`, { service: "print" });
  const page = await reader(browser, world, { who: "agent" });
  await ticket(page, fresh.id);
  await page.keyboard.press("h");
  const dialog = page.getByRole("dialog");
  await dialog.locator(".leaving").waitFor();
  assert.ok((await dialog.locator("del.withheld").allTextContents()).some((each) => each.includes("Eva Ek")), "the name is struck out");
  await dialog.getByLabel("Vad ska de göra?").fill("Byt tonern.");
  await dialog.locator(".leaving", { hasText: "Byt tonern." }).waitFor();
  await dialog.getByRole("button", { name: "Lämna över till Skrivarpartner AB" }).click();
  await page.locator(".leg", { hasText: "Skrivarpartner AB" }).waitFor();
  const left = await world.api("agent").get(`/deliveries?ticket=${fresh.id}`);
  const copy = await world.api("agent").get(`/deliveries/${left.items.find((each) => each.op === "put_ticket" && each.delegation).id}`);
  assert.ok(!copy.document.includes("Eva Ek") && copy.document.includes("Byt tonern."), "as it was shown");
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("many at once, and back again", async () => {
  const lead = world.api("lead");
  const page = await reader(browser, world, { who: "lead" });
  await page.goto("/desk?view=all_open&sort=created&order=asc");
  await page.locator(".row-link").nth(2).waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await page.keyboard.press("Shift+ArrowDown");
  await page.getByRole("toolbar").getByRole("button", { name: "Prioritet" }).click();
  await page.getByRole("menuitem", { name: "Akut" }).click();
  await toast(page, "2 ärenden ändrade");
  const urgent = (await lead.get("/tickets?open=true&limit=200")).items.filter((each) => each.priority === "urgent").length;
  await page.keyboard.press("z");
  await toast(page, "Ångrat");
  const later = (await lead.get("/tickets?open=true&limit=200")).items.filter((each) => each.priority === "urgent").length;
  assert.equal(urgent - later, 2);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("no page has barriers, in either language and scheme; none scrolls sideways on a phone", async () => {
  const article = await world.api("lead").post("/articles", { title: "Byta toner", text: "# Så här\n\n1. Öppna luckan.", services: ["print"] });
  const addresses = ["/desk", "/desk?view=all_open", "/desk?q=finnsinte", `/desk/tickets/${made.printer.id}`, `/desk/tickets/${made.hostile.id}`, `/desk/tickets/${made.long.id}`, "/desk/new", "/desk/drafts", "/desk/notices", "/desk/articles", `/desk/articles/${article.id}`, "/desk/templates", "/desk/tickets/999999"];
  const found = [];
  for (const [language, scheme, viewport] of [["sv", "light", undefined], ["en", "dark", undefined], ["sv", "light", phone]]) {
    const page = await reader(browser, world, { who: "lead", language, scheme, ...(viewport && { viewport }), expected: [/404/] });
    for (const address of addresses) {
      await page.goto(address);
      await settled(page);
      const where = `${address} ${language} ${scheme}${viewport ? " phone" : ""}: `;
      for (const each of await barriers(page)) found.push(where + each);
      for (const each of await sideways(page)) found.push(`${where}sticks out: ${each}`);
      assert.notEqual(await page.title(), "broken", "hostile text ran");
    }
    found.push(...page.complaints);
    await page.context().close();
  }
  assert.deepEqual(found, []);
});

test("what happens in an agent's own tickets rings the bell until it is read", async () => {
  const { id } = await world.api("user").post("/tickets", { subject: "Ringsignalen på mobilen", text: "Den hörs inte.", channel: "portal" });
  await world.api("agent").patch(`/tickets/${id}`, { agent: "anna", team: "desk" });
  const page = await reader(browser, world, { who: "agent" });
  await ticket(page, id); // read
  await page.goto("/statistics");
  await page.getByRole("heading", { name: "Statistik" }).waitFor();
  const { id: other } = await world.api("user").post("/tickets", { subject: "Surrande skärm", text: "Den surrar.", channel: "portal" });
  await world.api("lead").patch(`/tickets/${other}`, { agent: "anna", team: "desk" });
  await world.api("user").post(`/tickets/${id}/messages`, { text: "Nu är den helt tyst." });
  const bell = page.getByRole("button", { name: /^Nytt i 2 av dina ärenden/ });
  await bell.waitFor();
  await page.waitForFunction(() => document.title.startsWith("(2) "));
  await bell.click();
  await page.getByRole("link", { name: /Surrande skärm/ }).waitFor();
  await page.getByRole("link", { name: /Ringsignalen på mobilen Eva Ek skrev senast/ }).waitFor();
  assert.deepEqual(await barriers(page), []);
  await page.getByRole("link", { name: /Ringsignalen på mobilen/ }).click();
  await page.locator(".entry", { hasText: "Nu är den helt tyst." }).waitFor();
  await page.getByRole("button", { name: /^Nytt i 1 av dina ärenden/ }).waitFor();
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});
