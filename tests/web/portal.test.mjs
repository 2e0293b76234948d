// The portal as a user walks it, in a browser, on a phone and at a desk: node --test tests/web/portal.test.mjs
// Each step ends with what axe-core finds and what sticks out to the side.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { barriers, phone, reader, settled, sideways, signIn, startBrowser, wide } from "./browser.mjs";
import { password, startWorld } from "./world.mjs";

let world;
let browser;
before(async () => {
  world = await startWorld();
  browser = await startBrowser();
  const article = await world.api("lead").post("/articles", {
    title: "Ansluta till VPN",
    summary: "Så kommer du åt filer hemifrån.",
    text: "## Gör så här\n\n1. Starta **klienten**\n2. Skriv <b>lösenordet</b>\n\n<script>document.title='broken'</script>\n\n[klicka](javascript:document.title='broken')",
    language: "sv",
    services: ["network"],
    audience: "all",
  });
  await world.api("lead").post(`/articles/${article.id}/publish`);
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

// Refusals that a walk provokes are written to the console by the browser itself.
const refused = [/status of 4\d\d/, /WebSocket/];
const picture = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP4z8CAB+GTG8HSALfKY52fTcuYAAAAAElFTkSuQmCC", "base64");

async function sound(page, name) {
  await settled(page);
  if (process.env.OMBUD_SHOTS) {
    await mkdir(process.env.OMBUD_SHOTS, { recursive: true });
    await writeFile(`${process.env.OMBUD_SHOTS}/portal-${name}-${page.viewportSize().width}.png`, await page.screenshot({ fullPage: true }));
  }
  assert.deepEqual(await barriers(page), [], `barriers on ${name}`);
  assert.deepEqual(await sideways(page), [], `sticks out on ${name}`);
  assert.deepEqual(page.complaints, [], `complaints on ${name}`);
}
const box = (page) => page.getByRole("textbox", { name: "Skriv till servicedesken" });

for (const [device, viewport, scheme] of [["phone", phone, "dark"], ["desk", wide, "light"]]) {
  test(`from a sign-in to a rated ticket, ${device}`, async () => {
    const page = await reader(browser, world, { viewport, scheme, expected: refused });
    await page.goto("/");
    await sound(page, "sign-in");
    await page.getByLabel("Mejladress").fill("eva@acme.example");
    await page.getByLabel("Lösenord", { exact: true }).fill("inte rätt");
    await page.keyboard.press("Enter");
    await page.getByText("stämmer inte").first().waitFor();
    await page.getByLabel("Lösenord", { exact: true }).fill(password);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Hur kan vi hjälpa dig?" }).waitFor();
    await sound(page, "start");

    await page.getByLabel("Sök efter svar").fill("vpn");
    await page.getByRole("link", { name: /Ansluta till VPN/ }).click();
    await page.getByRole("heading", { name: "Gör så här" }).waitFor();
    assert.equal(await page.locator("article script").count(), 0);
    await sound(page, "article");
    await page.getByRole("button", { name: "Nej" }).click();
    await page.getByRole("link", { name: "Skriv till oss" }).click();

    await page.getByLabel("något som inte fungerar").check();
    await page.getByLabel("Beskriv felet kort").fill("Min vpn kopplar ner hela tiden");
    const service = page.getByRole("combobox", { name: "Vilken tjänst gäller det?" });
    await page.waitForFunction(() => document.querySelector("[role=combobox]")?.value === "Nätverk");
    await page.getByLabel("Berätta mer").fill("Var tionde minut.");
    await sound(page, "new");

    await page.reload(); // what was written is still there
    assert.equal(await page.getByLabel("Beskriv felet kort").inputValue(), "Min vpn kopplar ner hela tiden");
    await page.waitForFunction(() => document.querySelector("[role=combobox]")?.value === "Nätverk"); // once the services are read
    await page.locator("input[type=file]:not([capture])").setInputFiles({ name: "skärmbild.png", mimeType: "image/png", buffer: picture });
    await page.getByRole("button", { name: "Skicka till servicedesken" }).click();
    await page.getByText("Ditt ärendenummer").waitFor();
    await sound(page, "received");
    const number = Number(/tickets\/(\d+)/.exec(page.url())[1]);
    await page.getByRole("link", { name: "Till ärendet" }).click();
    await box(page).waitFor();
    await sound(page, "ticket");

    await box(page).fill("En sak till.");
    await page.context().clearCookies(); // the session is gone in the middle of a sentence
    await page.getByRole("button", { name: "Skicka till servicedesken" }).click();
    const again = page.getByRole("dialog", { name: "Logga in igen" });
    await again.getByLabel("Lösenord", { exact: true }).fill(password);
    await sound(page, "sign-in-again");
    await page.keyboard.press("Enter");
    await page.locator(".said").getByText("En sak till.").waitFor(); // sent without another press
    await again.waitFor({ state: "detached" });
    assert.equal(await box(page).inputValue(), "");

    await world.api("agent").post(`/tickets/${number}/resolve`, { text: "Nu ska det fungera." });
    await page.reload();
    await page.getByRole("button", { name: "Ja, det är löst" }).waitFor();
    await sound(page, "solved");
    await page.getByRole("button", { name: "Ja, det är löst" }).click();
    await page.getByText("Ärendet är avslutat").first().waitFor();
    await page.getByLabel("Mycket nöjd", { exact: true }).check();
    await sound(page, "rating");
    await page.getByRole("button", { name: "Skicka omdömet" }).click();
    await page.getByText("Ditt omdöme: Mycket nöjd").waitFor();

    await page.getByRole("button", { name: "Öppna ärendet igen" }).click();
    await page.getByLabel("Vad har hänt?").fill("Det kom tillbaka.");
    await page.getByRole("button", { name: "Skicka och öppna" }).click();
    await page.getByText("Vi arbetar med ärendet").first().waitFor();
    await page.goto("/tickets");
    await page.getByRole("link", { name: /Min vpn kopplar ner/ }).first().waitFor();
    await sound(page, "tickets");
    await page.context().close();
  });
}

test("the keyboard alone registers a ticket and answers in it", async () => {
  const page = await reader(browser, world, { who: "user" });
  await page.goto("/");
  await page.getByRole("heading", { name: "Hur kan vi hjälpa dig?" }).waitFor();
  const tabTo = async (name) => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press("Tab");
      const here = await page.evaluate(() => {
        const at = document.activeElement;
        return at?.getAttribute("aria-label") ?? at?.labels?.[0]?.textContent ?? at?.textContent ?? "";
      });
      if (name.test(here)) return;
    }
    assert.fail(`the keyboard does not reach ${name}`);
  };
  await tabTo(/Jag behöver något/);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Vad behöver du?" }).waitFor();
  await tabTo(/Beskriv kort vad du behöver/);
  await page.keyboard.type("En stol");
  await tabTo(/Vilken tjänst/);
  await page.keyboard.press("ArrowDown");
  await page.getByRole("option").nth(1).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.notEqual(await page.getByRole("combobox").inputValue(), "");
  await tabTo(/Skicka till servicedesken/);
  await page.keyboard.press("Enter");
  await page.getByText("Ditt ärendenummer").waitFor();
  await tabTo(/Till ärendet/);
  await page.keyboard.press("Enter");
  await box(page).waitFor();
  await tabTo(/Skriv till servicedesken/);
  await page.keyboard.type("Gärna blå.");
  await page.keyboard.press("Control+Enter");
  await page.locator(".said").getByText("Gärna blå.").waitFor();
  await page.context().close();
});

