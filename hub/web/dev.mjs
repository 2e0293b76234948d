// The pages while they are being written: node dev.mjs [--hub http://127.0.0.1:8080] [--port 5173] [--token TOKEN]
// Builds at every change and hands everything else (the API, the stream) on to a running hub. With --token each
// request goes as that token's owner, without signing in.
import { context } from "esbuild";
import http from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { tmpdir } from "node:os";
import { options, prepare, writePage } from "./build.mjs";

function argument(name, fallback) {
  const at = process.argv.indexOf("--" + name);
  return at > 0 ? process.argv[at + 1] : fallback;
}
const hub = new URL(argument("hub", "http://127.0.0.1:8080"));
const port = Number(argument("port", "5173"));
const token = argument("token", "");
const out = join(tmpdir(), `ombud-pages-${port}`);

await prepare(out);
const builder = await context({
  ...options(out, true),
  plugins: [{ name: "page", setup: (b) => b.onEnd((r) => (r.metafile ? writePage(out, r.metafile) : undefined)) }],
});
await builder.watch();

const types = { ".js": "text/javascript", ".css": "text/css", ".html": "text/html; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png", ".webmanifest": "application/manifest+json", ".map": "application/json" };
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

function handOn(request) {
  const headers = { ...request.headers, host: hub.host };
  if (headers.origin) headers.origin = hub.origin;
  if (token) headers.authorization = `Bearer ${token}`;
  return http.request({ host: hub.hostname, port: hub.port, method: request.method, path: request.url, headers });
}

const server = http.createServer(async (request, response) => {
  const path = new URL(request.url, "http://x").pathname;
  if (/^\/(api|auth|hooks|tmf-api|healthz|readyz|metrics)(\/|$)/.test(path)) {
    const asked = handOn(request);
    asked.on("response", (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    asked.on("error", (error) => {
      response.writeHead(502, { "content-type": "application/problem+json" });
      response.end(JSON.stringify({ status: 502, title: "Bad Gateway", detail: `The hub at ${hub.origin} does not answer: ${error.message}` }));
    });
    request.pipe(asked);
    return;
  }
  const file = extname(path) && !path.includes("..") ? path : "/index.html";
  try {
    const bytes = await readFile(join(out, file));
    response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream", "cache-control": "no-cache", "content-security-policy": policy });
    response.end(bytes);
  } catch {
    response.writeHead(404).end("not found");
  }
});
server.on("upgrade", (request, socket, head) => {
  const asked = handOn(request);
  asked.on("upgrade", (answer, peer, peerHead) => {
    const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`);
    peer.write(head);
    socket.write(peerHead);
    peer.pipe(socket).pipe(peer);
    for (const end of [peer, socket]) end.on("error", () => { peer.destroy(); socket.destroy(); });
  });
  asked.on("response", (answer) => socket.end(`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\n\r\n`));
  asked.on("error", () => socket.destroy());
  asked.end();
});
server.listen(port, "127.0.0.1", () => console.log(`pages: http://127.0.0.1:${port}  hub: ${hub.origin}`));
