import { openStore, type Store } from "@paperboy/db";
import { ARXIV_POLICY } from "@paperboy/sources";
import pg from "pg";
import { createTestDatabase, type TestDatabase } from "./database.ts";

/** A store on a database of its own, and a pool beside it for what the store does not show. */
export interface TestStore {
  readonly database: TestDatabase;
  readonly store: Store;
  readonly sql: pg.Pool;
  close(): Promise<void>;
}

export async function openTestStore(): Promise<TestStore> {
  const database = await createTestDatabase();
  const store = openStore({ arxivPolicy: ARXIV_POLICY, url: database.url });
  const sql = new pg.Pool({ connectionString: database.url });
  const close = async () => {
    await sql.end();
    await store.close();
    await database.close();
  };
  return { database, store, sql, close };
}
