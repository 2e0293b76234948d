// The own account, by keyboard and by what axe-core finds, in both schemes and languages:
// node --test tests/web/account.test.mjs
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { barriers, phone, reader, settled, sideways, startBrowser, wide } from "./browser.mjs";
import { password, startWorld } from "./world.mjs";

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
const said = {
  sv: { account: "Mitt konto", setUp: "Slå på", newToken: "Ny nyckel", makeToken: "Skapa nyckeln", made: "Nyckeln är skapad", current: "Nuvarande lösenord", what: "Vad ska den användas till?", wrong: "Det är inte ditt nuvarande lösenord", forgot: "Glömt lösenordet", expires: "Gäller i", next: "Nästa" },
  en: { account: "My account", setUp: "Turn on", newToken: "New token", makeToken: "Create the token", made: "The token is created", current: "Current password", what: "What is it for?", wrong: "That is not your current password", forgot: "Forgotten password", expires: "Works for", next: "Next" },
};

async function sound(page, name) {
  await settled(page);
  assert.deepEqual(await barriers(page), [], `barriers on ${name}`);
  assert.deepEqual(await sideways(page), [], `sticks out on ${name}`);
  assert.deepEqual(page.complaints, [], `complaints on ${name}`);
}

// Tab until that has the focus, as somebody without a mouse goes there.
async function tabTo(page, target, mostSteps = 60) {
  for (let step = 0; step < mostSteps; ++step) {
    if (await target.evaluate((each) => each === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`the keyboard does not reach ${target}`);
}

for (const language of ["sv", "en"]) {
  for (const [scheme, viewport] of [["light", wide], ["dark", phone]]) {
    const t = said[language];
    test(`every page and dialog of the account, ${language}, ${scheme}`, async () => {
      const page = await reader(browser, world, { who: "manager", language, scheme, viewport, expected: refused });
      // The account may prefer another language; here it is the one that the test names.
      const api = page.context().request;
      const { csrf } = await (await api.get("/api/v1/session")).json();
      const chosen = await api.patch("/api/v1/account", { data: { language }, headers: { "X-CSRF-Token": csrf } });
      assert.equal(chosen.status(), 200);
      for (const path of ["/account", "/account/security", "/account/sessions", "/account/tokens"]) {
        await page.goto(path);
        await page.getByRole("heading", { name: t.account }).waitFor();
        await sound(page, `${path} ${language} ${scheme}`);
      }
      const dialog = page.getByRole("dialog");
      await page.getByRole("button", { name: t.newToken }).click();
      await dialog.getByRole("button", { name: t.makeToken }).click(); // nothing is filled in: all is said at once
      await dialog.locator(".error-summary").waitFor();
      await sound(page, `token, refused ${language} ${scheme}`);
      await page.keyboard.press("Escape");

      await page.goto("/account/security");
      await page.getByRole("button", { name: t.setUp }).click();
      await sound(page, `second factor, password ${language} ${scheme}`);
      await dialog.getByLabel(t.current).fill(password);
      await dialog.getByRole("button", { name: t.next }).click();
      await page.locator(".qr-code path").waitFor({ state: "attached" });
      await sound(page, `second factor, code ${language} ${scheme}`);
      await page.context().close();
    });

    test(`the doors, ${language}, ${scheme}`, async () => {
      const page = await reader(browser, world, { language, scheme, viewport, expected: refused });
      for (const path of ["/sign-in", "/sign-in?problem=no_role", "/sign-in/forgotten", "/reset?token=none"]) {
        await page.goto(path);
        await page.locator("h1").first().waitFor();
        await sound(page, `${path} ${language} ${scheme}`);
      }
      await page.context().close();
    });
  }
}

test("a token is made and revoked by keyboard alone, after the password was asked for", async () => {
  const t = said.sv;
  const page = await reader(browser, world, { who: "approver", expected: refused });
  await page.goto("/account/tokens");
  await settled(page);
  await tabTo(page, page.getByRole("button", { name: t.newToken }));
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  const name = dialog.getByLabel(t.what);
  await name.waitFor();
  assert.ok(await name.evaluate((each) => each === document.activeElement), "the first field has the focus");
  await page.keyboard.type("Rapporten");
  const field = dialog.getByLabel(t.current);
  await tabTo(page, field);
  await page.keyboard.type("inte det");
  await page.keyboard.press("Enter");
  await dialog.getByText(t.wrong).first().waitFor();
  await tabTo(page, field);
  await page.keyboard.press("Control+A");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: t.made }).waitFor();
  assert.match(await page.locator(".own-secret code").innerText(), /^omb_/);
  await page.keyboard.press("Escape");
  await page.getByText("Rapporten", { exact: true }).waitFor();
  const revoke = page.getByRole("button", { name: "Återkalla Rapporten" });
  await tabTo(page, revoke);
  await page.keyboard.press("Enter");
  await tabTo(page, dialog.getByRole("button", { name: "Återkalla", exact: true }));
  await page.keyboard.press("Enter");
  await page.getByText("Rapporten", { exact: true }).waitFor({ state: "detached" });
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});