test("nothing in a user's pages names a supplier, and hostile words stay words", async () => {
  const eva = world.api("user");
  const anna = world.api("agent");
  const ticket = await eva.post("/tickets", { subject: `<img src=x onerror="document.title='broken'"> skrivaren`, text: "<script>document.title='broken'</script>", channel: "portal" });
  await anna.post(`/tickets/${ticket.id}/delegations`, { link: "skrivarpartner", brief: "Byt valsen." });
  await anna.post(`/tickets/${ticket.id}/messages`, { text: "Bara för oss.", visibility: "internal" });
  const page = await reader(browser, world, { who: "user", expected: refused });
  for (const path of ["/", "/tickets", `/tickets/${ticket.id}`]) {
    await page.goto(path);
    await page.getByText("onerror").first().waitFor();
    await settled(page);
    const words = await page.locator("body").innerText();
    assert.doesNotMatch(words, /Skrivarpartner|tredje part|leverantör|Bara för oss|Byt valsen/i);
    assert.doesNotMatch(await page.title(), /^broken/);
    assert.equal(await page.locator("main img").count(), 0);
  }
  await page.context().close();
});

test("the own account: language, password, two steps, a token", async () => {
  const page = await reader(browser, world, { expected: refused });
  await signIn(page, "neighbour");
  for (const path of ["/account", "/account/security", "/account/sessions", "/account/tokens"]) {
    await page.goto(path);
    await page.getByRole("heading", { name: "Mitt konto" }).waitFor();
    await sound(page, path.slice(1).replace("/", "-"));
  }
  await page.goto("/account/security");
  await page.getByRole("button", { name: "Slå på" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Skriv ditt lösenord först").waitFor();
  await sound(page, "account-totp-password");
  await dialog.getByLabel("Nuvarande lösenord").fill("inte det");
  await dialog.getByRole("button", { name: "Nästa" }).click();
  await dialog.getByText("Det är inte ditt nuvarande lösenord").first().waitFor();
  await dialog.getByLabel("Nuvarande lösenord").fill(password);
  await dialog.getByRole("button", { name: "Nästa" }).click();
  await page.locator(".qr-code path").waitFor({ state: "attached" });
  await sound(page, "account-totp");
  await page.keyboard.press("Escape");
  await page.getByLabel("Nuvarande lösenord").fill("inte det");
  await page.getByLabel("Nytt lösenord").fill("blåbär under granris");
  await page.getByRole("button", { name: "Byt lösenord" }).click();
  await page.getByText("Det är inte ditt nuvarande lösenord").first().waitFor();
  await page.goto("/account");
  await page.getByLabel("English").check();
  await page.getByRole("button", { name: "Spara" }).click();
  await page.getByRole("heading", { name: "My account" }).waitFor();
  await sound(page, "account-english");
  await page.context().close();
});

test("an answer comes in by itself, and waits for who is writing", async () => {
  const eva = world.api("user");
  const anna = world.api("agent");
  const ticket = await eva.post("/tickets", { subject: "Hörlurarna piper", text: "Hela tiden.", channel: "portal" });
  const page = await reader(browser, world, { who: "user", expected: refused });
  await page.goto(`/tickets/${ticket.id}`);
  await box(page).waitFor();
  await page.waitForTimeout(300); // the stream is open
  await anna.post(`/tickets/${ticket.id}/messages`, { text: "Prova ett annat uttag." });
  await page.locator(".said").getByText("Prova ett annat uttag.").waitFor();

  await box(page).fill("Jag provar");
  const before = await box(page).boundingBox();
  await anna.post(`/tickets/${ticket.id}/messages`, { text: "Hur gick det?" });
  const news = page.getByRole("button", { name: "1 nytt svar" });
  await news.waitFor();
  assert.equal(await page.getByText("Hur gick det?").count(), 0);
  assert.equal((await box(page).boundingBox()).y, before.y);
  await sound(page, "news");
  await anna.post(`/tickets/${ticket.id}/resolve`, { text: "Vi skickar nya." });
  await page.getByText("Vi tror att det är löst").waitFor();
  assert.equal(await page.getByRole("textbox").inputValue(), "Jag provar"); // his box stays, with his words
  await page.getByRole("button", { name: "2 nya svar" }).click();
  await page.locator(".said").getByText("Vi skickar nya.").waitFor();
  await page.context().close();
});

test("the desk's place says whose it is, and the choice of notifications needs no link when signed in", async () => {
  const page = await reader(browser, world, { who: "user" });
  await page.goto("/desk");
  await page.getByRole("heading", { name: "Den här platsen är för servicedesken" }).waitFor();
  assert.deepEqual(await barriers(page), []);
  await page.getByRole("link", { name: "Till portalen" }).click();
  await page.waitForURL(/\/$/);
  await page.goto("/notifications");
  await page.waitForURL(/\/account\/notifications$/);
  await page.locator("table.told-ways").waitFor();
  await page.context().close();
});
