import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate, useEmbeddedPostgres } from "@paperboy/db";
import pg from "pg";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    /** Connection string of the run's PostgreSQL server, database `paperboy`, migrated. */
    postgresUrl: string;
  }
}

/** One throw-away PostgreSQL server for a run; its migrated database is the template of every test's own. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = mkdtempSync(join(tmpdir(), "paperboy-test-"));
  chmodSync(directory, 0o755);
  const settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=400"];
  const postgres = await useEmbeddedPostgres({ directory, settings });
  await migrate(postgres.url);
  await allowAsTemplate(postgres.url);
  project.provide("postgresUrl", postgres.url);
  return async () => {
    await postgres.release();
    rmSync(directory, { recursive: true, force: true });
  };
}

async function allowAsTemplate(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("ALTER DATABASE paperboy IS_TEMPLATE true");
  await client.end();
}
