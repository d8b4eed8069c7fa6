import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { explainFailure, type Places } from "@paperboy/core";
import pg from "pg";
import { DatabaseUnavailable } from "../errors.ts";
import { LOCKS } from "../store/locks.ts";
import { readMigrations } from "./migration-files.ts";

const CONFIGURED: Places = { database: "DATABASE_URL" };

/**
 * Brings a database to the newest schema. Safe to call from many processes at once: one migrates, the
 * others wait and find nothing to do. Migrations are recorded as `prisma migrate deploy` would.
 *
 * @param places names the setting in what is thrown.
 * @returns the names of the migrations applied just now.
 * @throws DatabaseUnavailable when the database cannot be reached or is newer than this program.
 */
export async function migrate(databaseUrl: string, places: Places = CONFIGURED): Promise<string[]> {
  return withMigrations(databaseUrl, places, async (client) => {
    await client.query("SELECT pg_advisory_lock($1)", [LOCKS.migrations]);
    const { missing } = await compareMigrations(client, places);
    return missing.length === 0 ? [] : applyInChild(databaseUrl, places);
  });
}

/**
 * Looks whether a database has the schema of this program, and changes nothing of one that holds data: other processes may
 * still run an older version on it. An empty one gets the schema.
 *
 * @returns the names of the migrations applied just now.
 * @throws DatabaseUnavailable when the database cannot be reached, or is older or newer than this program.
 */
export async function requireSchema(databaseUrl: string, places: Places = CONFIGURED): Promise<string[]> {
  const { applied, missing } = await withMigrations(databaseUrl, places, (client) =>
    compareMigrations(client, places),
  );
  if (missing.length === 0) return [];
  if (applied === 0) return migrate(databaseUrl, places);
  const count = missing.length === 1 ? "the migration" : `${missing.length} migrations, the first`;
  throw new DatabaseUnavailable(
    `${places.database}: the database is older than this Paperboy: it lacks ${count} ${missing[0]}; ` +
      "make a backup, stop what runs on it, and run `paperboy migrate`",
  );
}

async function withMigrations<Result>(
  databaseUrl: string,
  places: Places,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = clientOf(databaseUrl, places);
  client.on("error", () => {}); // reported by the query it breaks
  await client.connect().catch((error) => {
    throw unavailable(error, "the database cannot be reached", places);
  });
  try {
    return await work(client);
  } catch (error) {
    if (error instanceof DatabaseUnavailable) throw error;
    throw unavailable(error, "the database cannot be migrated", places);
  } finally {
    await client.end();
  }
}

/** Nothing of an address that cannot be read is repeated: it may hold a password. */
function clientOf(databaseUrl: string, { database }: Places): pg.Client {
  try {
    if (!/^postgres(ql)?:$/.test(new URL(databaseUrl).protocol)) throw new TypeError("another protocol");
    return new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  } catch {
    throw new DatabaseUnavailable(
      `${database} must look like postgresql://user:password@host:5432/database, with %23 for a # in the password and so on`,
    );
  }
}

/** How many migrations a database has, and which it lacks. */
async function compareMigrations(
  client: pg.Client,
  { database }: Places,
): Promise<{ readonly applied: number; readonly missing: readonly string[] }> {
  const migrationsList = await readMigrations();
  const onDisk = migrationsList.migrationDirectories.map((migration) => migration.path);
  const applied = await appliedMigrations(client);
  const unknown = [...applied].filter((name) => !onDisk.includes(name));
  if (unknown.length > 0) {
    throw new DatabaseUnavailable(
      `${database}: the database is newer than this Paperboy: it has the migration ${unknown[0]}; run the version that ` +
        "wrote it, or restore the backup from before the upgrade",
    );
  }
  return { applied: applied.size, missing: onDisk.filter((name) => !applied.has(name)) };
}

const APPLY = fileURLToPath(new URL("../../bin/apply-migrations.mjs", import.meta.url));

async function applyInChild(databaseUrl: string, { database }: Places): Promise<string[]> {
  const child = spawn(process.execPath, [APPLY, database], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(databaseUrl);
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
  const { applied, error } = said === "" ? {} : (JSON.parse(said) as { applied?: string[]; error?: string });
  if (applied !== undefined) return applied;
  throw new DatabaseUnavailable(error ?? `${database}: the database cannot be migrated (exit code ${code})`);
}

async function appliedMigrations(client: pg.Client): Promise<Set<string>> {
  const { rows: found } = await client.query("SELECT to_regclass('_prisma_migrations') AS name");
  if (found[0].name === null) return new Set();
  const { rows } = await client.query(
    "SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL",
  );
  return new Set(rows.map((row) => row.migration_name as string));
}

function unavailable(error: unknown, what: string, places: Places): DatabaseUnavailable {
  const says = explainFailure(error, places) ?? `${places.database}: ${what} (${(error as Error).message})`;
  return new DatabaseUnavailable(says, { cause: error });
}
