// No barrier against WCAG 2.2 AA on any page in any state: loading, failed, forbidden, empty, one, many; light and dark,
// Swedish at a desk and English on a phone. node --test tests/web/axe.test.mjs  (OMBUD_ONLY=desk: pages named so)
// As it is, each page is looked at in both looks; the other states in one of the two, by turns (OMBUD_ALL=1: in both).
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { phone, quiet, reader, sideways, startBrowser, wide } from "./browser.mjs";
import { furnish, pagesOf } from "./pages.mjs";
import { fillWorld, startWorld } from "./world.mjs";

const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const readersAtOnce = 3;
const pagesAtOnce = 12; // of one reader in one browser context
const looks = [
  { language: "sv", viewport: wide, schemes: ["light", "dark"] },
  { language: "en", viewport: phone, schemes: ["dark", "light"] },
];
// A state is what the API answers instead. In this order one page passes through all of them without being loaded anew:
// what has not come yet fails, is refused, comes empty, and grows.
const problem = (status, code) => ({ status, contentType: "application/problem+json", body: JSON.stringify({ type: "about:blank", title: "Not now", detail: "The hub cannot answer this now", status, code, instance: "01J-EXAMPLE" }) });
const states = {
  loading: { hold: true },
  failed: { answer: problem(503, "unavailable") },
  forbidden: { answer: problem(403, "forbidden") },
  empty: { items: () => [] },
  one: { items: (all) => all.slice(0, 1) },
};

