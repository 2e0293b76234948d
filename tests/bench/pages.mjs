// How soon pages stand, in a real browser: node pages.mjs URL ADMIN_TOKEN OMBUD CONFIG
// Makes two accounts, then prints lines of "name value". Called by tests/bench/run --only pages.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const [url, token, ombud, config] = process.argv.slice(2);
const { chromium } = createRequire(fileURLToPath(new URL("../web/package.json", import.meta.url)))("playwright-core");
const password = "krusbär på hallonbuske";
const put = (name, value) => console.log(`${name} ${Math.round(value * 10) / 10}`);
const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
const ask = async (method, path, body) => {
  const answer = await fetch(`${url}/api/v1${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
};

const customer = (await ask("GET", "/customers")).items[0].id;
for (const words of [["bench-agent@desk.example", "--agent", "bench-agent"], ["bench-user@plain.example", "--customer", customer]]) {
  const [email, ...where] = words;
  const made = spawnSync(ombud, ["--config", config, "account", "add", email, "--name", "Bench", ...where, "--password-file", "-"], { input: `${password}\n` });
  if (made.status !== 0) throw new Error(String(made.stderr) + String(made.stdout));
}

const browser = await chromium.launch({ executablePath: process.env.OMBUD_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"] });
async function signedIn(email) {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1440, height: 900 }, locale: "sv-SE", reducedMotion: "reduce" });
  const answer = await context.request.post("/api/v1/session", { data: { email, password } });
  if (!answer.ok()) throw new Error(`${email}: ${answer.status()} ${await answer.text()}`);
  return context;
}

// --- the first load: nothing in the cache
for (const [place, email, path, ready] of [["portal", "bench-user@plain.example", "/", "main h1"], ["console", "bench-agent@desk.example", "/desk?view=all_open", ".row-link"]]) {
  const context = await signedIn(email);
  const times = [];
  let bytes = 0;
  for (let round = 0; round < 5; round++) {
    const page = await context.newPage();
    const debug = await context.newCDPSession(page);
    await debug.send("Network.enable");
    await debug.send("Network.setCacheDisabled", { cacheDisabled: true });
    const files = new Map();
    let sum = 0;
    debug.on("Network.responseReceived", (event) => files.set(event.requestId, new URL(event.response.url).pathname));
    debug.on("Network.loadingFinished", (event) => {
      if (!files.get(event.requestId)?.startsWith("/api/")) sum += event.encodedDataLength;
    });
    await page.goto(path);
    await page.locator(ready).first().waitFor();
    // Interactive: what one came for is drawn, and the main thread is free for a frame.
    times.push(await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0)))));
    await page.waitForLoadState("networkidle");
    bytes = sum;
    await page.close();
  }
  times.sort((a, b) => a - b);
  put(`pages.${place}.kb`, bytes / 1000);
  put(`pages.${place}.interactive`, at(times, 0.5));
  await context.close();
}

// --- opening a ticket from the list, rendering and all; what another session says, until it stands there
const context = await signedIn("bench-agent@desk.example");
const page = await context.newPage();
await page.goto("/desk?view=all_open");
await page.locator(".row-link").nth(20).waitFor();
const opened = await page.evaluate(async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const times = [];
  for (let i = 0; i < 60; i++) {
    const links = [...document.querySelectorAll(".row-link")];
    const link = links[i % Math.min(links.length, 24)];
    const id = /tickets\/(\d+)/.exec(link.getAttribute("href"))[1];
    const began = performance.now();
    link.click();
    for (;;) {
      await frame();
      const shown = document.querySelector(".entry");
      if (window.location.pathname.endsWith(`/${id}`) && shown && [...document.querySelectorAll("main h1, main h2")].some((each) => each.textContent.includes(`OMB-${id}`))) break;
      if (performance.now() - began > 5000) throw new Error(`ticket ${id} does not open`);
    }
    await frame(); // and painted
    times.push(performance.now() - began);
    await new Promise((done) => setTimeout(done, 120));
  }
  return times.slice(3);
});
opened.sort((a, b) => a - b);
put("pages.open.p50", at(opened, 0.5));
put("pages.open.p95", at(opened, 0.95));

const id = Number(/tickets\/(\d+)/.exec(page.url())[1]);
const seen = [];
for (let i = 0; i < 40; i++) {
  const words = `Ord ${i} från en annan session`;
  const watch = page.evaluate(
    (text) =>
      new Promise((done) => {
        const look = () => (document.querySelector("main")?.textContent?.includes(text) ? requestAnimationFrame(() => done(Date.now())) : requestAnimationFrame(look));
        look();
      }),
    words,
  );
  const began = Date.now();
  await ask("POST", `/tickets/${id}/messages`, { text: words, visibility: "internal" });
  seen.push((await watch) - began);
}
seen.sort((a, b) => a - b);
put("pages.seen.p50", at(seen, 0.5));
put("pages.seen.p95", at(seen, 0.95));
await browser.close();
