import {
  createPaperIndex,
  type Paper,
  type PaperIndex,
  parseQuery,
  printQuery,
  type Query,
  QuerySyntaxError,
} from "@paperboy/core";
import { ARXIV_POLICY } from "@paperboy/sources";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/harness/database.ts";
import { openStore, type Store } from "../src/index.ts";
import { compileToSql } from "../src/search/compile-to-sql.ts";
import { paperTerms } from "../src/search/paper-terms.ts";
import { facts, query, toPaper } from "./arbitrary-papers.ts";

let database: TestDatabase;

let pool: pg.Pool;
let stored: Store;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.url });
  stored = openStore({ arxivPolicy: ARXIV_POLICY, url: database.url });
});

afterAll(async () => {
  await pool.end();
  await stored.close();
  await database.close();
});

async function store(papers: readonly Paper[]): Promise<void> {
  const rows = papers.map((paper) => ({
    ...paper,
    title_key: paper.id,
    code_url: paper.codeUrl,
    published_at: paper.publishedAt,
    announced_at: paper.announcedAt,
    terms: paperTerms(paper),
  }));
  const columns = `id, seq, title_key, title, abstract, authors, categories, keywords, sources, url,
    upvotes, stars, comments, code_url, published_at, announced_at, terms`;
  await pool.query("TRUNCATE papers CASCADE");
  await pool.query(
    `INSERT INTO papers (${columns}, first_seen_at)
     SELECT ${columns}, now() FROM jsonb_populate_recordset(null::papers, $1)`,
    [JSON.stringify(rows)],
  );
}

function parsed(written: string) {
  try {
    return parseQuery(written, { dates: true });
  } catch (error) {
    if (error instanceof QuerySyntaxError) return null;
    throw error;
  }
}

async function searched(written: ReturnType<typeof parseQuery>): Promise<number[]> {
  const { where, params } = compileToSql(written, 2);
  const { rows } = await pool.query(`SELECT id FROM papers WHERE id > $1 AND ${where} ORDER BY id`, [
    0,
    ...params,
  ]);
  return rows.map((row: { id: number }) => row.id);
}

/** Ids and scores of all pages, of papers in the order of their rank. */
async function paged(query: Query, index: PaperIndex | null, limit: number): Promise<[number, number][]> {
  const found: [number, number][] = [];
  // The index holds some of the papers: those above and below are asked of Postgres.
  const held = index?.answer(query);
  const papers = held?.papers.filter(({ seq }) => seq > 4 && seq <= 12) ?? [];
  const window = held === undefined ? null : { from: 4, to: 12, answer: { ...held, papers } };
  for (let before: string | null | undefined; before !== null; ) {
    const options = { order: "relevance" as const, limit, ...(before !== undefined && { before }) };
    const page = await stored.archive.search(query, options, window);
    for (const { paper, score } of page.hits) found.push([paper.id, score]);
    before = page.next;
  }
  return found;
}

describe("the index in memory and the database", () => {
  it("find the same papers for any query", async () => {
    const corpus = fc.array(facts, { minLength: 8, maxLength: 25 });
    const asked = fc.array(query, { minLength: 25, maxLength: 25 });
    let compared = 0;
    let found = 0;
    await fc.assert(
      fc.asyncProperty(corpus, asked, async (given, queries) => {
        const papers = given.map(toPaper);
        const index = createPaperIndex();
        index.add(papers);
        await store(papers);
        for (const written of queries) {
          const one = parsed(written);
          if (one === null) continue;
          const ids = index.matchIds(one).reverse();
          expect(await searched(one), printQuery(one)).toEqual(ids);
          compared++;
          found += ids.length;
        }
      }),
      { numRuns: 40 },
    );
    expect(compared).toBeGreaterThan(300);
    expect(found).toBeGreaterThan(1_000);
  }, 120_000);

  it("rank them alike, page by page, wherever a paper is looked for", async () => {
    const corpus = fc.array(facts, { minLength: 14, maxLength: 20 });
    const asked = fc.array(query, { minLength: 6, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(corpus, asked, fc.integer({ min: 2, max: 9 }), async (given, queries, limit) => {
        const papers = given.map(toPaper);
        const index = createPaperIndex();
        index.add(papers);
        await store(papers);
        for (const written of queries) {
          const one = parsed(written);
          if (one === null) continue;
          const ranked = index.match(one).map(({ paperId, score }) => [paperId, score]);
          expect(await paged(one, null, limit), printQuery(one)).toEqual(ranked);
          expect(await paged(one, index, limit), printQuery(one)).toEqual(ranked);
        }
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  it("agree on texts beyond what a tsvector holds", async () => {
    const many = Array.from({ length: 20_000 }, (_, n) => (n % 3 === 0 ? "gate" : `w${n}`)).join(" ");
    const long = `${"𠀀".repeat(40)} `.repeat(300);
    const authors = Array.from({ length: 4_000 }, (_, n) => `Ada B${n} Smith`);
    const papers = [
      { title: many, abstract: many, authors },
      { title: long, abstract: `${many} last words`, keywords: [many] },
      { title: "gate loop", abstract: `${"x ".repeat(9_000)}loop` },
    ].map(toPaper);
    const index = createPaperIndex();
    index.add(papers);
    await store(papers);
    for (const written of [
      "gate",
      '"gate w1"',
      "w7999",
      "w7997",
      "w9*",
      "author:b100",
      "author:b3999",
      '"last words"',
      "loop",
      "abstract:loop",
      "𠀀*",
      'title:"w997 w998 gate"',
    ]) {
      const one = parseQuery(written);
      expect(await searched(one), written).toEqual(index.matchIds(one).reverse());
    }
  });

  it("is answered from the index on terms", async () => {
    const { where, params } = compileToSql(parseQuery('title:"linear attention" OR mamba -vision'));
    const client = await pool.connect();
    try {
      await client.query("SET enable_seqscan = off");
      const { rows } = await client.query(`EXPLAIN SELECT id FROM papers WHERE ${where}`, [...params]);
      expect(JSON.stringify(rows)).toMatch(/Bitmap Index Scan on \w*terms/);
    } finally {
      await client.query("RESET enable_seqscan");
      client.release();
    }
  });
});
