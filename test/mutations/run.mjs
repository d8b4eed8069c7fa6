#!/usr/bin/env node
// `npm run mutations [-- --only 3,17] [--errors] [--readme]`: breaks the code on purpose, one place at a time, and says whether
// a test noticed (`--errors`: with which error). A mutation is made while Vitest reads the file: nothing on disk changes, so nothing has to be put back when this is
// interrupted. The tests of a mutation have to pass without it first.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ensureSetup } from "../../apps/cli/bin/setup.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const readme = fileURLToPath(new URL("README.md", import.meta.url));
/** A test that hangs has noticed, too; far longer than any of them takes. */
const TIMEOUT_MS = 60_000;

const SECTION = "## The last run";
const HEAD =
  "| # | file | broken so | a reader or operator would see | noticed by | ms |\n|--:|---|---|---|---|--:|";

const OPTIONS = {
  ...{ root, watch: false, silent: true, reporters: [{}] },
  ...{ testTimeout: TIMEOUT_MS, hookTimeout: TIMEOUT_MS },
};

const { values } = parseArgs({
  options: { only: { type: "string" }, readme: { type: "boolean" }, errors: { type: "boolean" } },
});
await ensureSetup();
const { createVitest } = await import("vitest/node");
/** The run without mutations; its PostgreSQL server serves the others too. */
let pristine;
let running;
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    interrupted = true;
    running?.cancelCurrentRun("keyboard-input");
  });
}
try {
  process.exitCode = await main();
} finally {
  await pristine?.close();
}
process.exit();

async function main() {
  const chosen = pick(await readTable(), values.only);
  pristine = await createVitest("test", OPTIONS);
  const { passed, failed, broken } = await start(pristine, [
    ...new Set(chosen.flatMap(({ tests }) => tests)),
  ]);
  if (failed !== null || broken !== null || passed === 0) {
    process.stderr.write(`without any mutation: ${failed ?? broken ?? "no test ran"}\n`);
    return 1;
  }
  process.stdout.write(`without any mutation: ${passed} passed\n\n${HEAD}\n`);
  const rows = [];
  for (const mutation of chosen) {
    if (interrupted) return 130;
    const result = await judge(mutation);
    if (interrupted) return 130;
    rows.push({ ...mutation, ...result });
    process.stdout.write(`${rowOf(rows.at(-1))}\n`);
  }
  const survived = rows.filter(({ killedBy }) => killedBy === null).length;
  process.stdout.write(`\n${rows.length - survived} killed, ${survived} survived\n`);
  if (values.readme) writeReadme(rows, survived);
  return survived === 0 ? 0 : 1;
}

async function readTable() {
  const vitest = await createVitest("test", { root, watch: false });
  try {
    return (await vitest.import(`${root}test/mutations/table.ts`)).MUTATIONS;
  } finally {
    await vitest.close();
  }
}

function pick(mutations, only) {
  const numbered = mutations.map((mutation, place) => ({ ...mutation, number: place + 1 }));
  if (only === undefined) return numbered;
  const wanted = only.split(",").map(Number);
  const unknown = wanted.filter((number) => numbered[number - 1] === undefined);
  if (unknown.length > 0) {
    process.stderr.write(`--only takes numbers from 1 to ${mutations.length}, such as 3,17\n`);
    process.exit(2);
  }
  return numbered.filter(({ number }) => wanted.includes(number));
}

/** Runs the test files of a mutation one after the other, until one of them notices. */
async function judge({ file, from, to, tests, named }) {
  const began = performance.now();
  let killedBy = null;
  for (const test of tests) {
    const { passed, failed, error, reached, broken } = await runMutated(test, { file, from, to }, named);
    if (failed === null && broken !== null) throw new Error(`${file} with '${to}': ${broken}`);
    if (failed === null && passed === 0) throw new Error(`${test}: no test is named ${named}`);
    if (!reached) throw new Error(`${test} does not load ${file}`);
    killedBy = failed;
    if (killedBy !== null && values.errors) process.stderr.write(`  ${error}\n`);
    if (killedBy !== null || interrupted) break;
  }
  return { killedBy, ms: Math.round(performance.now() - began) };
}

/** Runs a test file with a mutation. */
async function runMutated(test, mutation, named) {
  let reached = false;
  const plugin = {
    name: "mutation",
    enforce: "pre",
    transform(text, id) {
      if (!id.split("?")[0].endsWith(`/${mutation.file}`)) return null;
      reached = true;
      return text.replace(mutation.from, () => mutation.to);
    },
  };
  const provide = pristine.getRootProject().getProvidedContext();
  const pattern = named === undefined ? {} : { testNamePattern: named };
  const options = { ...OPTIONS, ...pattern, bail: 1, globalSetup: [], provide };
  const vitest = await createVitest("test", options, { plugins: [plugin] });
  try {
    return { ...(await start(vitest, [test])), reached };
  } finally {
    await vitest.close();
  }
}

/** Runs test files; gives the first failure of a test, and what is broken outside of tests. */
async function start(vitest, files) {
  running = vitest;
  const { testModules, unhandledErrors } = await vitest.start(files);
  running = undefined;
  const tests = testModules.flatMap((module) => [...module.children.allTests()]);
  const failed = tests.find((test) => test.result().state === "failed");
  const suites = testModules.flatMap((module) => [module, ...module.children.allSuites()]);
  const errors = [...suites.flatMap((part) => part.errors()), ...unhandledErrors];
  return {
    passed: tests.filter((test) => test.result().state === "passed").length,
    failed: failed?.fullName ?? null,
    error: failed?.result().errors[0]?.message.split("\n")[0],
    broken: errors[0]?.message ?? null,
  };
}

function rowOf({ number, file, from, to, why, killedBy, ms }) {
  const [before, after] = different(from, to);
  const change = after === "" ? `without ${code(before)}` : `${code(before)} → ${code(after)}`;
  const cells = [number, file.replace("/src/", " "), change, why, killedBy ?? "**survived**", ms];
  return `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
}

/** What differs in two texts, word by word, with a word on both sides. */
function different(from, to) {
  const [a, b] = [from, to].map((text) => text.trim().split(/\s+/));
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return [a, b].map((words) =>
    words.slice(Math.max(0, start - 2), words.length - Math.max(0, end - 2)).join(" "),
  );
}

function code(text) {
  return `\`${text}\``;
}

/** Writes the section at the end, as the formatter wants it. */
function writeReadme(rows, survived) {
  const [before] = readFileSync(readme, "utf8").split(SECTION);
  const sum = `${rows.length - survived} killed, ${survived} survived.`;
  writeFileSync(readme, `${before}${SECTION}\n\n${sum}\n\n${[HEAD, ...rows.map(rowOf)].join("\n")}\n`);
  spawnSync("npx", ["biome", "format", "--write", readme], { cwd: root, stdio: "ignore" });
}
