import type { CategoryDay } from "@paperboy/core";
import type { Connection, Query } from "./connection.ts";
import { statement } from "./statement.ts";

/** What one reading of a source showed of a category. */
export interface ShownBatch {
  readonly category: string;
  /** Ids it had not shown before. */
  readonly shown: readonly string[];
  /** How many of an earlier day it showed again. */
  readonly repeated: number;
}

/** What comparing arXiv's services found of a category and day. */
export interface ComparedDay {
  readonly category: string;
  readonly day: string;
  readonly announced: readonly string[];
  /** Ids that were fetched just now. */
  readonly filled: readonly string[];
  readonly missing: readonly string[];
  readonly faults: readonly string[];
  /** False while a service has not answered. */
  readonly complete: boolean;
  readonly closed: boolean;
}

/** Ids that are known of a category and day already. */
export interface KnownDay {
  readonly category: string;
  readonly day: string;
  readonly shown: readonly string[];
  readonly announced: readonly string[];
  readonly filled: readonly string[];
  readonly missing: readonly string[];
  readonly closed: boolean;
}

/** How we hold a paper of arXiv. */
export interface HeldPaper {
  readonly arxivId: string;
  /** Whether readers can get it as new, or got it. */
  readonly isNews: boolean;
  readonly withdrawn: boolean;
  readonly publishedAt: Date | null;
}

const DAYS_KEPT = 31;
/** Faults that are kept of one day. */
const MOST_FAULTS = 20;

const DAYS_OF_SOURCES = statement<CategoryDay & { sourceId: number }>(
  "source-days.daysOfSources",
  {
    sourceId: "int",
    category: "text",
    day: "text!",
    shown: "int!",
    repeated: "int",
    announced: "int!",
    filled: "int!",
    missing: "text[]!",
    faults: "text[]!",
    comparedAt: "instant?",
  },
  `SELECT source_id AS "sourceId", category, day::text AS day, cardinality(shown) AS shown, repeated,
       cardinality(ARRAY(SELECT unnest(announced) UNION SELECT unnest(shown))) AS announced, cardinality(filled) AS filled,
       missing, faults, compared_at AS "comparedAt"
     FROM source_days WHERE day > $1::timestamptz::date - ${DAYS_KEPT} ORDER BY day DESC, category`,
);

/** The days of the month before `now` by source, counted, as health is judged by them. */
export async function readDays(query: Query, now: Date): Promise<(sourceId: number) => CategoryDay[]> {
  const rows = await query(DAYS_OF_SOURCES, [now]);
  const bySource = new Map<number, CategoryDay[]>();
  for (const { sourceId, ...day } of rows) {
    const days = bySource.get(sourceId);
    if (days === undefined) bySource.set(sourceId, [day]);
    else days.push(day);
  }
  return (sourceId) => bySource.get(sourceId) ?? [];
}

const KNOWN_DAYS = statement<KnownDay>(
  "source-days.knownDays",
  {
    category: "text",
    day: "text!",
    shown: "text[]!",
    announced: "text[]!",
    filled: "text[]!",
    missing: "text[]!",
    closed: "bool",
  },
  `SELECT category, day::text AS day, shown, announced, filled, missing, closed FROM source_days
         WHERE source_id = $1 AND day >= $2::date ORDER BY day, category`,
);

const HELD_PAPERS = statement<HeldPaper>(
  "source-days.heldPapers",
  { arxivId: "text!", isNews: "bool", withdrawn: "bool", publishedAt: "instant?" },
  `SELECT arxiv_id AS "arxivId", mailable AS "isNews", withdrawn, published_at AS "publishedAt"
         FROM papers WHERE arxiv_id = ANY($1) AND merged_into IS NULL`,
);

/** What arXiv announced, day by day, and what of it we hold. */
export function sourceDays({ query, transaction }: Connection) {
  return {
    /** What is known of a source's days from one day on, oldest first. */
    knownDays: (id: number, from: string): Promise<KnownDay[]> => query(KNOWN_DAYS, [id, from]),

    /** Notes what a reading showed of a day; what was shown before on that day stays. */
    noteShown: async (id: number, day: string, batches: readonly ShownBatch[]): Promise<void> => {
      if (batches.length === 0) return;
      await query(
        `INSERT INTO source_days (source_id, category, day, shown, repeated)
         SELECT $1, category, $2::date, shown, repeated FROM jsonb_to_recordset($3) AS r(category text, shown text[], repeated int)
         ON CONFLICT (source_id, category, day) DO UPDATE SET repeated = EXCLUDED.repeated,
           shown = ARRAY(SELECT unnest(source_days.shown) UNION SELECT unnest(EXCLUDED.shown))`,
        [id, day, JSON.stringify(batches)],
      );
    },

    /** Notes what went wrong on a day, once, for each of these categories. */
    noteFault: async (
      id: number,
      day: string,
      categories: readonly string[],
      fault: string,
    ): Promise<void> => {
      await query(
        `INSERT INTO source_days (source_id, category, day, faults) SELECT $1, category, $2::date, ARRAY[$4]
         FROM unnest($3::text[]) AS category
         ON CONFLICT (source_id, category, day) DO UPDATE SET faults = (source_days.faults || $4::text)[1:${MOST_FAULTS}]
         WHERE NOT source_days.faults @> ARRAY[$4]`,
        [id, day, categories, fault],
      );
    },

    /** Notes what comparing found, and when it is to be done again; and lets the source go. */
    finishReconcile: async (
      id: number,
      days: readonly ComparedDay[],
      now: Date,
      reconcileAt: Date,
    ): Promise<void> => {
      await transaction(async (run) => {
        await run(
          `INSERT INTO source_days (source_id, category, day, announced, filled, missing, faults, compared_at, closed)
           SELECT $1, category, day, announced, filled, missing, faults[1:${MOST_FAULTS}], CASE WHEN complete THEN $3::timestamptz END, closed
           FROM jsonb_to_recordset($2) AS r(category text, day date, announced text[], filled text[], missing text[], faults text[],
             complete boolean, closed boolean)
           ON CONFLICT (source_id, category, day) DO UPDATE SET
             announced = ARRAY(SELECT unnest(source_days.announced) UNION SELECT unnest(EXCLUDED.announced)),
             filled = ARRAY(SELECT unnest(source_days.filled) UNION SELECT unnest(EXCLUDED.filled)),
             missing = EXCLUDED.missing, closed = EXCLUDED.closed,
             faults = (source_days.faults || ARRAY(SELECT f FROM unnest(EXCLUDED.faults) f WHERE f <> ALL(source_days.faults)))[1:${MOST_FAULTS}],
             compared_at = coalesce(EXCLUDED.compared_at, source_days.compared_at)`,
          [id, JSON.stringify(days), now],
        );
        await run("UPDATE sources SET reconcile_at = $2 WHERE id = $1", [id, reconcileAt]);
      });
    },

    /** Those of these arXiv ids that we hold, and how. */
    heldPapers: (ids: readonly string[]): Promise<HeldPaper[]> => query(HELD_PAPERS, [ids]),
  };
}
