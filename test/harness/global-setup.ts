import { rmSync } from "node:fs";
import { migrate, useEmbeddedPostgres } from "@paperboy/db";
import { createRenderer } from "@paperboy/mail";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { makeServerDirectory } from "./server-directory.ts";
import { TEMPLATES } from "./templates.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Connection string of the run's PostgreSQL server, database `paperboy`, migrated. */
    postgresUrl: string;
  }
}

/** One throw-away PostgreSQL server for a run; its migrated database is the template of every test's own. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = makeServerDirectory();
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
