// A picture of every page: node tests/web/screens.mjs [--out DIRECTORY] [--only WORD]
// Wide and on a phone, light and dark, Swedish and English; DIRECTORY/<page>-<width>-<scheme>-<language>.png
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { phone, reader, settled, startBrowser, wide } from "./browser.mjs";
import { furnish, pagesOf } from "./pages.mjs";
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
  const pages = pagesOf(made, await furnish(world, made)).filter((each) => each.name.includes(only));
  for (const [viewport, scheme, language] of [[wide, "light", "sv"], [wide, "dark", "en"], [phone, "light", "sv"], [phone, "dark", "en"]]) {
    const readers = new Map();
    for (const { who, name, address, open } of pages) {
      if (!readers.has(who)) readers.set(who, await reader(browser, world, { who, language, scheme, viewport }));
      const page = readers.get(who);
      await page.goto(address);
      await settled(page);
      if (open) {
        await open(page);
        await settled(page);
      }
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
