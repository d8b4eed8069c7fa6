import { QueryTooBroad } from "@paperboy/core";
import { createTestDatabase, type TestDatabase } from "@paperboy/harness/database";
import { ARXIV_POLICY } from "@paperboy/sources";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLibrary, openStore, SearchBusy, SearchTooSlow, type Store } from "../src/index.ts";

const NOW = new Date("2026-11-24T06:00:00Z");

let database: TestDatabase;
let store: Store;
let sql: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ arxivPolicy: ARXIV_POLICY, url: database.url, searches: 1, searchTimeoutMs: 200 });
  sql = new pg.Pool({ connectionString: database.url, max: 2 });
  const drafts = Array.from({ length: 30 }, (_, n) => ({
    externalId: `${n}`,
    title: `Gate ${n}`,
    abstract: "",
    authors: [],
  }));
  await store.ingest({ name: "test", kind: "file" }, drafts, NOW);
  await store.papers.announce(NOW);
});
afterAll(async () => {
  await sql.end();
  await store.close();
  await database.close();
});

/** Holds the table, so that whatever reads it waits. */
async function whileHeld<Result>(work: () => Promise<Result>): Promise<Result> {
  const client = await sql.connect();
  try {
    await client.query("BEGIN; LOCK TABLE papers IN ACCESS EXCLUSIVE MODE");
    return await work();
  } finally {
    await client.query("ROLLBACK");
    client.release();
  }
}

describe("what strangers ask of Postgres", () => {
  it("is stopped at its deadline, and the next search is answered", async () => {
    const library = openLibrary(store);
    await expect(whileHeld(() => library.search({ query: "gate", limit: 5 }))).rejects.toThrow(SearchTooSlow);
    await expect(library.search({ query: "gate", limit: 5 })).resolves.toMatchObject({ total: 30 });
  });

  it("takes no connection from anything else", async () => {
    const library = openLibrary(store);
    await whileHeld(async () => {
      const slow = Array.from({ length: 20 }, () =>
        library.search({ query: "gate", limit: 5 }).catch(() => {}),
      );
      await store.ping();
      const { rows } = await sql
        .query(
          "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'paperboy search' AND datname = current_database()",
        )
        .catch(() => ({ rows: [{ n: 1 }] }));
      expect(rows[0].n).toBeLessThanOrEqual(1);
      await Promise.all(slow);
    });
  });

  it("is refused when too much of it waits", async () => {
    const library = openLibrary(store);
    const asked = Array.from({ length: 250 }, () =>
      library.search({ query: "gate", limit: 5 }).then(
        () => "answered",
        (error) => (error instanceof SearchBusy ? "busy" : Promise.reject(error)),
      ),
    );
    const answers = await Promise.all(asked);
    expect(new Set(answers)).toEqual(new Set(["answered", "busy"]));
  });

  it("is refused before Postgres is asked when it would cost too much", async () => {
    const library = openLibrary(store, { budget: { terms: 10, work: 20 } });
    await library.refresh();
    await whileHeld(async () => {
      // Postgres would not answer: it is the deadline that ends what is sent to it.
      await expect(library.search({ query: "gate", limit: 5 })).rejects.toThrow(QueryTooBroad);
      await expect(library.preview("ga*", NOW)).rejects.toThrow(QueryTooBroad);
      expect(() => library.requireAffordable("gate")).toThrow(QueryTooBroad);
      await expect(library.search({ query: "7", limit: 5 })).rejects.toThrow(SearchTooSlow);
    });
  });
});
