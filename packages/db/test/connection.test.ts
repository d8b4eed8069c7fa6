import { createTestDatabase } from "@paperboy/harness/database";
import pg from "pg";
import { expect, it } from "vitest";
import { openConnection } from "../src/store/connection.ts";

it("fails a transaction whose connection is cut between two statements, and nothing else", async () => {
  const database = await createTestDatabase();
  const connection = openConnection({ url: database.url });
  const admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  const cutting = connection.transaction(async (query) => {
    const [{ pid }] = (await query("SELECT pg_backend_pid() AS pid")) as [{ pid: number }];
    await admin.query("SELECT pg_terminate_backend($1, 5000)", [pid]);
    await new Promise((resolve) => setImmediate(resolve)); // lets the news arrive while nothing is asked
    await query("SELECT 1");
  });
  await expect(cutting).rejects.toThrow();
  expect(await connection.transaction((query) => query("SELECT 1 AS one"))).toEqual([{ one: 1 }]);
  await admin.end();
  await connection.close();
  await database.close();
});
