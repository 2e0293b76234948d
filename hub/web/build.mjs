// Builds the pages: node build.mjs --out DIRECTORY [--dev]
// DIRECTORY gets index.html, manifest.webmanifest, icons/ and assets/<name>-<hash>.<ext>, each with a .br and
// a .gz beside it. Nothing of an earlier build stays.
import { build } from "esbuild";
import { mkdir, readFile, readdir, rm, stat, writeFile, cp } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync, constants } from "node:zlib";

const here = fileURLToPath(new URL(".", import.meta.url));

// What esbuild is told, for a release and for dev.mjs alike.
export function options(out, dev) {
  return {
    absWorkingDir: here,
    entryPoints: { main: "src/main.tsx", early: "src/early.ts", style: "src/style.css" },
    outdir: join(out, "assets"),
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    target: ["es2022", "chrome111", "firefox114", "safari16.4"],
    minify: !dev,
    sourcemap: dev,
    metafile: true,
    legalComments: "linked",
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { "process.env.NODE_ENV": dev ? '"development"' : '"production"' },
    logLevel: "warning",
  };
}

// index.html with the hashed names of this build in it.
export async function writePage(out, metafile) {
  const named = {};
  for (const [file, about] of Object.entries(metafile.outputs)) {
    if (about.entryPoint) named[about.entryPoint] = "/" + relative(out, join(here, file)).replaceAll("\\", "/");
  }
  const page = await readFile(join(here, "src/index.html"), "utf8");
  const filled = page.replace(/\{\{(.+?)\}\}/g, (_, entry) => {
    if (!named[entry]) throw new Error(`src/index.html names ${entry}, which is not an entry point`);
    return named[entry];
  });
  await writeFile(join(out, "index.html"), filled);
}

async function compress(folder) {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if ((await stat(path)).isDirectory()) {
      await compress(path);
    } else if (/\.(js|css|html|svg|webmanifest|txt)$/.test(name)) {
      const bytes = await readFile(path);
      await writeFile(path + ".gz", gzipSync(bytes, { level: 9 }));
      await writeFile(path + ".br", brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
    }
  }
}

export async function prepare(out) {
  await rm(out, { recursive: true, force: true });
  await mkdir(join(out, "assets"), { recursive: true });
  await cp(join(here, "public"), out, { recursive: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf("--out");
  const out = at > 0 ? process.argv[at + 1] : undefined;
  if (!out) {
    console.error("usage: node build.mjs --out DIRECTORY [--dev]");
    process.exit(2);
  }
  const absolute = join(process.cwd(), out).startsWith(out) ? out : new URL(out, `file://${process.cwd()}/`).pathname;
  await prepare(absolute);
  const result = await build(options(absolute, process.argv.includes("--dev")));
  await writePage(absolute, result.metafile);
  await compress(absolute);
}
