// The operator's pages as an operator and an administrator walk them: node --test tests/web/ops.test.mjs
// Each step ends with what axe-core finds and what sticks out to the side.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
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

// Refusals that a walk provokes are written to the console by the browser itself.
const refused = [/status of 4\d\d/];

async function sound(page, name) {
  await settled(page);
  if (process.env.OMBUD_SHOTS) {
    await mkdir(process.env.OMBUD_SHOTS, { recursive: true });
    await writeFile(`${process.env.OMBUD_SHOTS}/ops-${name}-${page.viewportSize().width}.png`, await page.screenshot({ fullPage: true }));
  }
  assert.deepEqual(await barriers(page), [], `barriers on ${name}`);
  assert.deepEqual(await sideways(page), [], `sticks out on ${name}`);
  assert.deepEqual(page.complaints, [], `complaints on ${name}`);
}

// The file of the link, changed as an operator changes it on the server.
async function setProject(project) {
  const file = join(world.directory, "config/suppliers/skrivarpartner.toml");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace(/^project = .*$/m, `project = "${project}"`), { mode: 0o600 });
}
async function readIn(page) {
  await page.goto("/ops/configuration");
  await page.getByRole("button", { name: "Läs in filerna nu" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Läs in filerna nu" }).click();
  await page.getByText(/^Inläst: /).first().waitFor();
}
async function handOver(subject) {
  const ticket = await world.api("user").post("/tickets", { subject, text: "Den piper.", service: "print", channel: "portal" });
  await world.api("agent").post(`/tickets/${ticket.id}/delegations`, { link: "skrivarpartner", brief: "Se till den." });
  return ticket;
}

test("a supplier that is down, seen and paused", async () => {
  const page = await reader(browser, world, { who: "operator", expected: refused });
  const omar = world.api("neighbour");
  await omar.post("/tickets", { subject: "VPN svarar inte", text: "Sedan i morse.", service: "network", channel: "portal" });
  await page.goto("/ops");
  const row = page.getByRole("row", { name: /Drift AB/ });
  await row.getByText("Försöker igen").waitFor();
  await page.getByText("Inget behöver dig just nu").waitFor();
  await sound(page, "overview");

  await row.getByRole("link", { name: "Drift AB" }).click();
  await page.getByRole("heading", { name: "Drift AB" }).waitFor();
  await page.getByText(/Det går inte att skicka till Drift AB/).waitFor();
  await sound(page, "link");
  await page.getByRole("button", { name: "Testa" }).first().click();
  const report = page.getByRole("dialog", { name: "Test av Drift AB" });
  await report.getByText("Fel", { exact: true }).first().waitFor();
  await sound(page, "test");
  await report.getByRole("button", { name: "Stäng" }).last().click();

  await page.getByRole("button", { name: "Pausa" }).click();
  const dialog = page.getByRole("dialog", { name: "Pausa Drift AB?" });
  await dialog.getByRole("button", { name: "Pausa" }).click();
  await dialog.getByRole("heading", { name: "En sak behöver rättas" }).waitFor();
  await dialog.getByLabel("Anledning").fill("De flyttar sin server <b>i kväll</b>");
  await sound(page, "pause");
  await dialog.getByRole("button", { name: "Pausa" }).click();
  await page.getByRole("heading", { name: "Drift AB" }).getByText("Pausad").waitFor();
  await page.getByText("De flyttar sin server <b>i kväll</b>").waitFor();
  await page.getByRole("status").getByRole("button", { name: "Återuppta" }).click();
  await page.getByRole("heading", { name: "Drift AB" }).getByText("Pausad").waitFor({ state: "detached" });
  await page.context().close();
});

test("from a mistake in a file to dead letters, and to none", async () => {
  const page = await reader(browser, world, { who: "operator", expected: refused });
  await page.goto("/ops/dead");
  await page.getByText("Inget att åtgärda").waitFor();
  await sound(page, "dead-none");

  await setProject("fel-projekt");
  await readIn(page);
  await sound(page, "configuration");
  await page.goto("/ops/dead");
  const first = await handOver("Skrivaren piper");
  const second = await handOver("Skrivaren blinkar");
  // They appear by themselves.
  const items = page.getByRole("list", { name: "Leveranser att åtgärda" }).getByRole("listitem");
  await items.nth(1).waitFor({ timeout: 20_000 });
  await page.getByRole("link", { name: /Att åtgärda/ }).getByText("2").waitFor();
  await page.keyboard.press("j");
  await page.getByRole("heading", { name: `Ärendet för OMB-${first.id}` }).waitFor();
  await page.getByText("Nekades för gott").first().waitFor();
  await sound(page, "dead");
  await page.keyboard.press("k");
  await page.getByRole("heading", { name: `Ärendet för OMB-${second.id}` }).waitFor();

  await page.keyboard.press("s");
  const dialog = page.getByRole("dialog", { name: "Hoppa över leveransen?" });
  await dialog.getByText("Det går inte att ångra").waitFor();
  await sound(page, "skip");
  await page.keyboard.press("Escape");

  await setProject("support");
  await readIn(page);
  await page.goto("/ops/dead");
  await items.nth(1).waitFor();
  await settled(page);
  await page.keyboard.press("x");
  await page.getByText("1 vald").waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  await page.getByText("2 valda").waitFor();
  await page.getByRole("group", { name: "2 valda" }).getByRole("button", { name: "Försök igen" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Försök igen" }).click();
  await page.getByText("2 leveranser klara").waitFor();
  await page.getByText("Inget att åtgärda").waitFor({ timeout: 20_000 });
  await page.getByText("Du har rett ut 2 leveranser").waitFor();
  await sound(page, "dead-zero");

  await page.goto("/ops/deliveries?link=skrivarpartner");
  await page.getByRole("link", { name: `Ärendet för OMB-${first.id}` }).click();
  await page.getByText("Mottagaren har den.").waitFor();
  await page.getByText("Nytt försök begärt").waitFor();
  await sound(page, "delivery");
  await page.context().close();
});

test("a reconciliation, traffic and settings of a link", async () => {
  const page = await reader(browser, world, { who: "operator", expected: refused });
  await page.goto("/ops/links/skrivarpartner?tab=reconcile");
  await page.getByRole("button", { name: "Jämför nu" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Jämför nu" }).click();
  await page.getByText("Allt stämmer").first().waitFor({ timeout: 20_000 });
  await sound(page, "reconciliation");
  await page.getByRole("tab", { name: "Trafik" }).click();
  await page.getByText("Ärendet").first().click();
  await sound(page, "traffic");
  await page.getByRole("tab", { name: "Inställningar" }).click();
  await page.getByText("hemlig, satt").waitFor();
  assert.ok(!(await page.content()).includes("example-key"), "a secret is shown");
  await sound(page, "settings");
  await page.context().close();
});

test("an agreement with its preview", async () => {
  const page = await reader(browser, world, { who: "operator", expected: refused });
  await page.goto("/ops/agreements");
  await sound(page, "agreements");
  await page.getByRole("link", { name: "Ny överenskommelse" }).click();
  await page.getByRole("button", { name: "Spara överenskommelsen" }).click();
  await page.getByRole("heading", { name: "3 saker behöver rättas" }).waitFor();
  await sound(page, "agreement-wrong");
  await page.getByLabel("Kund", { exact: true }).selectOption("granby");
  await page.getByLabel("Tredje part", { exact: true }).selectOption("skrivarpartner");
  await page.getByRole("checkbox", { name: "Utskrift" }).check();
  const preview = page.getByRole("complementary", { name: "Så här skulle det se ut" });
  await preview.getByText("Hålls tillbaka").waitFor();
  await preview.getByText("Användarens namn").waitFor();
  await page.getByLabel("Löser inom").fill("5");
  await page.getByLabel("Sista dag").fill("2030-12-31");
  await sound(page, "agreement");
  await page.getByRole("button", { name: "Spara överenskommelsen" }).click();
  await page.getByText("Gäller till och med 31 dec. 2030").waitFor();
  await page.context().close();
});

test("an administrator's people, roles, tokens and log", async () => {
  const page = await reader(browser, world, { who: "admin", expected: refused });
  await page.goto("/ops/accounts");
  await sound(page, "accounts");
  await page.getByRole("button", { name: "Nytt konto" }).click();
  const dialog = page.getByRole("dialog", { name: "Nytt konto" });
  await dialog.getByLabel("Namn", { exact: true }).fill("Åke Ås");
  await dialog.getByLabel("Mejladress").fill("ake@desk.example");
  await sound(page, "account-new");
  await dialog.getByRole("button", { name: "Skapa kontot" }).click();
  const link = page.getByRole("dialog", { name: "Länken visas bara nu" });
  assert.match(await link.getByRole("textbox", { name: "Länk" }).inputValue(), /\/reset\?token=/);
  await sound(page, "account-link");
  await link.getByRole("button", { name: "Klar" }).click();
  await page.getByRole("heading", { name: /Åke Ås/ }).waitFor();
  await sound(page, "account");
  await page.getByRole("button", { name: "Stäng av kontot" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Stäng av kontot" }).click();
  await page.getByRole("heading", { name: /Åke Ås/ }).getByText("Avstängt").waitFor();

  for (const [path, name] of [["customers", "Kunder"], ["people", "Användare"], ["teams", "Grupper"], ["agents", "Handläggare"], ["services", "Tjänster"], ["roles", "Roller"], ["audit", "Granskningslogg"]]) {
    await page.goto(`/ops/${path}`);
    await page.getByRole("heading", { name, level: 1 }).waitFor();
    await sound(page, path);
  }

  await page.goto("/ops/tokens");
  await page.getByRole("button", { name: "Skapa nyckel" }).click();
  const token = page.getByRole("dialog", { name: "Skapa nyckel" });
  await token.getByLabel("Vad den är till för").fill("övervakning");
  await token.getByLabel("Roll").selectOption("operator");
  await token.getByRole("button", { name: "Skapa nyckel" }).click();
  const secret = await page.getByRole("textbox", { name: "Nyckel" }).inputValue();
  assert.match(secret, /^omb_/);
  await page.getByRole("button", { name: "Klar" }).click();
  assert.ok(!(await page.content()).includes(secret), "the secret is still there");
  await page.getByRole("button", { name: "Återkalla: övervakning" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Återkalla" }).click();
  await page.getByText("Nyckeln är återkallad").waitFor();
  await sound(page, "tokens");
  await page.context().close();
});

for (const [device, viewport, scheme] of [["phone", phone, "dark"], ["desk", wide, "light"]]) {
  test(`the statistics, ${device}`, async () => {
    const page = await reader(browser, world, { who: "lead", viewport, scheme, language: "en", expected: refused });
    await page.goto("/statistics");
    await page.getByRole("heading", { name: "Day by day" }).waitFor();
    await sound(page, "statistics");
    await page.getByRole("button", { name: "Customer", exact: true }).click();
    await page.getByRole("heading", { name: "By customer" }).waitFor();
    await sound(page, "statistics-customer");
    await page.getByRole("link", { name: /Open, Acme AB: show the tickets/ }).click();
    await page.getByRole("heading", { name: "Open", level: 1 }).waitFor();
    await page.getByRole("link", { name: /Skrivaren piper/ }).waitFor();
    await sound(page, "statistics-tickets");
    await page.getByRole("link", { name: "To the statistics" }).click();
    await page.getByRole("heading", { name: "By customer" }).waitFor();
    await page.context().close();
  });
}

test("an operator on a phone", async () => {
  const page = await reader(browser, world, { who: "operator", viewport: phone, scheme: "dark", expected: refused });
  await page.goto("/ops");
  await page.getByText("Meny: Översikt").click();
  await page.getByRole("link", { name: "Leveranser" }).click();
  await page.getByRole("heading", { name: "Leveranser", level: 1 }).waitFor();
  await sound(page, "phone-deliveries");
  await page.getByRole("link", { name: /^(Ärendet|Meddelande) för/ }).first().click();
  await page.getByRole("heading", { name: "Försök, nyast först" }).waitFor();
  await sound(page, "phone-delivery");
  await page.goto("/ops/links/drift");
  await page.getByRole("heading", { name: "Drift AB" }).waitFor();
  await sound(page, "phone-link");
  await page.context().close();
});

test("an agent reads, and is offered nothing that is not hers", async () => {
  const page = await reader(browser, world, { who: "agent", expected: refused });
  await page.goto("/ops/links/drift");
  await page.getByRole("heading", { name: "Drift AB" }).waitFor();
  await settled(page);
  for (const name of ["Pausa", "Testa", "Fler åtgärder"]) assert.equal(await page.getByRole("button", { name }).count(), 0, name);
  await page.goto("/ops/tokens");
  await page.getByText("Sidan finns inte").first().waitFor();
  await page.context().close();
});

test("who approves is ticked by whoever may, and is one fact with the role", async () => {
  const page = await reader(browser, world, { who: "admin", expected: refused });
  const approver = async () => (await world.api("admin").get("/people?q=omar")).items[0].approver;
  const dialog = page.getByRole("dialog", { name: "Ändra Omar Öberg" });
  await page.goto("/ops/people?q=omar");
  for (const wanted of [true, false]) {
    await page.getByRole("button", { name: "Ändra Omar Öberg" }).click();
    await dialog.getByLabel("Godkänner beställningar").setChecked(wanted);
    await dialog.getByRole("button", { name: "Spara" }).click();
    await dialog.waitFor({ state: "detached" });
    assert.equal(await approver(), wanted);
    const { memberships } = (await world.api("admin").get("/accounts?q=omar")).items[0];
    assert.equal(memberships[0].role, wanted ? "approver" : "user");
  }
  // A page of his account that was open meanwhile does not undo it.
  const { id } = (await world.api("admin").get("/accounts?q=omar")).items[0];
  await page.goto(`/ops/accounts/${id}`);
  await page.getByRole("button", { name: "Spara ändringarna" }).waitFor();
  const omar = (await world.api("admin").get("/people?q=omar")).items[0];
  await world.api("admin").patch(`/people/${omar.id}`, { approver: true });
  await page.getByLabel("Namn", { exact: true }).fill("Omar Öberg");
  await page.getByRole("button", { name: "Spara ändringarna" }).click();
  await page.locator(".toast", { hasText: "Ändringarna gäller nu" }).waitFor();
  assert.equal(await approver(), true);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});
