// Mails as their readers meet them, and what people are told: node --test tests/web/mail.test.mjs
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { barriers, phone, reader, settled, sideways, startBrowser } from "./browser.mjs";
import { handInMail, startWorld } from "./world.mjs";

let world, browser;
before(async () => {
  world = await startWorld({ mail: 'authentication_from = ["mx.desk.example"]' });
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

const refused = [/status of 4\d\d/];
const picture = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP4z8CAB+GTG8HSALfKY52fTcuYAAAAAElFTkSuQmCC";
const html = [
  "<p>Hej! Skrivaren <b>äter papper</b> igen. Se <u>bilden</u>:</p>",
  '<p><img src="cid:bild@acme" alt="skärmbild" width="60" height="60"></p>',
  '<p><img src="https://bilder.annanstans.example/spion.gif" alt="logotyp"></p>',
  "<script>document.title='broken'</script><p onclick=\"document.title='broken'\" style=\"color:red\">Hälsningar<br>Eva</p>",
  "<blockquote type=\"cite\"><p>Har du provat att stänga av den?</p></blockquote>",
].join("\r\n");

function mailOf({ subject, id, more = [], parts }) {
  return {
    from: "eva@acme.example",
    to: "support@desk.example",
    lines: [`Message-ID: <${id}@acme.example>`, "Date: Mon, 23 Nov 2026 08:00:00 +0100", "From: Eva Ek <eva@acme.example>", "To: support@desk.example", `Subject: ${subject}`, "MIME-Version: 1.0", ...more, ...parts],
  };
}
const formatted = [
  'Content-Type: multipart/related; boundary="grans"',
  "",
  "--grans",
  "Content-Type: text/html; charset=utf-8",
  "Content-Transfer-Encoding: 8bit",
  "",
  html,
  "--grans",
  'Content-Type: image/png; name="bild.png"',
  "Content-ID: <bild@acme>",
  "Content-Transfer-Encoding: base64",
  'Content-Disposition: inline; filename="bild.png"',
  "",
  picture,
  "--grans--",
];
async function ticketOf(subject) {
  for (let i = 0; i < 200; i++) {
    const found = (await world.api("agent").get(`/tickets?q=${encodeURIComponent(subject)}`)).items.find((each) => each.subject === subject);
    if (found) return found;
    await new Promise((again) => setTimeout(again, 100));
  }
  throw new Error(`no ticket named ${subject}`);
}

test("a formatted mail: its words, its own picture, nothing fetched from elsewhere, the original as it came", async () => {
  const mail = mailOf({ subject: "Skrivaren igen", id: "formatted", parts: formatted });
  await handInMail(world.smtp, mail);
  const ticket = await ticketOf("Skrivaren igen");
  for (const [who, address, viewport] of [["agent", `/desk/tickets/${ticket.id}?view=all_open`, undefined], ["user", `/tickets/${ticket.id}`, phone]]) {
    const page = await reader(browser, world, { who, ...(viewport && { viewport }), expected: refused });
    const elsewhere = [];
    page.on("request", (request) => !request.url().startsWith(world.url) && !/^(data|blob):/.test(request.url()) && elsewhere.push(request.url()));
    await page.goto(address);
    await page.locator(".prose-mail strong", { hasText: "äter papper" }).waitFor();
    await page.locator(".picture-not", { hasText: "bilder.annanstans.example" }).waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll(".body-picture img")].some((each) => each.naturalWidth > 0));
    const earlier = page.getByText("Har du provat att stänga av den?");
    assert.equal(await earlier.isVisible(), false, "what it repeats is folded");
    await page.getByText("Visa tidigare meddelanden").first().click();
    await earlier.waitFor();
    assert.notEqual(await page.title(), "broken");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Visa originalet (.eml)" }).first().click()]);
    const bytes = await readFile(await download.path(), "utf8");
    assert.ok(bytes.includes(mail.lines.join("\r\n")), "byte for byte");
    await settled(page);
    assert.deepEqual(elsewhere, []);
    assert.deepEqual(await barriers(page), []);
    assert.deepEqual(await sideways(page), []);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  }
});

