import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("./", import.meta.url));

export default defineConfig({
  // An alias and not an export condition, because global set-up knows no conditions: tests read sources, not builds.
  resolve: {
    alias: [
      { find: /^@paperboy\/(core|db|queue|mail|sources)$/, replacement: `${root}packages/$1/src/index.ts` },
      { find: /^@paperboy\/(api|worker|cli)$/, replacement: `${root}apps/$1/src/index.ts` },
    ],
  },
  test: {
    include: ["packages/*/test/**/*.test.ts", "apps/*/test/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["test/harness/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
