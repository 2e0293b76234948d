// A whole small world for the pages: a hub, a supplier with Redmine's interface, one that is down, the users' mailbox,
// two customers, their people and the provider's, some tickets, notices and articles.
//
//   const world = await startWorld();            // ports of its own, a temporary directory
//   world.url, world.accounts.agent, await world.api("agent").post("/tickets", {…})
//   await world.stop();
//
// By hand: node world.mjs [--port 8080] [--many N]  keeps it running and prints where it is and who may sign in.
import { spawn } from "node:child_process";
import { mkdtemp, mkdir, rm, writeFile, readFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const bin = process.env.OMBUD_BIN ?? join(root, ".build/release/bin");
const connectors = process.env.OMBUD_CONNECTORS ?? join(bin, "../connectors");

// Nobody's secret: known to everybody who reads this.
export const password = "krusbär på hallonbuske";
export const accounts = {
  user: { email: "eva@acme.example", name: "Eva Ek", customer: "acme", role: "user" },
  approver: { email: "nils@acme.example", name: "Nils Nord", customer: "acme", role: "approver" },
  manager: { email: "karin@acme.example", name: "Karin Kvist", customer: "acme", role: "manager" },
  neighbour: { email: "omar@granby.example", name: "Omar Öberg", customer: "granby", role: "user" },
  agent: { email: "anna@desk.example", name: "Anna Alm", agent: "anna", role: "agent" },
  second: { email: "bo@desk.example", name: "Bo Berg", agent: "bo", role: "agent" },
  lead: { email: "lena@desk.example", name: "Lena Lind", agent: "lena", role: "lead" },
  operator: { email: "ola@desk.example", name: "Ola Ottosson", agent: "ola", role: "operator" },
  admin: { email: "ada@desk.example", name: "Ada Alfredsson", agent: "ada", role: "admin" },
};

const organisation = `
[[team]]
id = "network"
name = "Nätverk"
${["anna", "bo", "lena", "ola", "ada"].map((id) => {
  const who = Object.values(accounts).find((each) => each.agent === id);
  return `[[agent]]\nid = "${id}"\nname = "${who.name}"\nteam = "${id === "bo" ? "network" : "desk"}"\nemail = "${who.email}"\n`;
}).join("\n")}
[[customer]]
id = "acme"
name = "Acme AB"
mail_domains = ["acme.example"]
language = "sv"
[[customer]]
id = "granby"
name = "Granby kommun"
mail_domains = ["granby.example"]
language = "sv"
${Object.values(accounts).filter((each) => each.customer).map((each) => `[[user]]\ncustomer = "${each.customer}"\nname = "${each.name}"\nemail = "${each.email}"\nphone = "+46 70 000 00 01"\napprover = ${each.role === "approver"}\n`).join("\n")}
[[service]]
id = "print"
name = "Utskrift"
words = ["skrivare", "skrivaren", "toner"]
[[service]]
id = "network"
name = "Nätverk"
words = ["vpn", "wifi", "nätverket"]
[[service]]
id = "workplace"
name = "Arbetsplats"
words = ["dator", "datorn", "skärm"]
[[agreement]]
customer = "acme"
link = "skrivarpartner"
services = ["print"]
share = ["subject", "description", "service", "messages", "attachments"]
relay = "agent"
delegate = "agent"
resolve_within = "8h"
[[agreement]]
customer = "granby"
link = "drift"
services = ["network"]
share = ["subject", "description", "messages", "priority"]
relay = "auto"
delegate = "auto"
resolve_within = "4h"
`;

async function freePort() {
  return new Promise((done, failed) => {
    const server = createServer();
    server.on("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

async function until(what, seconds, check) {
  const end = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < end) {
    try {
      if (await check()) return;
    } catch (failed) {
      last = failed;
    }
    await new Promise((again) => setTimeout(again, 50));
  }
  throw new Error(`after ${seconds} s still not so: ${what}${last ? ` (${last.message})` : ""}`);
}

// A mail as a user's server hands it in: `lines` are its own, joined as they stand.
export async function handInMail(port, { from, to, lines }) {
  const socket = connect(port, "127.0.0.1");
  let heard = "";
  let more = () => {};
  socket.on("data", (bytes) => {
    heard += bytes;
    more();
  });
  const answer = async (code) => {
    while (!/^\d{3} .*\r\n/m.test(heard)) await new Promise((resume, failed) => ((more = resume), socket.once("error", failed)));
    const said = heard;
    heard = "";
    if (!said.split("\r\n").some((line) => line.startsWith(`${code} `))) throw new Error(`not ${code}: ${said}`);
  };
  const say = async (line, code) => {
    socket.write(`${line}\r\n`);
    await answer(code);
  };
  try {
    await answer(220);
    await say("EHLO mx.acme.example", 250);
    await say(`MAIL FROM:<${from}>`, 250);
    await say(`RCPT TO:<${to}>`, 250);
    await say("DATA", 354);
    await say(`${lines.map((line) => (line.startsWith(".") ? `.${line}` : line)).join("\r\n")}\r\n.`, 250);
    await say("QUIT", 221);
  } finally {
    socket.destroy();
  }
}

// `mail`: more lines of the section [mail].
export async function startWorld({ port = 0, keep = false, mail = "" } = {}) {
  const directory = await mkdtemp(join(tmpdir(), "ombud-web."));
  const http = port || (await freePort());
  const [rest, nowhere, smtp, mailbox, mailboxControl] = await Promise.all([1, 2, 3, 4, 5].map(freePort));
  const children = [];
  const start = (name, program, ...words) => {
    const child = spawn(join(bin, program), words, { env: { ...process.env, OMBUD_CONNECTORS: connectors }, stdio: ["ignore", "pipe", "pipe"] });
    const log = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => log.push(String(text)));
    child.ended = new Promise((done) => child.on("exit", done));
    child.said = () => log.join("");
    child.name = name;
    children.push(child);
    return child;
  };
  await mkdir(join(directory, "config/suppliers/secrets"), { recursive: true });
  await mkdir(join(directory, "data"));
  const write = (name, text) => writeFile(join(directory, "config", name), text, { mode: 0o600 });
  await write("ombud.toml", `
[desk]
name = "Servicedesk"
email = "desk@desk.example"
domain = "desk.example"
[http]
listen = "127.0.0.1:${http}"
public_url = "http://127.0.0.1:${http}"
[mail]
listen = "127.0.0.1:${smtp}"
protocol = "smtp"
addresses = ["support@desk.example"]
${mail}
[data]
directory = "../data"
[delivery]
poll_every = "1s"
soft_deadline = "10s"
settle = "300ms"
drain_grace = "1s"
`);
  await write("suppliers/secrets/key", "example-key\n");
  const redmine = (name, at) => `
supplier = "${name}"
connector = "rest"
[settings]
profile = "redmine"
url = "http://127.0.0.1:${at}"
api_key = { file = "secrets/key" }
project = "support"
correlation_field = 7
poll_overlap_seconds = 2
`;
  await write("suppliers/skrivarpartner.toml", redmine("Skrivarpartner AB", rest));
  await write("suppliers/drift.toml", redmine("Drift AB", nowhere)); // nobody listens there
  await write("suppliers/mail-to-users.toml", `
supplier = "Mail to users"
connector = "email"
kind = "notices"
[settings]
from = "support@desk.example"
from_name = "Servicedesk"
domain = "desk.example"
[settings.smtp]
host = "127.0.0.1"
port = ${mailbox}
security = "none"
`);
  await write("organisation.toml", organisation);

  const url = `http://127.0.0.1:${http}`;
  const world = {
    url,
    directory,
    accounts,
    password,
    supplier: `http://127.0.0.1:${rest}`,
    mailbox: `http://127.0.0.1:${mailboxControl}`,
    smtp,
    // The command line on this machine: what it printed.
    ombud: (...words) => run(words),
    api,
    stop,
  };

  function run(words, input = "") {
    return new Promise((done, failed) => {
      const child = spawn(join(bin, "ombud"), ["--config", join(directory, "config"), ...words], { env: { ...process.env, OMBUD_CONNECTORS: connectors }, stdio: ["pipe", "pipe", "pipe"] });
      let out = "";
      let err = "";
      child.stdout.on("data", (text) => (out += text));
      child.stderr.on("data", (text) => (err += text));
      child.on("exit", (code) => (code === 0 ? done(out) : failed(new Error(`ombud ${words.join(" ")}: ${code}\n${out}${err}`))));
      child.stdin.end(input);
    });
  }

  // The API as one of the accounts, by a session of its own; "local" is the machine's own administrator.
  const sessions = {};
  function api(who = "local") {
    const call = async (method, path, body) => {
      const headers = { Accept: "application/json" };
      if (who === "local") {
        const local = JSON.parse(await readFile(join(directory, "data/run/local.json"), "utf8"));
        headers.Authorization = `Bearer ${local.token}`;
      } else {
        sessions[who] ??= await signIn(who);
        headers.Cookie = sessions[who].cookie;
        headers["X-CSRF-Token"] = sessions[who].csrf;
      }
      if (body !== undefined) headers["Content-Type"] = "application/json";
      const answer = await fetch(`${url}/api/v1${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path} as ${who}: ${answer.status} ${text}`);
      return text ? JSON.parse(text) : undefined;
    };
    return { get: (path) => call("GET", path), post: (path, body = {}) => call("POST", path, body), put: (path, body) => call("PUT", path, body), patch: (path, body) => call("PATCH", path, body), delete: (path) => call("DELETE", path) };
  }
  async function signIn(who) {
    const answer = await fetch(`${url}/api/v1/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ email: accounts[who].email, password }),
    });
    if (!answer.ok) throw new Error(`${who} cannot sign in: ${answer.status} ${await answer.text()}`);
    const cookie = answer.headers.getSetCookie().map((each) => each.split(";")[0]).join("; ");
    return { cookie, csrf: (await answer.json()).csrf };
  }

  async function stop() {
    for (const child of [...children].reverse()) child.kill("SIGTERM");
    await Promise.all(children.map((child) => Promise.race([child.ended, new Promise((late) => setTimeout(() => late(child.kill("SIGKILL")), 8000).unref())])));
    if (!keep) await rm(directory, { recursive: true, force: true });
  }

  try {
    start("supplier", "example-redmine", "--port", String(rest), "--data", join(directory, "supplier.jsonl"), "--key", "example-key");
    start("mailbox", "example-mail-supplier", "--listen", String(mailbox), "--reply-to", `127.0.0.1:${smtp}`, "--data", join(directory, "mailbox.jsonl"), "--control", String(mailboxControl), "--name", "En användare");
    const hub = start("hub", "ombud", "serve", "--config", join(directory, "config"));
    world.hub = hub;
    await until("the hub answers", 20, async () => {
      if (hub.exitCode !== null) throw new Error(hub.said());
      return (await fetch(`${url}/readyz`)).ok && (await readFile(join(directory, "data/run/local.json"), "utf8")) !== "";
    });
    await run(["import", join(directory, "config/organisation.toml")]);
    const add = (who) => run(["account", "add", who.email, "--name", who.name, ...(who.agent ? ["--agent", who.agent] : ["--customer", who.customer]), "--role", who.role, "--password-file", "-"], `${password}\n`);
    await Promise.all(Object.values(accounts).map(add));
  } catch (failed) {
    for (const child of children) if (child.said()) console.error(`--- ${child.name}\n${child.said()}`);
    await stop();
    throw failed;
  }
  return world;
}

// Tickets, notices and articles, as a working day leaves them. `many`: that many plain tickets more.
export async function fillWorld(world, { many = 0 } = {}) {
  const eva = world.api("user");
  const omar = world.api("neighbour");
  const anna = world.api("agent");
  const said = async (ticket, text, more = {}) => anna.post(`/tickets/${ticket}/messages`, { text, ...more });

  const printer = await eva.post("/tickets", { subject: "Skrivaren på plan 3 äter papper", text: "Hej!\n\nSkrivaren vid köket på plan 3 har ätit papper sedan i morse. Jag har provat att stänga av och sätta på den.\n\nHälsningar\nEva", channel: "portal" });
  await said(printer.id, "Hej Eva! Tack för att du hör av dig. Vi tar hjälp av dem som sköter skrivarna och återkommer före lunch.");
  await said(printer.id, "Samma skrivare som i förra veckan. Serienummer SP-4411.", { visibility: "internal" });
  const delegation = await anna.post(`/tickets/${printer.id}/delegations`, { link: "skrivarpartner", brief: "Byt det som behövs; ni har servicen på den här skrivaren." });
  await until("the supplier has its copy", 20, async () => (await anna.get(`/delegations/${delegation.id}`)).external_id !== "");
  await said(printer.id, "Den står vid köket, nyckel finns i receptionen.", { visibility: "supplier", delegation: delegation.id });

  const vpn = await omar.post("/tickets", { subject: "VPN kopplar ner var tionde minut", text: "Sedan uppdateringen i går tappar jag anslutningen hela tiden.", priority: "high", channel: "portal" });
  const screen = await eva.post("/tickets", { subject: "Ny skärm till hemarbetsplatsen", text: "Jag skulle behöva en 27-tums skärm hemma.", kind: "order", channel: "portal" });
  await said(screen.id, "Hej Eva! Vill du ha den med höj- och sänkbart stativ?");
  const how = await eva.post("/tickets", { subject: "Hur skriver man ut dubbelsidigt?", text: "Finns det en inställning för det?", kind: "question", channel: "portal" });
  await said(how.id, "Välj Egenskaper, sedan Dubbelsidig. Sidan https://intranet.acme.example/utskrift visar det med bilder.");
  await anna.post(`/tickets/${how.id}/resolve`, { text: "Hoppas att det hjälpte!" });
  await world.api("lead").patch(`/tickets/${vpn.id}`, { agent: "bo", team: "network" }); // across teams

  const hostile = await eva.post("/tickets", {
    subject: `<img src=x onerror="document.title='broken'"> ${"mycket lång rubrik ".repeat(12)}`.slice(0, 235),
    text: `<script>document.title='broken'</script>\n[klicka](javascript:document.title='broken')\n\u202Etxet desrever\n${"långtordutanmellanslag".repeat(40)}`,
    channel: "portal",
  });
  const long = await eva.post("/tickets", { subject: "Inloggningen tar lång tid", text: "Det tar flera minuter varje morgon.", channel: "portal" });
  for (let i = 1; i <= 20; i++) {
    await said(long.id, `Vi har provat steg ${i} nu. Hur ser det ut hos dig?`);
    await eva.post(`/tickets/${long.id}/messages`, { text: `Efter steg ${i} är det ungefär likadant.` });
  }
  for (let i = 0; i < many; i++) await eva.post("/tickets", { subject: `Ärende nummer ${i + 1} om datorn`, text: "Den är långsam.", channel: "portal" });
  return { printer, delegation, vpn, screen, how, hostile, long };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const argument = (name, fallback) => {
    const at = process.argv.indexOf(`--${name}`);
    return at > 0 ? Number(process.argv[at + 1]) : fallback;
  };
  const world = await startWorld({ port: argument("port", 0) });
  const made = await fillWorld(world, { many: argument("many", 0) });
  console.log(`${world.url}\nOMBUD_WORLD=${world.directory}`);
  for (const [what, who] of Object.entries(accounts)) console.log(`  ${what.padEnd(10)} ${who.email}`);
  console.log(`  password: ${password}\n  tickets: ${Object.entries(made).map(([name, each]) => `${name} ${each.id}`).join(", ")}\nCtrl-C ends it.`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, async () => {
    await world.stop();
    process.exit(0);
  });
}
