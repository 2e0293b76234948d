// A picture of every page: node tests/web/screens.mjs [--out DIRECTORY] [--only WORD]
// Wide and on a phone, light and dark, Swedish and English; DIRECTORY/<page>-<width>-<scheme>-<language>.png
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { phone, reader, settled, startBrowser, wide } from "./browser.mjs";
import { fillWorld, startWorld } from "./world.mjs";

const argument = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? process.argv[at + 1] : fallback;
};
const out = argument("out", "/tmp/ombud-screens");
const only = argument("only", "");
await mkdir(out, { recursive: true });

const world = await startWorld();
const browser = await startBrowser();
try {
  const made = await fillWorld(world);
  const lead = world.api("lead");
  const article = await lead.post("/articles", { title: "Ansluta till VPN hemifrån", summary: "Så kommer du åt filer utanför kontoret.", text: "## Gör så här\n\n1. Starta **klienten**\n2. Skriv in koden från telefonen\n\n| Fel | Gör så här |\n|---|---|\n| 809 | Starta om routern |", language: "sv", services: ["network"] });
  await lead.post(`/articles/${article.id}/publish`);
  await lead.post("/notices", { kind: "outage", title: "E-posten är långsam", text: "Vi felsöker tillsammans med leverantören.", customers: "all", services: ["network"], publish: true });
  const delivery = (await world.api("operator").get("/deliveries?link=skrivarpartner")).items[0];
  const ticket = `/tickets/${made.printer.id}`;
  const pages = [
    [null, "sign-in", "/sign-in"],
    ["user", "portal", "/"], ["user", "portal-new", "/new"], ["user", "portal-tickets", "/tickets"], ["user", "portal-ticket", ticket],
    ["user", "portal-long", `/tickets/${made.long.id}`], ["user", "portal-hostile", `/tickets/${made.hostile.id}`], ["user", "portal-article", `/guidance/${article.id}`],
    ["user", "account", "/account"], ["neighbour", "portal-other", "/"],
    ["agent", "desk", "/desk?view=all_open"], ["agent", "desk-ticket", `/desk${ticket}?view=all_open`], ["agent", "desk-long", `/desk/tickets/${made.long.id}?view=all_open`],
    ["agent", "desk-hostile", `/desk/tickets/${made.hostile.id}?view=all_open`], ["agent", "desk-mine-empty", "/desk?view=mine"], ["agent", "desk-new", "/desk/new"], ["lead", "desk-notices", "/desk/notices"],
    ["lead", "desk-articles", "/desk/articles"], ["lead", "desk-templates", "/desk/templates"],
    ["admin", "ops", "/ops"], ["admin", "ops-link", "/ops/links/skrivarpartner"], ["admin", "ops-link-down", "/ops/links/drift"], ["admin", "ops-deliveries", "/ops/deliveries"],
    ["admin", "ops-delivery", `/ops/deliveries/${delivery.id}`], ["admin", "ops-dead", "/ops/dead"], ["admin", "ops-agreements", "/ops/agreements"], ["admin", "ops-accounts", "/ops/accounts"],
    ["admin", "ops-roles", "/ops/roles"], ["admin", "ops-audit", "/ops/audit"], ["admin", "ops-configuration", "/ops/configuration"], ["admin", "statistics", "/statistics"],
  ].filter(([, name]) => name.includes(only));
  for (const [viewport, scheme, language] of [[wide, "light", "sv"], [wide, "dark", "en"], [phone, "light", "sv"], [phone, "dark", "en"]]) {
    const readers = new Map();
    for (const [who, name, address] of pages) {
      if (!readers.has(who)) readers.set(who, await reader(browser, world, { who, language, scheme, viewport }));
      const page = readers.get(who);
      await page.goto(address);
      await settled(page);
      await writeFile(join(out, `${name}-${viewport.width}-${scheme}-${language}.png`), await page.screenshot({ fullPage: viewport === phone }));
    }
    for (const page of readers.values()) {
      for (const each of page.complaints) console.error(each);
      await page.context().close();
    }
  }
  console.log(`${pages.length * 4} pictures in ${out}`);
} finally {
  await browser.close();
  await world.stop();
}
