// An order and its own organisation's yes, in a browser: who asked, who answers, and the desk between them.
// node --test tests/web/approvals.test.mjs; each step ends with what axe-core finds and what sticks out to the side.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { barriers, phone, reader, settled, sideways, startBrowser, wide } from "./browser.mjs";
import { startWorld } from "./world.mjs";

let world;
let browser;
before(async () => {
  world = await startWorld();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

const refused = [/status of 4\d\d/, /WebSocket/];

async function sound(page, name) {
  await settled(page);
  if (process.env.OMBUD_SHOTS) {
    await mkdir(process.env.OMBUD_SHOTS, { recursive: true });
    await writeFile(`${process.env.OMBUD_SHOTS}/approvals-${name}-${page.viewportSize().width}.png`, await page.screenshot({ fullPage: true }));
  }
  assert.deepEqual(await barriers(page), [], `barriers on ${name}`);
  assert.deepEqual(await sideways(page), [], `sticks out on ${name}`);
  assert.deepEqual(page.complaints, [], `complaints on ${name}`);
}
const order = (subject, text = "27 tum. Kostar 3 500 kr, se offerten. Behövs för att rita.") => world.api("user").post("/tickets", { subject, text, kind: "order", channel: "portal" });

for (const [device, viewport, scheme] of [["phone", phone, "dark"], ["desk", wide, "light"]]) {
  test(`an order is refused with a reason, answered, and approved by another, ${device}`, async () => {
    const subject = `Ny skärm, ${device}`;
    const made = await order(subject);
    const eva = await reader(browser, world, { who: "user", viewport, scheme, expected: refused });
    await eva.goto(`/tickets/${made.id}/received`);
    await eva.getByText("behöver först ett ja från Karin Kvist eller Nils Nord").waitFor();
    await sound(eva, "received");
    await eva.goto(`/tickets/${made.id}`);
    await eva.getByText("Du, servicedesken och den som får godkänna beställningen.").waitFor();
    await eva.getByText("Väntar på godkännande av Karin Kvist eller Nils Nord").waitFor();
    assert.equal(await eva.getByRole("link", { name: /godkänna/i }).count(), 0, "nothing to approve for her");
    await sound(eva, "waiting");

    const nils = await reader(browser, world, { who: "approver", viewport, scheme, expected: refused });
    await nils.goto("/");
    await nils.getByText(/väntar på ditt svar/).first().waitFor();
    await sound(nils, "start");
    await nils.getByRole("navigation", { name: "Ombud" }).getByRole("link", { name: /godkänna/i }).click();
    await nils.getByRole("heading", { name: "Att godkänna" }).waitFor();
    await sound(nils, "list");
    await nils.getByRole("link", { name: new RegExp(subject) }).click();
    await nils.getByText("Väntar på ditt godkännande").waitFor();
    await nils.getByText("Kostar 3 500 kr").waitFor();
    await nils.getByText(/^Du, servicedesken och Eva Ek\.$/).waitFor();
    assert.equal(await nils.getByRole("textbox").count(), 0, "he takes no part in it");
    await sound(nils, "question");
    await nils.getByRole("button", { name: "Godkänn inte" }).click();
    await nils.getByRole("button", { name: "Skicka ditt nej" }).click();
    await nils.locator(".error-summary").getByText("Skriv varför").waitFor();
    await sound(nils, "no-reason");
    await nils.getByLabel("Varför inte?").fill("Det finns en i förrådet.");
    await nils.getByRole("button", { name: "Skicka ditt nej" }).click();
    await nils.getByText("Du har sagt nej till beställningen").waitFor();
    await sound(nils, "said-no");

    await eva.getByText("Inte godkänd av Nils Nord").first().waitFor(); // by itself
    await eva.getByText("Det finns en i förrådet.").waitFor();
    await sound(eva, "refused");
    await eva.getByRole("button", { name: "Skriv ett svar" }).click();
    await eva.getByRole("textbox").fill("Den är trasig.");
    await eva.getByRole("button", { name: /Skicka/ }).click();
    await eva.locator(".said").getByText("Den är trasig.").waitFor();

    const anna = await reader(browser, world, { who: "agent", viewport, scheme, expected: refused });
    await anna.goto(`/desk/tickets/${made.id}?view=all_open`);
    const line = anna.locator(".approval-line");
    await line.getByText("Inte godkänd av Nils Nord").waitFor();
    await sound(anna, "desk-refused");
    await line.getByRole("button", { name: "Fråga igen" }).click();
    await line.getByText("Väntar på godkännande av Karin Kvist eller Nils Nord").waitFor();
    await sound(anna, "desk-waiting");

    const karin = await reader(browser, world, { who: "manager", viewport, scheme, expected: refused });
    await karin.goto(`/tickets/${made.id}`);
    await karin.getByRole("button", { name: "Godkänn", exact: true }).click();
    await karin.getByText("Du har godkänt beställningen").waitFor();
    await sound(karin, "said-yes");
    await line.getByText("Godkänd av Karin Kvist").waitFor();
    await eva.getByText("Godkänd av Karin Kvist").waitFor();
    for (const page of [eva, nils, anna, karin]) await page.context().close();
  });
}

test("the desk sees what waits, and goes on without a yes with a reason", async () => {
  const made = await order("Ett headset");
  const anna = await reader(browser, world, { who: "agent", expected: refused });
  await anna.goto("/desk?view=waiting_approval");
  await anna.locator(".row-link", { hasText: "Ett headset" }).click();
  const line = anna.locator(".approval-line");
  await line.getByRole("button", { name: "Gå vidare utan" }).click();
  const dialog = anna.getByRole("dialog", { name: "Gå vidare utan godkännande?" });
  await dialog.getByRole("button", { name: "Gå vidare utan" }).click();
  await dialog.getByText("Skriv varför").first().waitFor();
  await sound(anna, "waive");
  await dialog.getByLabel("Varför behövs inget godkännande?").fill("Ingår i avtalet.");
  await dialog.getByRole("button", { name: "Gå vidare utan" }).click();
  await line.getByText("Inget godkännande behövs").waitFor();
  await line.getByText("Ingår i avtalet.").waitFor();
  await sound(anna, "waived");
  const after = await world.api("user").get(`/tickets/${made.id}`);
  assert.equal(after.approval.state, "not_needed");
  await anna.context().close();
});

test("in English, and by the keyboard alone", async () => {
  const made = await order("A chair", "4 000 SEK");
  const nils = await reader(browser, world, { who: "approver", language: "en", expected: refused });
  await nils.goto("/approvals");
  await nils.getByRole("heading", { name: "To approve" }).waitFor();
  const tabTo = async (name) => {
    for (let i = 0; i < 60; i++) {
      await nils.keyboard.press("Tab");
      if (name.test(await nils.evaluate(() => document.activeElement?.textContent ?? ""))) return;
    }
    assert.fail(`the keyboard does not reach ${name}`);
  };
  await nils.getByRole("link", { name: /A chair/ }).waitFor();
  await sound(nils, "english");
  await tabTo(/A chair/);
  await nils.keyboard.press("Enter");
  await nils.getByText("Waiting for your approval").waitFor();
  await tabTo(/^\s*Approve/);
  await nils.keyboard.press("Enter");
  await nils.getByText("You have approved the order").waitFor();
  assert.match(await nils.evaluate(() => document.activeElement?.textContent ?? ""), /You have approved/, "the focus stands on the confirmation");
  const after = await world.api("agent").get(`/tickets/${made.id}`);
  assert.equal(after.approval.state, "approved");
  await nils.context().close();
});

test("hostile words in an order and in a reason stay words", async () => {
  const made = await order(`<img src=x onerror="document.title='broken'"> stol`, "<script>document.title='broken'</script>");
  await world.api("approver").post(`/tickets/${made.id}/approval`, { decision: "reject", comment: `<img src=x onerror="document.title='broken'"> ${"ordutanslut".repeat(60)}` });
  for (const [who, address] of [["user", `/tickets/${made.id}`], ["approver", `/tickets/${made.id}`], ["agent", `/desk/tickets/${made.id}`]]) {
    const page = await reader(browser, world, { who, viewport: phone, expected: refused });
    await page.goto(address);
    await page.getByText("onerror").first().waitFor();
    await settled(page);
    assert.doesNotMatch(await page.title(), /^broken/);
    assert.equal(await page.locator("main img").count(), 0);
    assert.deepEqual(await sideways(page), [], `sticks out for ${who}`);
    await page.context().close();
  }
});

test("an approver who is away has a stand-in, who answers in his place", async () => {
  const nils = await reader(browser, world, { who: "approver", viewport: phone, expected: refused });
  await nils.goto("/account/approvals");
  await nils.getByRole("heading", { name: "Ersättare när du är borta" }).waitFor();
  await nils.getByRole("button", { name: "Utse ersättare" }).click();
  await nils.locator(".error-summary").getByText("Välj sista dagen").waitFor();
  await sound(nils, "stand-in-missing");
  const inAWeek = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
  await nils.getByLabel("Sista dag").fill(inAWeek);
  await nils.getByLabel("Kollegans mejladress").fill("omar@granby.example");
  await nils.getByRole("button", { name: "Utse ersättare" }).click();
  await nils.locator(".error-summary").getByText("någon annan i samma organisation").waitFor();
  await nils.getByLabel("Kollegans mejladress").fill("eva@acme.example");
  await nils.getByRole("button", { name: "Utse ersättare" }).click();
  await nils.getByText("Eva Ek svarar just nu i ditt ställe").waitFor();
  await sound(nils, "stand-in");

  const subject = "Ny stol till receptionen";
  const { id } = await world.api("manager").post("/tickets", { subject, text: "Den gamla är trasig.", kind: "order", channel: "portal" });
  await world.api("agent").post(`/tickets/${id}/approval/request`); // a manager's order needs no yes until somebody asks for one
  const eva = await reader(browser, world, { who: "user", expected: refused });
  await eva.goto("/account/approvals");
  await eva.getByText("för Nils Nord").waitFor();
  assert.equal(await eva.getByLabel("Kollegans mejladress").count(), 0, "who only stands in names nobody");
  await eva.getByRole("navigation", { name: "Ombud" }).getByRole("link", { name: /godkänna/i }).click();
  await eva.getByRole("link", { name: new RegExp(subject) }).click();
  await eva.getByRole("button", { name: "Godkänn", exact: true }).click();
  await eva.getByText("Du har godkänt beställningen").waitFor();
  assert.deepEqual(eva.complaints, []);
  await eva.context().close();

  const anna = await reader(browser, world, { who: "agent", expected: refused });
  await anna.goto(`/desk/tickets/${id}?view=all_open`);
  await anna.locator(".approval-words").getByText("Godkänd av Eva Ek för Nils Nord").waitFor();
  await anna.locator(".event-text", { hasText: "Eva Ek för Nils Nord godkände beställningen" }).waitFor({ state: "attached" });
  assert.deepEqual(anna.complaints, []);
  await anna.context().close();

  await nils.getByRole("button", { name: "Ta bort ersättaren" }).click();
  await nils.getByLabel("Kollegans mejladress").waitFor();
  assert.deepEqual(nils.complaints, []);
  await nils.context().close();
});

test("the organisation's approvers are those named and its managers, on whichever page they stand", async () => {
  const karin = await reader(browser, world, { who: "manager", expected: refused });
  // As in a big organisation: a person a page.
  await karin.route(/\/api\/v1\/people\?/, (route) => route.continue({ url: route.request().url().replace("limit=200", "limit=1") }));
  await karin.goto("/account/approvals");
  const listed = karin.locator(".own-list li");
  await listed.filter({ hasText: "Nils Nord" }).waitFor();
  await listed.filter({ hasText: "Karin Kvist" }).getByText("(du)").waitFor();
  assert.equal(await listed.filter({ hasText: "Eva Ek" }).count(), 0);
  await sound(karin, "colleagues");
  await karin.context().close();
});

test("an approver who comes after another has answered reads what was answered", async () => {
  const made = await order("Nytt tangentbord");
  await world.api("manager").post(`/tickets/${made.id}/approval`, { decision: "approve" });
  const nils = await reader(browser, world, { who: "approver", viewport: phone, scheme: "dark", expected: refused });
  await nils.goto(`/tickets/${made.id}`);
  await nils.locator(".standing").getByText("Godkänd av Karin Kvist").waitFor();
  assert.equal(await nils.getByRole("textbox").count(), 0, "he only reads");
  await sound(nils, "too-late");
  await nils.context().close();
});