test("who cannot be verified is marked before his words", async () => {
  await handInMail(world.smtp, mailOf({ subject: "Byt mitt lösenord", id: "forged", more: ["Authentication-Results: mx.desk.example; spf=fail smtp.mailfrom=acme.example; dkim=none; dmarc=fail header.from=acme.example"], parts: ["", "Skicka det nya till min privata adress."] }));
  const ticket = await ticketOf("Byt mitt lösenord");
  const page = await reader(browser, world, { who: "agent", expected: refused });
  await page.goto(`/desk/tickets/${ticket.id}?view=all_open`);
  await page.locator(".mail-trouble", { hasText: "Avsändaren kunde inte styrkas" }).waitFor();
  assert.deepEqual(await barriers(page), []);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("a sender whom nobody knows is shown as such, and becomes a person who can be answered", async () => {
  const lines = ["Message-ID: <x1@other.example>", "Date: Mon, 23 Nov 2026 08:00:00 +0100", "From: Xerxes Xu <x@other.example>", "To: support@desk.example", "Subject: Vem svarar mig", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "", "Hej, jag är ny här."];
  await handInMail(world.smtp, { from: "x@other.example", to: "support@desk.example", lines });
  const ticket = await ticketOf("Vem svarar mig");
  const page = await reader(browser, world, { who: "agent", expected: refused });
  await page.goto(`/desk/tickets/${ticket.id}?view=all_open`);
  await page.locator(".entry-party strong", { hasText: "Xerxes Xu" }).first().waitFor();
  await page.getByText("Avsändaren är inte känd", { exact: true }).waitFor();
  await page.getByText("så inget har skickats till den adressen").waitFor(); // the intake's note, in the reader's language
  assert.deepEqual(await barriers(page), []);
  await page.getByRole("button", { name: "Lägg till som person" }).click();
  await page.locator(".toast", { hasText: "Xerxes Xu är ärendets användare" }).waitFor();
  await page.locator(".side-contact", { hasText: "x@other.example" }).waitFor();
  await page.locator(".event-text", { hasText: "angav Xerxes Xu som användare" }).waitFor();
  assert.equal((await world.api("agent").get(`/tickets/${ticket.id}`)).requester_name, "Xerxes Xu");
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("a sender without a name becomes a person by his address alone", async () => {
  const lines = ["Message-ID: <y1@other.example>", "Date: Mon, 23 Nov 2026 08:00:00 +0100", "From: y@other.example", "To: support@desk.example", "Subject: Utan namn", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "", "Hej, min post säger inte vad jag heter."];
  await handInMail(world.smtp, { from: "y@other.example", to: "support@desk.example", lines });
  const ticket = await ticketOf("Utan namn");
  const page = await reader(browser, world, { who: "agent", expected: refused });
  await page.goto(`/desk/tickets/${ticket.id}?view=all_open`);
  await page.getByRole("button", { name: "Lägg till som person" }).click();
  await page.locator(".toast", { hasText: "y@other.example är ärendets användare" }).waitFor();
  assert.ok((await world.api("agent").get(`/tickets/${ticket.id}`)).requester);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("an answer rings the bell at once, and who follows it has read it", async () => {
  const ticket = await world.api("user").post("/tickets", { subject: "Ingen bild på skärmen", text: "Den är svart.", channel: "portal" });
  const page = await reader(browser, world, { who: "user", expected: refused });
  await page.goto("/");
  await page.getByRole("button", { name: /^Aviseringar/ }).waitFor();
  await settled(page);
  const before = Number((await page.locator(".bell-count").textContent({ timeout: 500 }).catch(() => "0")) ?? 0);
  await world.api("agent").post(`/tickets/${ticket.id}/messages`, { text: "Sitter sladden i?" });
  await page.waitForFunction((n) => Number(document.querySelector(".bell-count")?.textContent ?? 0) > n, before);
  await page.getByRole("button", { name: /^Aviseringar/ }).click();
  await page.locator(".bell-unread", { hasText: "Ingen bild på skärmen" }).first().click();
  await page.waitForURL(new RegExp(`/tickets/${ticket.id}$`));
  await page.waitForFunction((n) => Number(document.querySelector(".bell-count")?.textContent ?? 0) <= n, before);
  await page.getByRole("button", { name: /^Aviseringar/ }).click();
  const all = page.getByRole("button", { name: "Markera alla som lästa" });
  if (await all.isVisible()) await all.click();
  await page.locator(".bell-count").waitFor({ state: "detached" });
  assert.deepEqual(await barriers(page), []);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("what one wants to be told is chosen once and kept; by a letter's link, too", async () => {
  const page = await reader(browser, world, { who: "user", expected: refused });
  await page.goto("/account/notifications");
  await page.getByRole("checkbox", { name: "Ärendet är avslutat: Mejl" }).uncheck();
  await page.getByLabel("Samla mejlen").selectOption("daily");
  await page.getByLabel("Klockan").fill("06:45");
  await page.getByRole("button", { name: "Spara valen" }).click();
  await page.locator(".toast", { hasText: "Valen är sparade" }).waitFor();
  await page.reload();
  await page.getByLabel("Klockan").waitFor();
  assert.equal(await page.getByLabel("Klockan").inputValue(), "06:45");
  assert.equal(await page.getByRole("checkbox", { name: "Ärendet är avslutat: Mejl" }).isChecked(), false);
  assert.deepEqual(await barriers(page), []);
  await page.getByLabel("Samla mejlen").selectOption("off");
  await page.getByRole("button", { name: "Spara valen" }).click();
  await page.locator(".toast", { hasText: "Valen är sparade" }).first().waitFor();
  // Who looks elsewhere and comes back finds the new choice, without a moment of the old one.
  await page.getByRole("link", { name: "Om mig" }).click();
  await page.getByLabel("Tidszon").waitFor();
  await page.getByRole("link", { name: "Aviseringar", exact: true }).click();
  await page.getByLabel("Samla mejlen").waitFor();
  assert.equal(await page.getByLabel("Samla mejlen").inputValue(), "off");
  assert.deepEqual(page.complaints, []);
  await page.context().close();

  const stranger = await reader(browser, world, { expected: refused });
  await stranger.goto("/notifications?token=hittepå");
  await stranger.getByText("Länken gäller inte").waitFor();
  assert.deepEqual(await barriers(stranger), []);
  await stranger.context().close();
});

test("operators see what came in, and how letters look", async () => {
  const page = await reader(browser, world, { who: "admin", expected: refused });
  await page.goto("/ops/mail?q=Skrivaren");
  await page.getByRole("link", { name: "Skrivaren igen" }).click();
  await page.getByRole("link", { name: "Hämta originalet (.eml)" }).waitFor();
  assert.deepEqual(await barriers(page), []);
  await page.goto("/ops/letters");
  await page.getByRole("link", { name: "Servicedesken har svarat" }).first().click();
  await page.locator(".letter-subject").waitFor();
  await page.frameLocator(".letter-frame").locator("body").waitFor();
  await page.getByRole("tab", { name: "Som text" }).click();
  await page.locator(".letter-text").waitFor();
  assert.deepEqual(await barriers(page), []);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});
