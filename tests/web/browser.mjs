// Debian's Chromium, driven as a person would: by what stands on the page. Everything that a page complains about
// (errors, what the Content-Security-Policy refused, failed requests nobody expected) ends the test.
import { chromium } from "playwright-core";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { password, accounts } from "./world.mjs";

const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export async function startBrowser() {
  return chromium.launch({
    executablePath: process.env.OMBUD_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-gpu"],
  });
}

export const wide = { width: 1440, height: 900 };
export const phone = { width: 390, height: 844 };

// A reader of his own: cookies, language, scheme. `who`: an account that is signed in already, through the API.
export async function reader(browser, world, { who, language = "sv", scheme = "light", viewport = wide, expected = [] } = {}) {
  const context = await browser.newContext({
    baseURL: world.url,
    viewport,
    locale: language === "sv" ? "sv-SE" : "en-GB",
    timezoneId: "Europe/Stockholm",
    colorScheme: scheme,
    reducedMotion: "reduce",
    hasTouch: viewport.width < 600,
    isMobile: viewport.width < 600,
  });
  const page = await context.newPage();
  const complaints = [];
  const allowed = (text) => expected.some((pattern) => pattern.test(text));
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !allowed(message.text())) complaints.push(`console: ${message.text()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 500) complaints.push(`${response.status()} ${response.url()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
  });
  if (who) {
    const answer = await context.request.post("/api/v1/session", { data: { email: accounts[who].email, password } });
    if (!answer.ok()) throw new Error(`${who} cannot sign in: ${answer.status()} ${await answer.text()}`);
  }
  page.complaints = complaints;
  watch(page);
  page.setDefaultTimeout(Number(process.env.OMBUD_PATIENCE ?? 10_000)); // milliseconds; a busy machine needs more
  return page;
}

// Signs in through the page.
export async function signIn(page, who) {
  await page.goto("/sign-in");
  await page.locator("input[type=email], input[name=email]").fill(accounts[who].email);
  await page.locator("input[type=password]").fill(password);
  await page.locator("main form button[type=submit]").first().click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}

// What a page has asked the hub for and not got yet.
function watch(page) {
  const traffic = { under: new Set(), last: Date.now() };
  const begins = (request) => {
    if (!request.url().includes("/api/v1/") || request.url().includes("/stream")) return;
    traffic.under.add(request);
    traffic.last = Date.now();
  };
  const ends = (request) => {
    if (traffic.under.delete(request)) traffic.last = Date.now();
  };
  page.on("request", begins);
  page.on("requestfinished", ends);
  page.on("requestfailed", ends);
  page.traffic = traffic;
}

// Nothing of the page's own is on its way any more, and it has been drawn. `held`: no answer comes, so none is waited for.
export async function quiet(page, held = false) {
  const { traffic } = page;
  const end = Date.now() + 8000;
  await page.locator("#content").waitFor();
  while (Date.now() < end && (Date.now() - traffic.last < 90 || (traffic.under.size > 0 && !held))) await new Promise((again) => setTimeout(again, 25));
  if (held) traffic.under.clear();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

// And nothing is still loading.
export async function settled(page) {
  await quiet(page);
  await page.locator(".skeleton").first().waitFor({ state: "detached", timeout: 5000 }).catch(() => {});
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

// What axe-core finds against WCAG 2.2 AA, in words.
export async function barriers(page) {
  await page.evaluate(() => window.scrollTo(0, 0)); // what has scrolled half under the head is not hidden for good
  // Evaluated by the debugger, so the page's own policy stays as strict as it is.
  await page.evaluate(axeSource);
  const result = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] }));
  return result.violations.flatMap((violation) => violation.nodes.map((node) => `${violation.id} (${violation.impact}): ${node.target.join(" ")} – ${node.failureSummary?.replaceAll("\n", " ")}`));
}

// Parts that stick out to the right of a narrow screen.
export async function sideways(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right > width + 1).slice(0, 5).map((each) => `${each.tagName}.${each.className}`);
  });
}
