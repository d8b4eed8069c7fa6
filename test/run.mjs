#!/usr/bin/env node
// `npm test`: makes the clone ready, runs every suite that can run here (or those that match the arguments, as
// Vitest takes them), and ends with one plain line, `N passed, N failed`. Plain Node, since it runs before
// anything is installed.
import { fileURLToPath } from "node:url";
import { ensureSetup } from "../apps/cli/bin/setup.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));

try {
  await ensureSetup();
} catch (error) {
  process.stderr.write(`npm test: ${error.message}\n`);
  await finish({ code: 1, last: "0 passed, 1 failed" });
}
await finish(await run(process.argv.slice(2)));

async function run(args) {
  const { createVitest, parseCLI } = await import("vitest/node");
  const { filter, options } = parseCLI(["vitest", "run", ...args]);
  const vitest = await createVitest("test", { ...options, root, watch: false });
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => vitest.cancelCurrentRun("keyboard-input"));
  }
  try {
    const { exitCode, tally, tallyLine } = await vitest.import(`${root}test/harness/tally.ts`);
    const { testModules, unhandledErrors } = await start(vitest, filter);
    const sum = tally(testModules, unhandledErrors);
    for (const name of sum.leftOut) process.stdout.write(`not run: ${name}\n`);
    if (sum.skipped > 0) process.stdout.write(`${sum.skipped} skipped\n`);
    return { code: exitCode(sum), last: tallyLine(sum) };
  } catch (error) {
    process.stderr.write(`${error.stack ?? error}\n`);
    return { code: 1, last: "0 passed, 1 failed" };
  } finally {
    await vitest.close();
  }
}

async function start(vitest, filter) {
  try {
    return await vitest.start(filter);
  } catch (error) {
    if (error.code !== "VITEST_FILES_NOT_FOUND") throw error;
    return { testModules: [], unhandledErrors: [] };
  }
}

/** Exits once the line is out: a child that lingers must not delay the result. */
function finish({ code, last }) {
  return new Promise(() => process.stdout.write(`${last}\n`, () => process.exit(code)));
}
