import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("./", import.meta.url));

export default defineConfig({
  // An alias and not an export condition, because global set-up knows no conditions: tests read sources, not builds.
  resolve: {
    alias: [
      { find: "@paperboy/sources/arxiv", replacement: `${root}packages/sources/src/arxiv/policy.ts` },
      { find: /^@paperboy\/(core|db|queue|mail|sources)$/, replacement: `${root}packages/$1/src/index.ts` },
      { find: /^@paperboy\/(api|worker|cli)$/, replacement: `${root}apps/$1/src/index.ts` },
    ],
  },
  test: {
    include: ["packages/*/test/**/*.test.ts", "apps/*/test/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["test/harness/global-setup.ts"],
    // Suites wait for other processes much of the time; and each file in a process of its own would spend more time on
    // loading than on testing. No suite changes anything of its process but its own servers, which it closes.
    maxWorkers: availableParallelism() + 1,
    isolate: false,
    // Nothing is judged by its time: this ends what hangs, also on a machine that is busy with something else.
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
