import { type MarkDirection, type MarkedAt, TASTE_LIMITS, titleKey } from "@paperboy/core";
import type { Connection, Query } from "./connection.ts";
import { statement } from "./statement.ts";

/** A paper that a reader wants more or less like: one that is known here, or the text of an entry of their own list. */
export interface NewMark {
  readonly direction: MarkDirection;
  readonly markedAt: MarkedAt;
  /** Null for a text. */
  readonly paperId: number | null;
  readonly title: string;
  readonly abstract: string;
  readonly authors: readonly string[];
}

/** A mark as its reader sees it. */
export interface MarkView {
  readonly id: number;
  readonly direction: MarkDirection;
  readonly markedAt: MarkedAt;
  readonly paperId: number | null;
  readonly title: string;
  readonly createdAt: Date;
}

/** The reader has as many marks as one may have; the message says so. */
export class TooManyMarks extends Error {
  override readonly name = "TooManyMarks";
  constructor() {
    super(`nothing was marked: ${TASTE_LIMITS.marks} papers are marked already, take some away first`);
  }
}

const MARKS = statement<MarkView>(
  "marks.list",
  { id: "int", direction: "text", markedAt: "text", paperId: "int?", title: "text", createdAt: "instant" },
  `SELECT id, direction, marked_at AS "markedAt", paper_id AS "paperId", title, created_at AS "createdAt"
     FROM marks WHERE subscription_id = $1 ORDER BY created_at DESC, id DESC`,
);

const COUNT = statement<{ n: number }>(
  "marks.count",
  { n: "int!" },
  "SELECT count(*)::int AS n FROM marks WHERE subscription_id = $1",
);

const keyOf = ({ paperId, title, authors }: NewMark): string =>
  paperId === null ? `t ${titleKey(title, authors)}` : `p ${paperId}`;

/** What readers say of papers. Each change counts, so that weights made of older marks are known to be so. */
export function markStore({ query, transaction }: Connection) {
  return {
    /** All marks of a reader, newest first. */
    list: (subscriptionId: string): Promise<MarkView[]> => query(MARKS, [subscriptionId]),

    /**
     * Keeps marks; one of a paper that is marked already takes its place. All of them or, when there would be too many, none.
     *
     * @returns how many were new or changed.
     * @throws {TooManyMarks}
     */
    add: (subscriptionId: string, marks: readonly NewMark[], now: Date): Promise<number> =>
      transaction((run) => addMarks(run, subscriptionId, marks, now)),

    /** Takes marks away by id; what is not the reader's is left alone. Gives how many went. */
    remove: (subscriptionId: string, ids: readonly number[]): Promise<number> =>
      transaction(async (run) => {
        const rows = await run("DELETE FROM marks WHERE subscription_id = $1 AND id = ANY($2) RETURNING id", [
          subscriptionId,
          ids,
        ]);
        if (rows.length > 0) await countChange(run, subscriptionId);
        return rows.length;
      }),

    /** Takes the mark of a paper away, as an undo does; gives how many went. */
    removeOfPaper: (subscriptionId: string, paperId: number): Promise<number> =>
      transaction(async (run) => {
        const rows = await run(
          "DELETE FROM marks WHERE subscription_id = $1 AND paper_id = $2 RETURNING id",
          [subscriptionId, paperId],
        );
        if (rows.length > 0) await countChange(run, subscriptionId);
        return rows.length;
      }),

    /** Forgets the whole taste: marks, weights, and words that were struck out or pinned. */
    startAgain: (subscriptionId: string): Promise<void> =>
      transaction(async (run) => {
        await run("DELETE FROM marks WHERE subscription_id = $1", [subscriptionId]);
        await run("DELETE FROM tastes WHERE subscription_id = $1", [subscriptionId]);
      }),
  };
}

/** Keeps marks within a transaction; see `markStore.add`. */
export async function addMarks(
  run: Query,
  subscriptionId: string,
  marks: readonly NewMark[],
  now: Date,
): Promise<number> {
  const byKey = new Map(marks.map((mark) => [keyOf(mark), mark]));
  if (byKey.size === 0) return 0;
  await countChange(run, subscriptionId); // locks the taste, so that two requests cannot pass the limit together
  const rows = await run(
    `INSERT INTO marks (subscription_id, direction, key, marked_at, paper_id, title, abstract, authors, created_at)
     SELECT $1, m.direction::mark_direction, m.key, m.marked_at, m.paper_id, m.title, m.abstract,
       ARRAY(SELECT jsonb_array_elements_text(m.authors)), $3
     FROM jsonb_to_recordset($2) AS m(direction text, key text, marked_at text, paper_id int, title text, abstract text, authors jsonb)
     ON CONFLICT (subscription_id, key) DO UPDATE SET direction = EXCLUDED.direction, marked_at = EXCLUDED.marked_at,
       created_at = EXCLUDED.created_at WHERE marks.direction <> EXCLUDED.direction
     RETURNING id`,
    [subscriptionId, JSON.stringify([...byKey].map(([key, mark]) => toRecord(key, mark))), now],
  );
  const [held] = await run(COUNT, [subscriptionId]);
  if ((held?.n ?? 0) > TASTE_LIMITS.marks) throw new TooManyMarks();
  return rows.length;
}

/** A paper's own text is read from the paper. */
const toRecord = (key: string, mark: NewMark) => ({
  key,
  direction: mark.direction,
  marked_at: mark.markedAt,
  paper_id: mark.paperId,
  title: mark.title,
  abstract: mark.paperId === null ? mark.abstract : "",
  authors: mark.authors,
});

/** Makes the weights that stand out of date. */
export async function countChange(run: Query, subscriptionId: string): Promise<void> {
  await run(
    `INSERT INTO tastes (subscription_id, revision) VALUES ($1, 1)
     ON CONFLICT (subscription_id) DO UPDATE SET revision = tastes.revision + 1`,
    [subscriptionId],
  );
}
