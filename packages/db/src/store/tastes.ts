import type { MarkDirection, PackedProfile, TasteText, TasteWords } from "@paperboy/core";
import { TASTE_LIMITS } from "@paperboy/core";
import type { Connection, Query } from "./connection.ts";
import { countChange } from "./marks.ts";
import { statement } from "./statement.ts";

/** What was made of a reader's marks. */
export interface KeptTaste extends PackedProfile, TasteWords {
  /** Counts changes; weights are kept for the revision they were made of. */
  readonly revision: number;
  /** Whether the weights are those of the marks as they are now. */
  readonly upToDate: boolean;
}

/** A marked paper with its text, as weights are made from it. */
export interface MarkedText extends TasteText {
  readonly markId: number;
  readonly direction: MarkDirection;
  /** Its telling words, by term; null until they are found. */
  readonly words: Readonly<Record<string, string>> | null;
}

/** What a planner knows of a reader's taste. */
export interface PlannedTaste extends PackedProfile {
  /** The newest papers they want more of. */
  readonly marks: readonly { readonly title: string; readonly words: Readonly<Record<string, string>> }[];
}

/** Reasons name one of this many marks. */
const NAMED_MARKS = 50;

const TASTE = statement<KeptTaste>(
  "tastes.find",
  {
    revision: "int",
    upToDate: "bool!",
    struck: "text[]!",
    pinned: "text[]!",
    terms: "text",
    weights: "text!",
  },
  `SELECT revision, revision = made_revision AS "upToDate", struck, pinned, terms, encode(weights, 'base64') AS weights
     FROM tastes WHERE subscription_id = $1`,
);

const TEXTS = statement<MarkedText>(
  "tastes.texts",
  { markId: "int", direction: "text", words: "json?", title: "text!", abstract: "text!", authors: "text[]!" },
  `SELECT m.id AS "markId", m.direction, m.words, coalesce(p.title, m.title) AS title,
       coalesce(p.abstract, m.abstract) AS abstract, coalesce(p.authors, m.authors) AS authors
     FROM marks m LEFT JOIN papers named ON named.id = m.paper_id
     LEFT JOIN papers p ON p.id = coalesce(named.merged_into, named.id)
     WHERE m.subscription_id = $1 ORDER BY m.id`,
);

const WRITTEN = statement<{ term: string; written: string }>(
  "tastes.written",
  { term: "text!", written: "text!" },
  `SELECT e.key AS term, min(e.value) AS written FROM marks m, jsonb_each_text(m.words) AS e
     WHERE m.subscription_id = $1 AND e.key = ANY($2) GROUP BY e.key`,
);

const WORDS_OF_PAPER = statement<{ words: Readonly<Record<string, string>> | null }>(
  "tastes.wordsOfPaper",
  { words: "json?" },
  "SELECT words FROM marks WHERE subscription_id = $1 AND paper_id = $2",
);

const OUT_OF_DATE = statement<{ id: string }>(
  "tastes.outOfDate",
  { id: "text" },
  `SELECT s.id FROM tastes t JOIN subscriptions s ON s.id = t.subscription_id
     WHERE t.revision <> t.made_revision AND s.status = 'active' AND s.for_you
     ORDER BY s.next_due_at, s.id LIMIT $1`,
);

const IS_WANTED = statement<{ wanted: boolean }>(
  "tastes.isWanted",
  { wanted: "bool!" },
  "SELECT EXISTS (SELECT FROM subscriptions WHERE for_you AND status = 'active') AS wanted",
);

/** Weights that were made of older marks are left out: what was struck out since must not bring anything. */
const PLANNED = statement<PlannedTaste & { id: string }>(
  "tastes.planned",
  { id: "text", terms: "text", weights: "text!", marks: "json!" },
  `SELECT t.subscription_id AS id, t.terms, encode(t.weights, 'base64') AS weights,
       (SELECT coalesce(json_agg(json_build_object('title', m.title, 'words', m.words)), '[]') FROM (
          SELECT title, words FROM marks
          WHERE subscription_id = t.subscription_id AND direction = 'more' AND words IS NOT NULL
          ORDER BY created_at DESC, id DESC LIMIT $2) AS m) AS marks
     FROM tastes t WHERE t.subscription_id = ANY($1) AND t.revision = t.made_revision AND t.terms <> ''`,
);

const HIDDEN = statement<{ id: string; papers: readonly number[] }>(
  "tastes.hidden",
  { id: "text", papers: "int[]!" },
  `SELECT m.subscription_id AS id, array_agg(coalesce(p.merged_into, p.id)) AS papers
     FROM marks m JOIN papers p ON p.id = m.paper_id
     WHERE m.subscription_id = ANY($1) AND m.direction = 'less' GROUP BY 1`,
);

