import { BASELINE_GAP_MS, type Paper, type SignalReading, type TrendingSignals } from "@paperboy/core";
import type { Connection, Query } from "./connection.ts";
import { lockToWritePapers } from "./locks.ts";
import { PAPER_COLUMNS, PAPER_ROW, type PaperRow, toPaper } from "./paper-rows.ts";
import { type Statement, statement } from "./statement.ts";

/** A paper that may trend, and what its sightings say. */
export interface TrendingCandidate {
  readonly id: number;
  readonly paper: Paper;
  readonly signals: TrendingSignals;
}

/** A sighting's signals as JSON carries them. */
interface Reading {
  readonly upvotes: number | null;
  readonly stars: number | null;
  readonly comments: number | null;
  readonly observed_at: string;
}

const READING =
  "json_build_object('upvotes', s.upvotes, 'stars', s.stars, 'comments', s.comments, 'observed_at', s.observed_at)";
/** 0 can mean "not read", and says nothing either way. */
const TELLING = "(s.upvotes > 0 OR s.stars > 0 OR s.comments > 0)";

const toReading = (reading: Reading | null): SignalReading | null =>
  reading && {
    upvotes: reading.upvotes,
    stars: reading.stars,
    comments: reading.comments,
    at: new Date(reading.observed_at),
  };

/** A new version of a paper that was known; ids rise in the order they were seen. */
export interface PaperRevision {
  readonly id: number;
  readonly paperId: number;
  readonly version: number;
}

/** Papers that get their seqs in one transaction: a whole archive must not delay those of the day. */
const ANNOUNCED_AT_ONCE = 20_000;

const ANNOUNCE_SOME = statement<{ n: number }>(
  "papers.announceSome",
  { n: "int!" },
  `WITH base AS (
       SELECT greatest((SELECT max(seq) FROM papers), (SELECT max(watermark) FROM subscriptions), 0) AS top
     ), waiting AS (
       SELECT id, row_number() OVER (ORDER BY first_seen_at, id) AS place FROM papers
       WHERE announced_at IS NULL AND merged_into IS NULL ORDER BY first_seen_at, id LIMIT ${ANNOUNCED_AT_ONCE}
     ), announced AS (
       UPDATE papers p SET seq = base.top + waiting.place, announced_at = $1
       FROM waiting, base WHERE p.id = waiting.id RETURNING p.id
     )
     SELECT count(*)::int AS n FROM announced`,
);

async function announceSome(query: Query, now: Date): Promise<number> {
  await lockToWritePapers(query, "announce");
  const [row] = await query(ANNOUNCE_SOME, [now]);
  return row?.n ?? 0;
}

const COUNT = statement<{ n: number }>(
  "papers.count",
  { n: "int!" },
  "SELECT count(*)::int AS n FROM papers WHERE merged_into IS NULL",
);

const CHANGED_SINCE = statement<PaperRow & { updated_at: Date; merged_into: number | null }>(
  "papers.changedSince",
  { ...PAPER_ROW, updated_at: "instant", merged_into: "int?" },
  `SELECT ${PAPER_COLUMNS}, updated_at, merged_into FROM papers
         WHERE updated_at > $1 AND updated_at > created_at AND seq IS NOT NULL ORDER BY updated_at`,
);

const DAYS_KNOWN = statement<{ first: Date | null }>(
  "papers.daysKnown",
  { first: "instant?" },
  "SELECT min(first_seen_at) AS first FROM papers WHERE seq IS NOT NULL AND first_seen_at > $1",
);

const REVISIONS_SINCE = statement<PaperRevision>(
  "papers.revisionsSince",
  { id: "int", paperId: "int!", version: "int" },
  `SELECT r.id, coalesce(p.merged_into, p.id) AS "paperId", r.version FROM revisions r JOIN papers p ON p.id = r.paper_id
         WHERE r.observed_at > $1 AND p.seq IS NOT NULL AND NOT p.withdrawn ORDER BY r.id`,
);

const SEQ_AT = statement<{ seq: number | null }>(
  "papers.seqAt",
  { seq: "int?" },
  "SELECT max(seq) AS seq FROM papers WHERE announced_at <= $1",
);

const papersWhere = (name: string, condition: string): Statement<PaperRow> =>
  statement(`papers.${name}`, PAPER_ROW, `SELECT ${PAPER_COLUMNS} FROM papers WHERE ${condition}`);

const BY_ID = papersWhere("byId", "id = (SELECT coalesce(merged_into, id) FROM papers WHERE id = $1)");
const BY_IDS = papersWhere("byIds", "id = ANY($1)");
const ANNOUNCED_AFTER = papersWhere(
  "announcedAfter",
  "seq > $1 AND merged_into IS NULL ORDER BY seq LIMIT $2",
);

const HIGHEST_SEQ = statement<{ seq: number | null }>(
  "papers.highestSeq",
  { seq: "int?" },
  "SELECT max(seq) AS seq FROM papers",
);