let world, browser, pages;
before(async () => {
  world = await startWorld();
  const made = await fillWorld(world, { many: 8 });
  pages = pagesOf(made, await furnish(world, made)).filter((each) => each.name.includes(process.env.OMBUD_ONLY ?? ""));
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

// Answers for the hub. `become(state)`: what is held gets that answer, and all that the page shows is read again, by the
// word that the hub itself sends after a gap in the stream.
async function stage(page) {
  let now = states.loading;
  let held = [];
  let stream;
  const meet = async (route) => {
    if (now.hold) return void held.push(route);
    if (now.answer) return route.fulfill(now.answer);
    try {
      const real = await route.fetch();
      const type = real.headers()["content-type"] ?? "";
      if (!real.ok() || !type.includes("json")) return await route.fulfill({ response: real });
      const data = await real.json();
      if (!Array.isArray(data?.items)) return await route.fulfill({ response: real });
      return await route.fulfill({ response: real, json: { ...data, items: now.items(data.items), next: null } });
    } catch {
      return undefined; // the page has gone on meanwhile
    }
  };
  await page.route(/\/api\/v1\//, (route) => (route.request().method() !== "GET" || /\/api\/v1\/session$/.test(new URL(route.request().url()).pathname) ? route.continue() : meet(route)));
  await page.routeWebSocket(/\/api\/v1\/stream/, (socket) => (stream = socket));
  return {
    begin() {
      now = states.loading;
      held = [];
    },
    async become(state) {
      now = state;
      await Promise.all(held.splice(0).map((route) => meet(route).catch(() => undefined)));
      stream?.send(JSON.stringify({ type: "resync" }));
    },
  };
}

// How a page is built, whatever stands in it: elements with their classes and the names of their attributes; of children
// that are alike, one. What is built as something that was looked at before has no other barriers than that.
async function shape(page) {
  return page.evaluate(() => {
    const tells = new Set(["role", "type", "aria-live", "aria-current", "aria-expanded", "aria-pressed", "aria-selected", "open", "hidden", "disabled", "scope", "lang"]);
    const draw = (element) => {
      const attributes = [...element.attributes].filter((each) => each.name !== "class").map((each) => (tells.has(each.name) ? `${each.name}=${each.value}` : each.value === "" ? `${each.name}=` : each.name)).sort();
      const parts = [...element.childNodes].map((node) => (node instanceof Element ? draw(node) : node.textContent.trim() ? "text" : ""));
      return `<${element.localName}.${[...element.classList].sort().join(".")}[${attributes.join()}]${[...new Set(parts)].join("")}>`;
    };
    return draw(document.body);
  });
}

async function violations(page, rules) {
  return page.evaluate(async (rules) => {
    const only = rules ? { type: "rule", values: rules } : { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] };
    const found = await window.axe.run(document, { runOnly: only, resultTypes: ["violations"], elementRef: false });
    return found.violations.flatMap((each) => each.nodes.map((node) => `${each.id} (${each.impact}): ${node.target.join(" ")} – ${node.failureSummary?.replaceAll("\n", " ")}`));
  }, rules);
}

// What stands on the page at this moment, in both schemes.
async function check(page, where, { language, schemes }, { seen, note }) {
  const shown = `${language} ${createHash("sha256").update(await shape(page)).digest("hex")}`;
  if (seen.has(shown)) return;
  seen.add(shown);
  await page.evaluate(() => window.scrollTo(0, 0));
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axeSource);
  for (const each of await violations(page)) note(each, `${where}, ${schemes[0]}`);
  for (const each of await sideways(page)) note(`sticks out: ${each}`, `${where}, ${schemes[0]}`);
  await page.emulateMedia({ colorScheme: schemes[1] });
  await page.waitForFunction((scheme) => document.documentElement.dataset.scheme === scheme, schemes[1]);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  for (const each of await violations(page, ["color-contrast"])) note(each, `${where}, ${schemes[1]}`);
  if ((await page.title()) === "broken") note("hostile text ran", `${where}, ${schemes[1]}`);
  await page.emulateMedia({ colorScheme: schemes[0] });
}

const placeOf = (one, state, { language, viewport }) => `${one.name}, ${state}, ${language}, ${viewport.width}`;

async function asItIs(page, one, its, book) {
  await page.goto(one.address);
  await quiet(page);
  if (one.open) {
    try {
      await one.open(page);
    } catch (failed) {
      book.note(`cannot be opened: ${failed.message.split("\n").slice(0, 3).join(" ")}`, one.name);
      return;
    }
    await quiet(page);
  }
  await check(page, placeOf(one, "many", its), its, book);
}

async function otherwise(page, play, one, its, book) {
  play.begin();
  await page.goto(one.address);
  for (const [name, state] of Object.entries(states)) {
    if (!state.hold) await play.become(state);
    await quiet(page, state.hold === true);
    // Grey lines come late, so that fast answers do not flicker.
    if (state.hold && (await page.locator(".skeleton").count())) await page.locator(".skeleton-late").first().waitFor({ state: "attached" });
    await check(page, placeOf(one, name, its), its, book);
  }
}

test("no page has barriers in any state", { timeout: 900_000 }, async () => {
  const found = new Map();
  const seen = new Set();
  const complaints = new Set();
  const book = {
    seen,
    note: (what, where) => {
      if (!found.has(what)) console.log(`${where}: ${what}`);
      found.set(what, [...(found.get(what) ?? []), where]);
    },
  };
  // What stands over a page is opened where the page is as it is.
  const turns = pages.filter((each) => !each.open).map((one, i) => ({ one, turn: i % looks.length }));
  const jobs = looks.flatMap((its, i) => [
    ...pieces(pages, its, false),
    ...pieces(turns.flatMap(({ one, turn }) => (process.env.OMBUD_ALL || turn === i ? [one] : [])), its, true),
  ]);
  jobs.sort((a, b) => b.list.length - a.list.length); // the longest first, so that all readers end at about the same time
  const sessions = new Map();
  const work = async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      const { who, list, its, staged } = job;
      const { language, viewport, schemes } = its;
      const page = await reader(browser, world, { language, viewport, scheme: schemes[0], who: sessions.has(who) ? undefined : (who ?? undefined), expected: [/status of (4\d\d|503)/, /WebSocket/] });
      if (who && !sessions.has(who)) sessions.set(who, await page.context().cookies());
      else if (who) await page.context().addCookies(sessions.get(who));
      const play = staged ? await stage(page) : undefined; // a page whose requests are met has no cache: not where nothing is staged
      for (const one of list) await (play ? otherwise(page, play, one, its, book) : asItIs(page, one, its, book));
      for (const each of page.complaints) if (!each.startsWith("503 ")) complaints.add(each);
      await page.context().close();
    }
  };
  await Promise.all(Array.from({ length: readersAtOnce }, work));
  const report = [...found].map(([what, where]) => `${what}\n    ${where.slice(0, 4).join("\n    ")}${where.length > 4 ? `\n    and ${where.length - 4} more` : ""}`);
  console.log(`${seen.size} different pages and states of ${pages.length} pages`);
  assert.equal(report.length, 0, `\n${report.join("\n")}`);
  assert.deepEqual([...complaints], []);
});

// The pages of each reader, a handful at a time.
function pieces(list, its, staged) {
  const groups = new Map();
  for (const each of list) groups.set(each.who, [...(groups.get(each.who) ?? []), each]);
  return [...groups].flatMap(([who, theirs]) => Array.from({ length: Math.ceil(theirs.length / pagesAtOnce) }, (_, i) => ({ who, list: theirs.slice(i * pagesAtOnce, (i + 1) * pagesAtOnce), its, staged })));
}
