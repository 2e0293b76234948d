// Lists: many tickets at once and back again, rows beyond the first page, the way from a figure to its tickets, and a
// ticket that becomes two. node --test tests/web/lists.test.mjs
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { reader, settled, startBrowser } from "./browser.mjs";
import { fillWorld, startWorld } from "./world.mjs";

let world, made, browser;
before(async () => {
  world = await startWorld();
  made = await fillWorld(world, { many: 120 });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

const toast = (page, text) => page.locator(".toast", { hasText: text }).first().waitFor();

test("undo of many leaves what a colleague has changed since", async () => {
  const page = await reader(browser, world, { who: "lead" });
  await page.goto("/desk?view=all_open&sort=created&order=asc");
  await page.locator(".row-link").nth(5).waitFor();
  for (let i = 0; i < 5; i++) {
    await page.keyboard.press("j");
    await page.keyboard.press("x");
  }
  await page.getByRole("toolbar").getByRole("button", { name: "Prioritet" }).click();
  await page.getByRole("menuitem", { name: "Akut" }).click();
  await toast(page, "5 ärenden ändrade");
  const lead = world.api("lead");
  const urgent = (await lead.get("/tickets?open=true&limit=200")).items.filter((each) => each.priority === "urgent");
  assert.equal(urgent.length, 5);
  const theirs = urgent.slice(0, 2);
  for (const each of theirs) await world.api("second").patch(`/tickets/${each.id}`, { priority: "low" });
  await page.keyboard.press("z");
  await toast(page, "3 av 5 ångrade, 2 hade ändrats av andra");
  const later = new Map((await lead.get("/tickets?open=true&limit=200")).items.map((each) => [each.id, each.priority]));
  assert.deepEqual(theirs.map((each) => later.get(each.id)), ["low", "low"], "as the colleague left them");
  assert.ok(urgent.slice(2).every((each) => later.get(each.id) !== "urgent"));
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("a row beyond the first page follows what happens to it", async () => {
  const page = await reader(browser, world, { who: "manager" });
  await page.goto("/tickets?whose=all");
  await page.locator(".ticket-link").nth(24).waitFor();
  await page.getByRole("button", { name: "Visa fler" }).click();
  await page.locator(".ticket-link").nth(49).waitFor();
  await page.getByRole("button", { name: "Visa fler" }).click();
  await page.locator(".ticket-link").nth(74).waitFor();
  const row = page.locator(".ticket-link").nth(60);
  const id = Number((await row.getAttribute("href")).split("/").pop());
  const subject = await page.locator(`.ticket-link[href="/tickets/${id}"] .own-ticket-subject`).textContent();
  await world.api("agent").patch(`/tickets/${id}`, { subject: `${subject}, rättat` });
  await page.locator(".own-ticket-subject", { hasText: `${subject}, rättat` }).waitFor();
  const other = Number((await page.locator(".ticket-link").nth(70).getAttribute("href")).split("/").pop());
  await world.api("agent").post(`/tickets/${other}/close`, {});
  await page.locator(`.ticket-link[href="/tickets/${other}"]`).waitFor({ state: "detached" });
  const hrefs = await page.locator(".ticket-link").evaluateAll((all) => all.map((each) => each.getAttribute("href")));
  assert.equal(new Set(hrefs).size, hrefs.length, "none twice");
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("a manager's figures lead to tickets that the manager may see", async () => {
  const page = await reader(browser, world, { who: "manager" });
  await page.goto("/statistics?by=kind");
  const figure = page.getByRole("link", { name: /Registrerade.*Beställning|Beställning.*registrerade/i }).first();
  const wanted = Number((await figure.textContent()).replace(/\D/g, ""));
  await figure.click();
  await page.waitForURL(/\/tickets\?/);
  await page.locator(".narrowed", { hasText: "Beställning" }).waitFor();
  await settled(page);
  assert.equal(await page.locator(".ticket-link").count(), wanted);
  await page.goBack();
  await page.locator(".total-value").nth(2).click();
  await page.waitForURL(/\/statistics\/tickets\?/);
  await page.locator("a.row-name").first().click();
  await page.locator("h1").first().waitFor();
  assert.match(new URL(page.url()).pathname, /^\/tickets\/\d+$/);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("a split takes along who follows, and the files that were chosen", async () => {
  const anna = world.api("agent");
  const two = await world.api("user").post("/tickets", { subject: "Två saker", text: "Skärmen flimrar. Dessutom saknas toner.", channel: "portal" });
  const people = (await anna.get("/people?q=nils")).items;
  await anna.post(`/tickets/${two.id}/participants`, { person: people[0].id });
  const page = await reader(browser, world, { who: "agent" });
  const session = await (await page.context().request.get("/api/v1/session")).json();
  const added = await page.context().request.post(`/api/v1/tickets/${two.id}/attachments?name=toner.txt`, { headers: { "X-CSRF-Token": session.csrf, "Content-Type": "text/plain" }, data: "magenta" });
  assert.ok(added.ok(), await added.text());
  await page.goto(`/desk/tickets/${two.id}?view=all_open`);
  await page.locator(".entry").first().waitFor();
  await page.getByRole("button", { name: "Åtgärder", exact: true }).click();
  await page.getByRole("menuitem", { name: "Dela upp" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Det nya ärendets ämne").fill("Toner saknas");
  await dialog.locator("input[name=messages]").first().check();
  assert.ok(await dialog.getByRole("checkbox", { name: "Nils Nord" }).isChecked(), "he goes on following, unless somebody says otherwise");
  await dialog.getByLabel(/toner.txt/).check();
  await dialog.getByRole("button", { name: "Skapa det nya ärendet" }).click();
  await toast(page, "är skapat");
  const fresh = (await anna.get("/tickets?q=Toner%20saknas")).items.find((each) => each.subject === "Toner saknas");
  const whole = await anna.get(`/tickets/${fresh.id}`);
  assert.deepEqual(whole.participants.map((each) => each.name), ["Nils Nord"]);
  assert.deepEqual(whole.attachments.map((each) => each.name), ["toner.txt"]);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});
