import { type PaperRecord, withAuthorsRejoined } from "@paperboy/core";
import type { Connection, Query } from "./connection.ts";
import { readEntries } from "./ingest/candidates.ts";
import type { Merging } from "./ingest/resolve.ts";
import { updatePapers } from "./ingest/write-papers.ts";
import { lockUntilCommit } from "./locks.ts";
import { statement } from "./statement.ts";

/** Two papers that were found to be one, as the operator sees it. */
export interface MergeView {
  readonly id: number;
  readonly keptId: number;
  readonly mergedId: number;
  readonly title: string;
  readonly mergedTitle: string;
  readonly reason: string;
  readonly mergedAt: Date;
  readonly undoneAt: Date | null;
}

interface Snapshot {
  readonly keptBefore: PaperRecord;
  readonly keptAfter: PaperRecord;
  readonly mergedBefore: PaperRecord;
}

const MOVE_SIGHTINGS = statement<{ id: string }>(
  "merges.moveSightings",
  { id: "text" },
  `UPDATE sightings s SET paper_id = $1 WHERE paper_id = $2 AND NOT EXISTS (
         SELECT FROM sightings k WHERE k.paper_id = $1 AND k.source_id = s.source_id AND k.observed_at = s.observed_at
       ) RETURNING id`,
);

