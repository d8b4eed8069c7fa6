import { parseQuery } from "@paperboy/core";
import { createTestDatabase, type TestDatabase } from "@paperboy/harness/database";
import { ARXIV_POLICY } from "@paperboy/sources";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openStore, type Store } from "../src/index.ts";

let database: TestDatabase;
let store: Store;
let sql: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  store = openStore({ arxivPolicy: ARXIV_POLICY, url: database.url });
  sql = new pg.Pool({ connectionString: database.url, max: 1 });
});
afterAll(async () => {
  await sql.end();
  await store.close();
  await database.close();
});

const NOW = new Date("2026-11-24T06:00:00Z");
const total = async (query: string) =>
  (await store.archive.search(parseQuery(query), { order: "newest", limit: 5 })).total;

it("makes the terms of an older analyzer anew, once, and leaves the papers as they are", async () => {
  const titles = Array.from({ length: 1_203 }, (_, n) => `Organ ${n} 招商证券股份有限公司`);
  await store.ingest(
    { name: "test", kind: "file" },
    titles.map((title) => ({ externalId: title, title, abstract: "", authors: [] })),
    NOW,
  );
  await store.papers.announce(NOW);
  // What the first release wrote: stems bare, and Chinese as a dictionary cuts it.
  await sql.query("UPDATE papers SET terms = '''organ'':1A ''招商'':2A ''有限公司'':3A'::tsvector");
  const { rows: before } = await sql.query("SELECT id, title, updated_at FROM papers ORDER BY id");
  expect(await total("公司")).toBe(0);
  const told: string[] = [];
  expect(await store.rebuildTerms((done, of) => told.push(`${done}/${of}`))).toBe(1_203);
  expect(told).toEqual(["0/1203", "500/1203", "1000/1203", "1203/1203"]);
  expect(await total("公司")).toBe(1_203);
  expect(await total('"organ" 1202')).toBe(1);
  expect((await sql.query("SELECT id, title, updated_at FROM papers ORDER BY id")).rows).toEqual(before);
  expect(await store.rebuildTerms()).toBe(0);
});
