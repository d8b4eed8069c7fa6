import type { Paper } from "@paperboy/core";
import { openStore } from "@paperboy/db";
import { ARXIV_POLICY } from "@paperboy/sources";
import pg from "pg";
import { loadCorpus } from "./corpus.ts";
import { progress } from "./frame.ts";
import { scratchDatabase } from "./scratch.ts";
import { makeTopics } from "./topics.ts";

export const PLAN_PAPERS = 500;
export const PLAN_TOPICS = 10_000;
export const TOPICS_EACH = 3;
export const PLAN_AT = new Date("2026-11-24T07:30:00Z");
/** Papers whose titles the topics are made of: readers ask for more than one day holds. */
const TITLES = 10_000;

/** A database in which many readers wait for the editions of one morning. */
export interface Morning {
  readonly url: string;
  /** Back to before anything was planned; only so many readers are due. */
  rewind(readers: number): Promise<void>;
  /** How many rows planning wrote, and a checksum of what the first readers get. */
  planned(readers: number): Promise<{ readonly rows: number; readonly checksum: string }>;
  close(): Promise<void>;
}

export async function openMorning(readers: number): Promise<Morning> {
  const database = await scratchDatabase();
  const sql = new pg.Pool({ connectionString: database.url, max: 2 });
  const { papers } = loadCorpus(Math.min(TITLES, PLAN_PAPERS + 100 * readers));
  progress("publishing the papers");
  await publish(database.url, papers.slice(0, PLAN_PAPERS));
  progress(`subscribing ${readers} readers`);
  const distinct = Math.min(PLAN_TOPICS, 100 * readers);
  const topics = [...new Set(makeTopics(papers, 2 * distinct))].slice(0, distinct);
  await subscribe(sql, readers, topics);
  return {
    url: database.url,
    rewind: (due) => rewind(sql, due),
    planned: (first) => planned(sql, first),
    close: async () => {
      await sql.end();
      await database.close();
    },
  };
}

async function publish(url: string, papers: readonly Paper[]): Promise<void> {
  const store = openStore({ arxivPolicy: ARXIV_POLICY, url });
  const drafts = papers.map(({ id, title, abstract, authors, categories }) => ({
    externalId: String(id),
    title: `${title} (${id})`,
    abstract,
    authors,
    categories,
  }));
  const yesterday = new Date(PLAN_AT.getTime() - 86_400_000);
  await store.ingest({ name: "bench", kind: "file" }, drafts, yesterday);
  await store.papers.announce(yesterday);
  await store.close();
}

/** Written in sets: by the form, a hundred thousand orders take as long as their mails. */
async function subscribe(sql: pg.Pool, readers: number, topics: readonly string[]): Promise<void> {
  await sql.query(
    `INSERT INTO subscribers (email, address_key)
     SELECT address, address FROM (SELECT 'reader' || lpad(n::text, 7, '0') || '@example.org' AS address
       FROM generate_series(0, $1::int - 1) AS n) AS addresses`,
    [readers],
  );
  await sql.query(
    `INSERT INTO subscriptions (subscriber_id, status, local_minute, max_papers, watermark, next_due_at, next_date, confirmed_at)
     SELECT id, 'active', 420, 20, 0, '2026-11-24T07:00:00Z', '2026-11-24', '2026-11-20T12:00:00Z' FROM subscribers`,
  );
  await sql.query(
    `INSERT INTO topics (subscription_id, position, name, query)
     SELECT s.id, k, query, query FROM subscriptions s JOIN subscribers r ON r.id = s.subscriber_id
     CROSS JOIN generate_series(0, $2::int - 1) AS k
     CROSS JOIN LATERAL (SELECT ($1::text[])[1 + (substr(r.email, 7, 7)::int * 7919 + k * 3331) % cardinality($1::text[])] AS query) AS topic`,
    [topics, TOPICS_EACH],
  );
  await sql.query("VACUUM (ANALYZE) subscribers, subscriptions, topics");
}

async function rewind(sql: pg.Pool, due: number): Promise<void> {
  await sql.query("TRUNCATE deliveries, digests CASCADE");
  await sql.query(
    `UPDATE subscriptions s SET watermark = 0, last_date = NULL,
       next_date = CASE WHEN substr(email, 7, 7)::int < $1 THEN date '2026-11-24' ELSE date '2026-12-24' END,
       next_due_at = CASE WHEN substr(email, 7, 7)::int < $1 THEN timestamptz '2026-11-24T07:00:00Z'
         ELSE timestamptz '2026-12-24T07:00:00Z' END
     FROM subscribers r WHERE r.id = s.subscriber_id`,
    [due],
  );
  await sql.query("VACUUM (ANALYZE) subscriptions, deliveries, digests");
  await sql.query("CHECKPOINT");
}

async function planned(sql: pg.Pool, first: number) {
  const { rows } = await sql.query<{ rows: number; checksum: string }>(
    `SELECT ((SELECT count(*) FROM deliveries) + (SELECT count(*) FROM digests)
         + (SELECT count(*) FROM subscriptions WHERE last_date IS NOT NULL))::int AS rows,
       (SELECT coalesce(md5(string_agg(concat(email, paper_ids, sections), ',' ORDER BY email)), '') FROM digests g
        JOIN subscriptions s ON s.id = g.subscription_id JOIN subscribers r ON r.id = s.subscriber_id
        WHERE substr(email, 7, 7)::int < $1) AS checksum`,
    [first],
  );
  return rows[0] as (typeof rows)[number];
}
