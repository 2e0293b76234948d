// What the hub has a word for, the pages have words for: codes of refusals, kinds of events, permissions. Read from the
// sources of both, without a hub. node --test tests/web/words.test.mjs
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

async function sources(folder) {
  const all = await readdir(join(root, folder), { recursive: true });
  const texts = await Promise.all(all.filter((name) => /\.[ch]pp$/.test(name) && !/(^|\/)tests\//.test(name)).map((name) => readFile(join(root, folder, name), "utf8")));
  return texts.join("\n");
}
const pages = async (...names) => (await Promise.all(names.map((name) => readFile(join(root, "hub/web/src", name), "utf8")))).join("\n");
const found = (text, pattern) => new Set([...text.matchAll(pattern)].map((each) => each[1]));
// As a key of an object or a case of a switch.
const has = (text, word) => new RegExp(`(^|[\\s{,"])"?${word.replace(".", "\\.")}"?:|"${word.replace(".", "\\.")}"`, "m").test(text);

function complete(what, words, text, least) {
  assert.ok(words.size >= least, `${what}: only ${[...words]} were found in the hub's sources; look for them elsewhere`);
  assert.deepEqual([...words].filter((word) => !has(text, word)).sort(), [], `${what} without words`);
}

const hub = await sources("hub");

test("every code of a refusal has words", async () => {
  const codes = new Set([...found(hub, /problem_response\([\w:]+,\s*"([a-z_]+)"/g), ...found(hub, /string_view \w+ = "([a-z_]+)";\s*\/\/ Problem::code/g)]);
  const byKind = /std::string_view code_of\(ProblemKind kind\) \{([\s\S]*?)\n\}/.exec(hub)?.[1] ?? "";
  for (const code of found(byKind, /return "([a-z_]+)"/g)) codes.add(code);
  complete("codes", codes, await pages("api/refusals.ts"), 15);
});

test("every sentence that is known in Swedish is one of the hub's", async () => {
  const list = /const sentences[^=]*= \[\n([\s\S]*?)\n\];/.exec(await pages("api/refusals.ts"))?.[1] ?? "";
  const known = [...list.matchAll(/^ {2}\["((?:[^"\\]|\\.)*)", "/gm)].map((each) => each[1]);
  assert.ok(known.length >= 100, `only ${known.length} sentences were found; look for them elsewhere`);
  // A sentence may stand in several pieces, and be put together with what is not text.
  const joined = hub.replace(/"[ \t]*\\?\n\s*"/g, "").replace(/"\s*\+[^";]*\+\s*"/g, "{}");
  const said = new Set([...joined.matchAll(/"((?:[^"\\\n]|\\.)*)"/g)].map((each) => each[1]));
  const letters = (text) => text.replace(/[^a-z]/gi, "").length;
  const pattern = (text) => new RegExp(`^${text.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll("{}", ".+")}$`);
  const open = [...said].filter((each) => each.includes("{}") && letters(each) > 8).map((each) => [pattern(each), letters(each)]);
  const isSaid = (sentence) => {
    if (said.has(sentence)) return true;
    // What is put in may be a word or a sentence of the hub's own; most of it is to be the same all the same.
    if (open.some(([each, its]) => its * 3 > letters(sentence) && each.test(sentence))) return true;
    return sentence.includes("{}") && [...said].some((each) => pattern(sentence).test(each));
  };
  assert.deepEqual(known.filter((each) => !isSaid(each)), [], "sentences that the hub does not say");
});

test("every permission has words", async () => {
  const names = new Set([...found(hub, /\{P::\w+, "([a-z]+\.[a-z_]+)"/g)].map((name) => name.replace(".", "_")));
  const text = await pages("ops/access/permission_words.ts");
  complete("permissions", names, text, 30);
  complete("areas of permissions", new Set([...names].map((name) => name.split("_")[0])), text, 10);
});

test("every kind of notification has words", async () => {
  const kinds = found(hub, /std::pair\{(?:notify::)?Kind::\w+, std::string_view\("([a-z_]+)"\)\}/g);
  complete("kinds", kinds, await pages("account/notifications.tsx"), 10);
  complete("kinds of letters", kinds, await pages("ops/mail/letters.tsx"), 10);
});

test("every event of a ticket has words", async () => {
  const list = /kTypes\{([^}]*)\}/.exec(hub)?.[1] ?? "";
  complete("events", found(list, /"([a-z_]+)"/g), await pages("desk/ticket/event_words.tsx", "desk/ticket/entries.ts", "desk/ticket/timeline.tsx"), 18);
});

test("every outcome of a mail has words", async () => {
  const list = /kOutcomes\{([^}]*)\}/.exec(hub)?.[1] ?? "";
  complete("outcomes", found(list, /"([a-z_]+)"/g), await pages("ops/mail/look.tsx"), 8);
});

test("every entry of the audit log has words", async () => {
  const text = await pages("ops/system/audit_entry.tsx");
  const own = [...found(hub, /note_audit\([^;"]*"([a-z_]+)"/g)];
  const acts = new Set([...found(hub, /(?:record_audit|audit_act)\([^;"]*"([a-z_]+\.[a-z_]+)"/g)]);
  assert.ok(own.length > 10 && acts.size > 3, `too few were found: ${own} ${[...acts]}`);
  const missing = [...acts].filter((act) => !has(text, act) && !has(text, act.split(".")[1])).concat(own.filter((act) => !has(text, `account.${act}`) && !has(text, act)));
  assert.deepEqual(missing, [], "entries without words");
});

test("every remark of the intake of mails has words", async () => {
  const mail = await readFile(join(root, "hub/channel/mail/apply.cpp"), "utf8");
  const literal = /remarks\.(?:push|emplace)_back\(\s*(?:fmt::format\(\s*)?((?:"(?:[^"\\]|\\.)*"\s*)+)/g;
  const remarks = [...mail.matchAll(literal)].map((each) => [...each[1].matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((part) => part[1]).join(""));
  assert.ok(remarks.length >= 8, `only ${remarks.length} remarks were found; look for them elsewhere`);
  const words = await pages("ui/intake_words.ts");
  // What ends in a half sentence of its own is there with each of them.
  assert.deepEqual(remarks.filter((remark) => !words.includes(remark.replace(/, but \{\}\.$/, ", but "))), []);
});
