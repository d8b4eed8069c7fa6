import { randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { eventually } from "./eventually.ts";

/** A migrated, empty database that belongs to one test file. */
export interface TestDatabase {
  readonly url: string;
  /** Drops it; fails when a connection was left open, since the code under test must close its own. */
  close(): Promise<void>;
}

/** Makes a database of its own for the calling test file, from the run's template. */
export const createTestDatabase = (): Promise<TestDatabase> => createFrom("paperboy");

/** A copy of a database as it is now, as a backup of it would be; nobody may be connected to it meanwhile. */
export const copyTestDatabase = (of: TestDatabase): Promise<TestDatabase> =>
  createFrom(new URL(of.url).pathname.slice(1));

async function createFrom(origin: string): Promise<TestDatabase> {
  const template = inject("postgresUrl");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await onServer(template, `CREATE DATABASE ${name} TEMPLATE ${origin}`);
  const url = new URL(template);
  url.pathname = `/${name}`;
  return { url: url.href, close: () => drop(template, name) };
}

async function drop(template: string, name: string): Promise<void> {
  const connections = `SELECT application_name, state, query FROM pg_stat_activity WHERE datname = '${name}' AND backend_type = 'client backend'`;
  try {
    // A server process outlives its client's goodbye for a moment.
    await eventually(async () => {
      const left = await onServer(template, connections);
      if (left.length > 0) throw new Error(`connections were left open: ${JSON.stringify(left)}`);
    });
  } finally {
    await onServer(template, `DROP DATABASE ${name} WITH (FORCE)`);
  }
}

async function onServer(template: string, sql: string): Promise<unknown[]> {
  const admin = new URL(template);
  admin.pathname = "/postgres";
  const client = new pg.Client({ connectionString: admin.href });
  await client.connect();
  const { rows } = await client.query(sql).finally(() => client.end());
  return rows;
}
