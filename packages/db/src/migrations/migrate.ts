import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { DatabaseUnavailable } from "../errors.ts";
import { readMigrations } from "./migration-files.ts";

/** Any number that nothing else of ours locks. */
const MIGRATION_LOCK = 7_290_001;

/**
 * Brings a database to the newest schema. Safe to call from many processes at once: one migrates, the
 * others wait and find nothing to do. Migrations are recorded as `prisma migrate deploy` would.
 *
 * @returns the names of the migrations applied just now.
 * @throws DatabaseUnavailable when the database cannot be reached or is newer than this program.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  client.on("error", () => {}); // reported by the query it breaks
  await client.connect().catch((error) => {
    throw new DatabaseUnavailable(`DATABASE_URL: the database cannot be reached (${describe(error)})`);
  });
  try {
    await client.query("SELECT pg_advisory_lock($1)", [MIGRATION_LOCK]);
    return await applyMissing(client, databaseUrl);
  } finally {
    await client.end();
  }
}

async function applyMissing(client: pg.Client, databaseUrl: string): Promise<string[]> {
  const migrationsList = await readMigrations();
  const onDisk = migrationsList.migrationDirectories.map((migration) => migration.path);
  const applied = await appliedMigrations(client);
  const unknown = [...applied].filter((name) => !onDisk.includes(name));
  if (unknown.length > 0) {
    throw new DatabaseUnavailable(
      `the database is newer than this Paperboy: it has the migration ${unknown[0]}`,
    );
  }
  if (onDisk.every((name) => applied.has(name))) return [];
  return applyInChild(databaseUrl);
}

const APPLY = fileURLToPath(new URL("../../bin/apply-migrations.mjs", import.meta.url));

async function applyInChild(databaseUrl: string): Promise<string[]> {
  const child = spawn(process.execPath, [APPLY], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(databaseUrl);
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
  const { applied, error } = said === "" ? {} : (JSON.parse(said) as { applied?: string[]; error?: string });
  if (applied !== undefined) return applied;
  throw new DatabaseUnavailable(`the database could not be migrated: ${error ?? `exit code ${code}`}`);
}

async function appliedMigrations(client: pg.Client): Promise<Set<string>> {
  const { rows: found } = await client.query("SELECT to_regclass('_prisma_migrations') AS name");
  if (found[0].name === null) return new Set();
  const { rows } = await client.query(
    "SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL",
  );
  return new Set(rows.map((row) => row.migration_name as string));
}

const describe = (error: unknown) => (error as { code?: string }).code ?? (error as Error).message;
