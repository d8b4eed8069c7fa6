import type { Connection, Query } from "./connection.ts";
import { statement } from "./statement.ts";

/** What became of the sample papers. */
export interface SampleRemoval {
  /** Papers that are gone. */
  readonly removed: number;
  /** Papers that some reader has had: they stay to be read in that digest, and are never mailed as new again. */
  readonly kept: number;
}

/** The kind of the source that the bundled papers come from. */
const SAMPLE = "sample";

const IS_THERE = statement<{ found: boolean }>(
  "sample.isThere",
  { found: "bool!" },
  `SELECT EXISTS (SELECT FROM sightings s JOIN sources c ON c.id = s.source_id WHERE c.kind = '${SAMPLE}') AS found`,
);

export function sampleStore({ query, transaction }: Connection) {
  return {
    /** Whether there are papers that only the sample has shown, and that could still be mailed. */
    isThere: async (): Promise<boolean> => {
      const [row] = await query(IS_THERE);
      return row?.found ?? false;
    },

    /**
     * Takes the sample papers away; what another source has shown as well stays as that source's. Idempotent. The source
     * itself stays, so that the sample is not brought again.
     */
    remove: (): Promise<SampleRemoval> =>
      transaction(async (run) => {
        const ids = await forgetSightings(run);
        const kept = await keepForItsReaders(run, ids);
        const removed = await hide(
          run,
          ids.filter((id) => !kept.includes(id)),
        );
        return { removed, kept: kept.length };
      }),
  };
}

const FORGET_SIGHTINGS = statement<{ id: number }>(
  "sample.forgetSightings",
  { id: "int" },
  `WITH gone AS (
       DELETE FROM sightings s USING sources c WHERE c.id = s.source_id AND c.kind = '${SAMPLE}' RETURNING s.id, s.paper_id
     )
     SELECT DISTINCT g.paper_id AS id FROM gone g
     WHERE NOT EXISTS (SELECT FROM sightings s WHERE s.paper_id = g.paper_id AND s.id NOT IN (SELECT id FROM gone))`,
);

/** Deletes what the sample showed; gives the papers that nothing else has shown. */
async function forgetSightings(query: Query): Promise<number[]> {
  const rows = await query(FORGET_SIGHTINGS);
  return rows.map(({ id }) => id);
}

const LONG_AGO = "least(first_seen_at, coalesce(published_at, first_seen_at - interval '1 year'))";

const KEEP_FOR_ITS_READERS = statement<{ id: number }>(
  "sample.keepForItsReaders",
  { id: "int" },
  `UPDATE papers p SET mailable = false, updated_at = now(), first_seen_at = ${LONG_AGO}, announced_at = ${LONG_AGO}
     FROM (SELECT DISTINCT unnest(g.paper_ids) AS id FROM digests g LEFT JOIN deliveries d ON d.id = g.id
       WHERE d.status IS DISTINCT FROM 'skipped') AS had
     WHERE p.id = had.id AND p.id = ANY($1) RETURNING p.id`,
);

/**
 * A paper that some reader has had keeps its identity, so that no source brings it to them twice. It counts as seen and announced
 * when it was published, long ago: neither matched as new nor trending by its age.
 */
async function keepForItsReaders(query: Query, ids: readonly number[]): Promise<number[]> {
  const rows = await query(KEEP_FOR_ITS_READERS, [ids]);
  return rows.map(({ id }) => id);
}

/**
 * A row that is merged into itself is shown by nothing and leaves every index within a minute; the rows themselves go a day
 * later (\`retention.ts\`), when no process can hold them any more. Without its identity, a source that lists the paper makes a new one.
 */
async function hide(query: Query, ids: readonly number[]): Promise<number> {
  const rows = await query(
    `UPDATE papers SET merged_into = id, arxiv_id = NULL, doi = NULL, title_key = 'removed ' || id, updated_at = now()
     WHERE id = ANY($1) RETURNING id`,
    [ids],
  );
  return rows.length;
}