export function paperStore({ query, transaction }: Connection) {
  const papers = async (which: Statement<PaperRow>, params: unknown[]) =>
    (await query(which, params)).map(toPaper);
  return {
    /**
     * Gives every paper without one its `seq`, oldest first. A seq is never used twice, even when the paper
     * that had it is gone: watermarks remember it.
     * @returns how many were announced.
     */
    announce: async (now: Date): Promise<number> => {
      let announced = 0;
      for (;;) {
        const some = await transaction((run) => announceSome(run, now));
        announced += some;
        if (some < ANNOUNCED_AT_ONCE) break;
      }
      if (announced > 0) await query("SELECT gin_clean_pending_list('papers_terms_idx')");
      return announced;
    },

    count: async (): Promise<number> => {
      const [row] = await query(COUNT);
      return row?.n ?? 0;
    },

    /** A paper by its id; by the id of one that was merged into it, too. */
    byId: async (id: number): Promise<Paper | null> => (await papers(BY_ID, [id]))[0] ?? null,

    /** Papers by id, in no particular order; ids that do not exist are left out. */
    byIds: (ids: readonly number[]): Promise<Paper[]> => papers(BY_IDS, [ids]),

    /** Announced papers above a seq, in order, at most `limit`: how an index keeps up. */
    announcedAfter: (seq: number, limit: number): Promise<Paper[]> => papers(ANNOUNCED_AFTER, [seq, limit]),

    /**
     * Announced papers whose signals or text changed since an instant, and the instant to ask from next time:
     * how an index stays true. `gone` are those merged into others. A minute overlaps, for changes committed late.
     */
    changedSince: async (since: Date): Promise<{ papers: Paper[]; gone: number[]; upTo: Date }> => {
      const rows = await query(CHANGED_SINCE, [new Date(since.getTime() - 60_000)]);
      const papers = rows.filter((row) => row.merged_into === null).map(toPaper);
      const gone = rows.filter((row) => row.merged_into !== null).map(({ id }) => id);
      return { papers, gone, upTo: rows.at(-1)?.updated_at ?? since };
    },

    /** For how many days of a span any paper is known. */
    daysKnown: async (since: Date, until: Date): Promise<number> => {
      const [known] = await query(DAYS_KNOWN, [since]);
      return Math.ceil((until.getTime() - (known?.first ?? until).getTime()) / 86_400_000);
    },

    /** New versions of papers seen since an instant, oldest first: what readers who want replacements may get. */
    revisionsSince: (since: Date): Promise<PaperRevision[]> => query(REVISIONS_SINCE, [since]),

    /** The highest seq that was given; 0 when there is none. */
    highestSeq: async (): Promise<number> => {
      const [row] = await query(HIGHEST_SEQ);
      return row?.seq ?? 0;
    },

    /** The highest seq announced at or before an instant, 0 when there is none. */
    seqAt: async (instant: Date): Promise<number> => {
      const [row] = await query(SEQ_AT, [instant]);
      return row?.seq ?? 0;
    },

    /**
     * Announced papers that were first listed with signals, or announced between two instants, with what their
     * sightings said by `until`. Of those without any signal the freshest few hundred.
     */
    trendingCandidates: async (since: Date, until: Date): Promise<TrendingCandidate[]> => {
      const rows = await query(TRENDING_CANDIDATES, [since, until, BASELINE_GAP_MS / 1000, MAX_SILENT]);
      return rows.map(({ latest, before, since: firstSeenAt, ...row }) => ({
        id: row.id,
        paper: {
          ...toPaper(row),
          upvotes: latest?.upvotes ?? null,
          stars: latest?.stars ?? null,
          comments: latest?.comments ?? null,
        },
        signals: { latest: toReading(latest), before: toReading(before), firstSeenAt },
      }));
    },
  };
}

type CandidateRow = PaperRow & { since: Date; latest: Reading | null; before: Reading | null };

/** Papers without a signal stand behind all others, and nobody turns that many pages; an archive may be new today. */
const MAX_SILENT = 500;
/** 0 shows that a paper was listed, though it can mean "not read". */
const SHOWING = "(s.upvotes IS NOT NULL OR s.stars IS NOT NULL OR s.comments IS NOT NULL)";
const IS_PUBLIC = "seq IS NOT NULL AND merged_into IS NULL AND NOT withdrawn AND first_seen_at <= $2";
const ANNOUNCED_WITHIN = "(announced_at > $1 AND announced_at <= $2)";

/** A gain is what one source showed more than it showed before: counts of two sources cannot be compared. */
const TRENDING_CANDIDATES = statement<CandidateRow>(
  "papers.trendingCandidates",
  { ...PAPER_ROW, id: "int!", since: "instant!", latest: "json?", before: "json?" },
  `
  WITH candidates AS MATERIALIZED (
    SELECT paper_id AS id FROM sightings s WHERE observed_at > $1 AND observed_at <= $2 AND ${SHOWING}
    UNION (SELECT paper_id FROM sightings WHERE observed_at > $1 AND observed_at <= $2
      ORDER BY observed_at DESC LIMIT $4)
    UNION (SELECT id FROM papers WHERE ${ANNOUNCED_WITHIN} AND ${IS_PUBLIC}
      ORDER BY seq DESC LIMIT $4)
  )
  SELECT ${PAPER_COLUMNS}, coalesce(listed_at, first_seen_at) AS since, latest, before
  FROM candidates JOIN papers USING (id)
  LEFT JOIN LATERAL (
    SELECT min(s.observed_at) AS listed_at FROM sightings s
    WHERE s.paper_id = papers.id AND s.observed_at <= $2 AND ${SHOWING}
  ) f ON true
  LEFT JOIN LATERAL (
    SELECT ${READING} AS latest, s.observed_at AS latest_at, s.source_id FROM sightings s
    WHERE s.paper_id = papers.id AND s.observed_at <= $2 AND ${TELLING}
    ORDER BY s.observed_at DESC, s.id DESC LIMIT 1
  ) l ON true
  LEFT JOIN LATERAL (
    SELECT ${READING} AS before FROM sightings s
    WHERE s.paper_id = papers.id AND s.source_id = l.source_id
      AND s.observed_at <= latest_at - make_interval(secs => $3) AND ${TELLING}
    ORDER BY s.observed_at DESC, s.id DESC LIMIT 1
  ) b ON true
  WHERE ${IS_PUBLIC} AND (coalesce(listed_at, first_seen_at) > $1 OR ${ANNOUNCED_WITHIN})`,
);
