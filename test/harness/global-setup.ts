import { chmodSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate, useEmbeddedPostgres } from "@paperboy/db";
import { createRenderer } from "@paperboy/mail";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { TEMPLATES } from "./templates.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Connection string of the run's PostgreSQL server, database `paperboy`, migrated. */
    postgresUrl: string;
  }
}

const NAME = "paperboy-test-";

/** One throw-away PostgreSQL server for a run; its migrated database is the template of every test's own. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const memory = roomInMemory();
  if (memory !== undefined) clearLeftovers(memory);
  const directory = mkdtempSync(join(memory ?? tmpdir(), NAME));
  chmodSync(directory, 0o755);
  const settings = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_connections=400",
  ];
  const postgres = await useEmbeddedPostgres({ directory, settings });
  await migrate(postgres.url);
  await createRenderer(TEMPLATES); // compiles them, once for all suites
  await allowAsTemplate(postgres.url);
  project.provide("postgresUrl", postgres.url);
  return async () => {
    await postgres.release();
    rmSync(directory, { recursive: true, force: true });
  };
}

/** The databases of a run together hardly get this large. */
const ROOM = 4 * 2 ** 30;

/** Where files lie in memory, when there is such a place and room in it: to copy a database takes a tenth of the time there. */
function roomInMemory(): string | undefined {
  try {
    const { bavail, bsize } = statfsSync("/dev/shm");
    return bavail * bsize >= ROOM ? "/dev/shm" : undefined;
  } catch {
    return undefined; // not on this system
  }
}

/** What runs left that were killed would stay in memory; none takes an hour. */
function clearLeftovers(memory: string): void {
  const anHourAgo = Date.now() - 3_600_000;
  for (const name of readdirSync(memory).filter((each) => each.startsWith(NAME))) {
    const path = join(memory, name);
    const { birthtimeMs = Date.now() } = statSync(path, { throwIfNoEntry: false }) ?? {};
    if (birthtimeMs < anHourAgo) rmSync(path, { recursive: true, force: true });
  }
}

/** A database can be copied only while nobody is connected to it, so from here on nobody may be. */
async function allowAsTemplate(url: string): Promise<void> {
  const admin = new URL(url);
  admin.pathname = "/postgres";
  const client = new pg.Client({ connectionString: admin.href });
  await client.connect();
  await client.query("ALTER DATABASE paperboy IS_TEMPLATE true ALLOW_CONNECTIONS false");
  const { rows } = await client.query(
    "SELECT application_name, state, query FROM pg_stat_activity WHERE datname = 'paperboy' AND backend_type = 'client backend'",
  );
  await client.end();
  if (rows.length > 0) throw new Error(`migrating left connections open: ${JSON.stringify(rows)}`);
}
