import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { PROJECT_DIRECTORY } from "../runtime/project-files.ts";
import { UsageError } from "../usage-error.ts";

/**
 * Runs a benchmark in a process of its own, as `npm run bench` does.
 *
 * @returns its exit code.
 */
export function runBench(args: readonly string[]): number {
  const runner = `${PROJECT_DIRECTORY}test/bench/run.mjs`;
  if (!existsSync(runner)) throw new UsageError("the benchmarks are not part of this installation");
  return spawnSync(process.execPath, [runner, ...args], { stdio: "inherit" }).status ?? 1;
}
