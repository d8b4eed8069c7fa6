// Writes the Prisma client. The generator never runs the schema engine, yet asks for its binary and would
// download one: an executable that does nothing satisfies it, and generation works without a network.
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const prisma = join(dirname(createRequire(import.meta.url).resolve("prisma/package.json")), "build/index.js");
const { status, stdout, stderr } = spawnSync(process.execPath, [prisma, "generate"], {
  cwd: root,
  encoding: "utf8",
  env: {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: "/bin/true",
    PRISMA_HIDE_UPDATE_MESSAGE: "1",
    CHECKPOINT_DISABLE: "1",
  },
});
if (status !== 0) {
  process.stderr.write(stdout + stderr);
  process.exit(status ?? 1);
}