export type WordChange = "strike" | "pin" | "leave";

export function tasteStore({ query, transaction }: Connection) {
  return {
    /** The taste of a reader; null for one who never marked anything. */
    find: async (subscriptionId: string): Promise<KeptTaste | null> => {
      const [row] = await query(TASTE, [subscriptionId]);
      return row ?? null;
    },

    /** The marked papers of a reader with their texts; a paper that was merged into another is read as that one. */
    texts: (subscriptionId: string): Promise<MarkedText[]> => query(TEXTS, [subscriptionId]),

    /**
     * Keeps what was made of a revision of the marks, and the telling words of marks that had none; nothing when they have
     * changed since.
     */
    keep: (
      subscriptionId: string,
      revision: number,
      { terms, weights }: PackedProfile,
      words: ReadonlyMap<number, Readonly<Record<string, string>>>,
    ): Promise<boolean> =>
      transaction(async (run) => {
        const rows = await run(
          `UPDATE tastes SET terms = $3, weights = decode($4, 'base64'), made_revision = revision
           WHERE subscription_id = $1 AND revision = $2 RETURNING revision`,
          [subscriptionId, revision, terms, weights],
        );
        if (rows.length === 0) return false;
        await run(
          `UPDATE marks m SET words = w.words FROM jsonb_to_recordset($2) AS w(id int, words jsonb)
           WHERE m.subscription_id = $1 AND m.id = w.id`,
          [subscriptionId, JSON.stringify([...words].map(([id, each]) => ({ id, words: each })))],
        );
        return true;
      }),

    /** How terms are written in the papers that a reader marked, as far as that is known. */
    written: async (subscriptionId: string, terms: readonly string[]): Promise<Map<string, string>> => {
      const rows = await query(WRITTEN, [subscriptionId, terms]);
      return new Map(rows.map(({ term, written }) => [term, written]));
    },

    /** The telling words of a paper that a reader marked, by term; null when it is not marked, or they are not found yet. */
    wordsOfPaper: async (subscriptionId: string, paperId: number) => {
      const [row] = await query(WORDS_OF_PAPER, [subscriptionId, paperId]);
      return row?.words ?? null;
    },

    /** Strikes a word out, pins it, or leaves it to its weight again; false when so many words have been that one may. */
    changeWord: (subscriptionId: string, term: string, change: WordChange): Promise<boolean> =>
      transaction(async (run) => {
        await countChange(run, subscriptionId);
        const rows = await run(
          `UPDATE tastes SET
             struck = array_remove(struck, $2) || CASE WHEN $3 = 'strike' THEN ARRAY[$2] ELSE '{}' END,
             pinned = array_remove(pinned, $2) || CASE WHEN $3 = 'pin' THEN ARRAY[$2] ELSE '{}' END
           WHERE subscription_id = $1 AND ($3 = 'leave' OR cardinality(struck) + cardinality(pinned) < $4)
           RETURNING revision`,
          [subscriptionId, term, change, TASTE_LIMITS.words],
        );
        return rows.length > 0;
      }),

    /** Readers whose weights are not those of their marks, at most `limit`: those that are due first. */
    outOfDate: async (limit: number): Promise<string[]> => {
      const rows = await query(OUT_OF_DATE, [limit]);
      return rows.map(({ id }) => id);
    },

    /** Whether any reader wants papers for them. */
    isWanted: async (): Promise<boolean> => {
      const [row] = await query(IS_WANTED);
      return row?.wanted ?? false;
    },
  };
}

/** What planning reads of tastes: weights of readers who want papers for them, and of all readers what they want less of. */
export async function plannedTastes(
  query: Query,
  readers: readonly { readonly id: string; readonly forYou: boolean }[],
): Promise<{
  readonly tastes: ReadonlyMap<string, PlannedTaste>;
  readonly hidden: ReadonlyMap<string, readonly number[]>;
}> {
  const wanted = readers.filter(({ forYou }) => forYou).map(({ id }) => id);
  const tastes = wanted.length === 0 ? [] : await query(PLANNED, [wanted, NAMED_MARKS]);
  const hidden = await query(HIDDEN, [readers.map(({ id }) => id)]);
  return {
    tastes: new Map(tastes.map(({ id, ...taste }) => [id, taste])),
    hidden: new Map(hidden.map(({ id, papers }) => [id, papers])),
  };
}
