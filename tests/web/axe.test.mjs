// No barrier against WCAG 2.2 AA on any page in any state: loading, empty, one, many, failed, forbidden; light and dark,
// Swedish at a desk and English on a phone. node --test tests/web/axe.test.mjs  (OMBUD_ONLY=desk: pages named so)
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { phone, reader, sideways, startBrowser, wide } from "./browser.mjs";
import { furnish, pagesOf } from "./pages.mjs";
import { fillWorld, startWorld } from "./world.mjs";

const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const readersAtOnce = 3;
const looks = [
  { language: "sv", viewport: wide, schemes: ["light", "dark"] },
  { language: "en", viewport: phone, schemes: ["dark", "light"] },
];
// A state is what the API answers: as it is, or instead.
const problem = (status, code) => ({ status, contentType: "application/problem+json", body: JSON.stringify({ type: "about:blank", title: "Not now", detail: "The hub cannot answer this now", status, code, instance: "01J-EXAMPLE" }) });
const states = {
  many: null,
  one: { items: (all) => all.slice(0, 1) },
  empty: { items: () => [] },
  loading: { hold: true },
  failed: { answer: problem(503, "unavailable") },
  forbidden: { answer: problem(403, "forbidden") },
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

async function put(page, state) {
  await page.unrouteAll({ behavior: "ignoreErrors" });
  const { items, hold, answer } = state ?? {};
  if (!state) return;
  await page.route(/\/api\/v1\//, async (route) => {
    const request = route.request();
    if (request.method() !== "GET" || /\/api\/v1\/(session|stream)$/.test(new URL(request.url()).pathname)) return route.continue();
    if (hold) return; // no answer comes
    if (answer) return route.fulfill(answer);
    try {
      const real = await route.fetch();
      const type = real.headers()["content-type"] ?? "";
      if (!real.ok() || !type.includes("json")) return await route.fulfill({ response: real });
      const data = await real.json();
      if (!Array.isArray(data?.items)) return await route.fulfill({ response: real });
      return await route.fulfill({ response: real, json: { ...data, items: items(data.items), next: null } });
    } catch {
      return undefined; // the page has gone on meanwhile
    }
  });
}

// Nothing of the page's own is on its way any more (a held request is not counted), and it has been drawn.
function watch(page) {
  let under = new Set();
  let last = Date.now();
  const begins = (request) => {
    if (!request.url().includes("/api/v1/") || request.url().includes("/stream")) return;
    under.add(request);
    last = Date.now();
  };
  const ends = (request) => {
    if (under.delete(request)) last = Date.now();
  };
  page.on("request", begins);
  page.on("requestfinished", ends);
  page.on("requestfailed", ends);
  return async (held) => {
    const end = Date.now() + 8000;
    await page.locator("#content").waitFor();
    while (Date.now() < end && (Date.now() - last < 90 || (under.size > 0 && !held))) await new Promise((again) => setTimeout(again, 25));
    if (held) under = new Set();
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
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

async function look(page, quiet, one, { language, viewport, schemes }, seen, found) {
  const note = (what, where) => {
    if (!found.has(what)) console.log(`${where}: ${what}`);
    found.set(what, [...(found.get(what) ?? []), where]);
  };
  for (const [state, instead] of Object.entries(states)) {
    // What stands over a page is opened where the page is as it is.
    if (one.open && instead) continue;
    await put(page, instead);
    await page.emulateMedia({ colorScheme: schemes[0] });
    await page.goto(one.address);
    await quiet(instead?.hold === true);
    if (one.open) {
      try {
        await one.open(page);
      } catch (failed) {
        note(`cannot be opened: ${failed.message.split("\n").slice(0, 3).join(" ")}`, one.name);
        continue;
      }
      await quiet(false);
    }
    const shown = `${language} ${createHash("sha256").update(await shape(page)).digest("hex")}`;
    if (seen.has(shown)) continue;
    seen.add(shown);
    const where = (scheme) => `${one.name}, ${state}, ${language}, ${viewport.width}, ${scheme}`;
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.evaluate(axeSource);
    for (const each of await violations(page)) note(each, where(schemes[0]));
    for (const each of await sideways(page)) note(`sticks out: ${each}`, where(schemes[0]));
    await page.emulateMedia({ colorScheme: schemes[1] });
    await page.waitForFunction((scheme) => document.documentElement.dataset.scheme === scheme, schemes[1]);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    for (const each of await violations(page, ["color-contrast"])) note(each, where(schemes[1]));
    if ((await page.title()) === "broken") note("hostile text ran", where(schemes[1]));
  }
}

test("no page has barriers in any state", { timeout: 900_000 }, async () => {
  const found = new Map();
  const seen = new Set();
  const complaints = new Set();
  const jobs = looks.flatMap((each) => [...grouped(pages)].map(([who, list]) => ({ who, list, look: each })));
  // The longest first, and each reader's pages in pieces, so that all end at about the same time.
  const pieces = jobs.flatMap(({ who, list, look: its }) => Array.from({ length: Math.ceil(list.length / 6) }, (_, i) => ({ who, list: list.slice(i * 6, i * 6 + 6), look: its }))).sort((a, b) => b.list.length - a.list.length);
  const sessions = new Map();
  const work = async () => {
    for (let piece = pieces.shift(); piece; piece = pieces.shift()) {
      const { who, list, look: its } = piece;
      const { language, viewport, schemes } = its;
      const page = await reader(browser, world, { language, viewport, scheme: schemes[0], who: sessions.has(who) ? undefined : (who ?? undefined), expected: [/status of (4\d\d|503)/, /WebSocket/] });
      if (who && !sessions.has(who)) sessions.set(who, await page.context().cookies());
      else if (who) await page.context().addCookies(sessions.get(who));
      const quiet = watch(page);
      for (const one of list) await look(page, quiet, one, its, seen, found);
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

function grouped(list) {
  const groups = new Map();
  for (const each of list) groups.set(each.who, [...(groups.get(each.who) ?? []), each]);
  return groups;
}
