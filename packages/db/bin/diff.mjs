// npm run db:diff -- <name>: writes a new migration from prisma/schema.prisma, on a throw-away Postgres.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureSetup } from "../../../apps/cli/bin/setup.mjs";

const name = process.argv[2];
if (!name) {
  process.stderr.write("usage: npm run db:diff -- <name>\n");
  process.exit(2);
}
await ensureSetup();
const { useEmbeddedPostgres, writeMigration } = await import("../dist/index.js");
const directory = mkdtempSync(join(tmpdir(), "paperboy-diff-"));
chmodSync(directory, 0o755);
const postgres = await useEmbeddedPostgres({ directory });
try {
  const folder = await writeMigration(postgres.url, name, new Date());
  process.stdout.write(
    folder ? `prisma/migrations/${folder}/migration.sql\n` : "the schema has not changed\n",
  );
} catch (error) {
  process.stderr.write(`paperboy: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  await postgres.release();
  rmSync(directory, { recursive: true, force: true });
}