/** Takes the identity from the merged rows, moves their sightings, and keeps both as they were. */
export async function writeMerges(query: Query, mergings: readonly Merging[], now: Date): Promise<void> {
  for (const merging of mergings) {
    const [keptId, mergedId] = [merging.kept.id, merging.merged.id];
    await query(
      "UPDATE papers SET merged_into = $1, arxiv_id = NULL, doi = NULL, updated_at = now() WHERE id = $2 OR merged_into = $2",
      [keptId, mergedId],
    );
    const moved = await query(MOVE_SIGHTINGS, [keptId, mergedId]);
    const snapshot: Snapshot = {
      keptBefore: merging.keptBefore,
      keptAfter: merging.keptAfter,
      mergedBefore: merging.mergedBefore,
    };
    await query(
      `INSERT INTO merges (kept_id, merged_id, reason, snapshot, sighting_ids, merged_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [keptId, mergedId, merging.reason, JSON.stringify(snapshot), moved.map(({ id }) => id), now],
    );
  }
}

const LIST = statement<MergeView>(
  "merges.list",
  {
    id: "int",
    keptId: "int",
    mergedId: "int",
    title: "text",
    mergedTitle: "text!",
    reason: "text",
    mergedAt: "instant",
    undoneAt: "instant?",
  },
  `SELECT m.id, kept_id AS "keptId", merged_id AS "mergedId", k.title, snapshot->'mergedBefore'->>'title' AS "mergedTitle",
           reason, merged_at AS "mergedAt", undone_at AS "undoneAt"
         FROM merges m JOIN papers k ON k.id = m.kept_id ORDER BY m.id DESC LIMIT $1`,
);

const UNDO = statement<UndoneMerge>(
  "merges.undo",
  { kept: "int!", merged: "int", snapshot: "json", sightings: "text[]!" },
  `UPDATE merges m SET undone_at = $2 FROM papers k WHERE m.id = $1 AND m.undone_at IS NULL AND k.id = m.kept_id
           RETURNING coalesce(k.merged_into, k.id) AS kept, m.merged_id AS merged, m.snapshot, m.sighting_ids AS sightings`,
);

/** The record of papers that were joined, and the way back. */
export function mergeStore({ query, transaction }: Connection) {
  return {
    /** The newest merges first. */
    list: (limit: number): Promise<MergeView[]> => query(LIST, [limit]),

    /**
     * Parts two papers again; they are never joined a second time. What the kept one has learned since stays with it,
     * and what had been joined to the other before goes back with that one. Merges may be undone in any order.
     *
     * @returns false when there is no such merge, or it was undone before.
     */
    undo: (id: number, now: Date): Promise<boolean> =>
      transaction(async (run) => {
        await lockUntilCommit(run, "ingest");
        const [merge] = await run(UNDO, [id, now]);
        if (merge === undefined) return false;
        await run("UPDATE papers SET merged_into = NULL WHERE id = $1", [merge.merged]);
        await run(GO_BACK_TOO, [merge.merged]);
        await run("UPDATE sightings SET paper_id = $1 WHERE id = ANY($2::bigint[])", [
          merge.merged,
          merge.sightings,
        ]);
        await restore(run, merge);
        return true;
      }),
  };
}

/** Papers that had been merged into this one lead to it again. */
const GO_BACK_TOO = `
  WITH RECURSIVE own(id) AS (
    SELECT merged_id FROM merges WHERE kept_id = $1 AND undone_at IS NULL
    UNION SELECT merged_id FROM merges JOIN own ON kept_id = own.id WHERE undone_at IS NULL
  )
  UPDATE papers SET merged_into = $1, updated_at = now() WHERE id IN (SELECT id FROM own)`;

interface UndoneMerge {
  /** The paper that the kept one is now. */
  readonly kept: number;
  readonly merged: number;
  readonly snapshot: Snapshot;
  readonly sightings: readonly string[];
}

const OTHERS_WITH_KEYS = statement<{ arxivId: string | null; doi: string | null }>(
  "merges.othersWithKeys",
  { arxivId: "text?", doi: "text?" },
  `SELECT arxiv_id AS "arxivId", doi FROM papers WHERE (arxiv_id = $1 OR doi = $2) AND id <> ALL($3)`,
);

async function restore(query: Query, { kept, merged, snapshot: taken }: UndoneMerge): Promise<void> {
  // Papers had their authors put right since; see `author-repair.ts`.
  const snapshot: Snapshot = {
    keptBefore: withAuthorsRejoined(taken.keptBefore, false),
    keptAfter: withAuthorsRejoined(taken.keptAfter, false),
    mergedBefore: withAuthorsRejoined(taken.mergedBefore, false),
  };
  const entries = await readEntries(query, [kept, merged]);
  const [first, second] = [entries.get(kept), entries.get(merged)];
  if (first === undefined || second === undefined) return;
  first.record = withoutJoined(first.record, snapshot);
  second.record = { ...second.record, ...snapshot.mergedBefore };
  const { arxivId, doi } = second.record;
  // A merge undone before may have given an id of the snapshot back to a third one.
  const others = await query(OTHERS_WITH_KEYS, [arxivId, doi, [kept, merged]]);
  second.record = without(second.record, others);
  first.record = without(first.record, [{ arxivId, doi }, ...others], snapshot.keptBefore);
  // The kept one lets go of the other's identity before that one takes it back.
  await updatePapers(query, [first]);
  await updatePapers(query, [second]);
}

type Ids = Pick<PaperRecord, "arxivId" | "doi">;

/** A record that lets go of ids others carry, unless they were its own before. */
function without(record: PaperRecord, others: readonly Ids[], before?: Ids): PaperRecord {
  const isTheirs = (name: keyof Ids) =>
    record[name] !== null &&
    record[name] !== before?.[name] &&
    others.some((each) => each[name] === record[name]);
  return {
    ...record,
    arxivId: isTheirs("arxivId") ? null : record.arxivId,
    doi: isTheirs("doi") ? null : record.doi,
  };
}

/** Facts that are still what the merge made them become what they were. */
function withoutJoined(record: PaperRecord, { keptBefore, keptAfter }: Snapshot): PaperRecord {
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const names = Object.keys(keptBefore) as (keyof PaperRecord)[];
  const restored = names.filter((name) => same(record[name], keptAfter[name]));
  return { ...record, ...Object.fromEntries(restored.map((name) => [name, keptBefore[name]])) };
}
