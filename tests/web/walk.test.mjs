// One need from a user's first words to the end, through the pages alone: a user, an agent, an operator; only the
// supplier's technician works in a system of his own. node --test tests/web/walk.test.mjs
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { phone, reader, settled, signIn, startBrowser } from "./browser.mjs";
import { startWorld } from "./world.mjs";

let world, browser;
before(async () => {
  world = await startWorld();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

// The technician, at the supplier's own system.
const technician = {
  issues: async () => (await (await fetch(`${world.supplier}/demo/issues`)).json()).issues,
  does: async (path, body) => {
    const answer = await fetch(`${world.supplier}/demo/issues/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    assert.ok(answer.ok, `${path}: ${answer.status}`);
  },
};

test("a printer eats paper: the user, the desk, the supplier, the operator", async () => {
  // Eva, on her phone.
  const eva = await reader(browser, world, { viewport: phone });
  await signIn(eva, "user");
  await eva.getByRole("heading", { name: "Hur kan vi hjälpa dig?" }).waitFor();
  await eva.goto("/new");
  await eva.getByLabel("något som inte fungerar").check();
  await eva.getByLabel("Beskriv felet kort").fill("Skrivaren på plan 3 äter papper");
  await eva.getByLabel("Berätta mer").fill("Den har gjort det sedan i morse.");
  await eva.getByRole("button", { name: "Skicka till servicedesken" }).click();
  await eva.getByText("Ditt ärendenummer").waitFor();
  const id = Number(/tickets\/(\d+)/.exec(eva.url())?.[1]);
  await eva.getByRole("link", { name: "Till ärendet" }).click();
  await eva.getByText("Den har gjort det sedan i morse.").waitFor();

  // Anna, at the desk: takes it, answers, hands over.
  const anna = await reader(browser, world);
  await signIn(anna, "agent");
  await anna.goto("/desk?view=all_open");
  await anna.locator(".row-link", { hasText: "äter papper" }).click();
  await anna.locator(".entry", { hasText: "sedan i morse" }).waitFor();
  await anna.keyboard.press("r");
  await anna.getByRole("textbox", { name: "Svar till användaren" }).fill("Vi tar hjälp av dem som sköter skrivarna.");
  await anna.keyboard.press("Control+Enter");
  await anna.locator(".entry:not(.entry-sending)", { hasText: "Vi tar hjälp" }).waitFor({ timeout: 15_000 });
  await eva.locator(".said").getByText("Vi tar hjälp av dem").waitFor(); // Eva sees it without doing anything
  await anna.keyboard.press("h");
  const dialog = anna.getByRole("dialog");
  await dialog.locator(".leaving").waitFor();
  await dialog.getByLabel("Vad ska de göra?").fill("Byt det som behövs.");
  await dialog.getByRole("button", { name: "Lämna över till Skrivarpartner AB" }).click();
  await anna.locator(".leg", { hasText: "Skrivarpartner AB" }).waitFor();

  // The technician has it, asks, and Anna passes the question on in the desk's name.
  let issue;
  for (let i = 0; i < 100 && !issue; i++) {
    issue = (await technician.issues()).find((each) => each.subject.includes("äter papper"));
    if (!issue) await new Promise((again) => setTimeout(again, 100));
  }
  assert.ok(issue, "the supplier has the ticket");
  assert.ok(!JSON.stringify(issue).includes("Eva Ek"), "and not the user's name");
  await technician.does(`${issue.id}/comment`, { text: "Vilken tid passar i morgon?", author: "Sven Supplier", private: false });
  const question = anna.locator(".entry", { hasText: "Vilken tid passar i morgon?" });
  await question.waitFor({ timeout: 20_000 });
  assert.equal(await eva.getByText("Vilken tid passar").count(), 0, "no supplier's word reaches the user by itself");
  await question.getByRole("button", { name: "Förmedla till användaren" }).click();
  await anna.getByText("Förmedlar ett besked från Skrivarpartner AB").waitFor();
  await anna.keyboard.press("Control+Enter");
  await eva.locator(".said").getByText("Vilken tid passar i morgon?").waitFor({ timeout: 20_000 });
  await eva.getByRole("textbox", { name: "Skriv till servicedesken" }).fill("Före tio går bra.");
  await eva.getByRole("button", { name: "Skicka till servicedesken" }).click();
  await anna.locator(".entry", { hasText: "Före tio går bra." }).waitFor();

  // Ola, the operator: nothing needs him, and each write of it can be looked into.
  const ola = await reader(browser, world);
  await signIn(ola, "operator");
  await ola.goto("/ops");
  await ola.getByRole("link", { name: "Skrivarpartner AB" }).first().waitFor();
  await ola.goto("/ops/deliveries?link=skrivarpartner");
  await ola.getByRole("link", { name: `Ärendet för OMB-${id}` }).click();
  await ola.getByText("Mottagaren har den.").waitFor();
  await settled(ola);

  // Solved over there; verified here; told to Eva, who is content.
  await technician.does(`${issue.id}/status`, { status: "Resolved", author: "Sven Supplier" });
  await anna.getByText("säger att det är åtgärdat").first().waitFor({ timeout: 20_000 });
  assert.equal(await eva.getByRole("button", { name: "Ja, det är löst" }).count(), 0, "only the desk says that it is solved");
  await anna.getByRole("button", { name: "Godkänn lösningen" }).first().click();
  await anna.locator(".toast", { hasText: "är godkänd" }).waitFor();
  await anna.locator(".toast").getByRole("button", { name: "Berätta för användaren" }).click();
  await anna.getByRole("textbox", { name: "Svar till användaren" }).fill("Reservdelen är bytt och skrivaren fungerar igen.");
  await anna.getByRole("button", { name: "Fler sätt att skicka" }).click();
  await anna.getByRole("menuitem", { name: "Skicka och lös ärendet" }).click();
  await eva.getByRole("button", { name: "Ja, det är löst" }).click({ timeout: 15_000 });
  await eva.getByText("Ärendet är avslutat").first().waitFor();
  for (let i = 0; i < 100; i++) {
    if ((await technician.issues()).find((each) => each.id === issue.id).status.name === "Closed") break;
    await new Promise((again) => setTimeout(again, 200));
  }
  assert.equal((await technician.issues()).find((each) => each.id === issue.id).status.name, "Closed", "the supplier's copy is closed");
  for (const page of [eva, anna, ola]) {
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  }
});
