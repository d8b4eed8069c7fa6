#!/usr/bin/env node
// `npm run bench -- <name>`: makes the clone ready, compiles the benchmarks and runs one. Plain Node, since it runs
// before anything is installed.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ensureSetup } from "../../apps/cli/bin/setup.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "../../node_modules/.cache/paperboy/bench");

await ensureSetup();
compile();
const { main } = await import(pathToFileURL(join(out, "bench/main.js")).href);
await main(process.argv.slice(2));

function compile() {
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  mkdirSync(out, { recursive: true });
  if (!existsSync(join(out, "package.json"))) writeFileSync(join(out, "package.json"), '{"type":"module"}');
  const { status } = spawnSync(process.execPath, [tsc, "-p", here], { stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(1);
}
