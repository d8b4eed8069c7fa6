import { cleanRefusal } from "@paperboy/core";
import type { Connection } from "./connection.ts";
import { statement } from "./statement.ts";

export interface Quarantined {
  readonly source: string;
  readonly at: string;
  readonly reason: string;
  readonly times: number;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

const QUARANTINED = statement<Quarantined>(
  "quarantine.list",
  { source: "text", at: "text", reason: "text", times: "int", firstSeenAt: "instant", lastSeenAt: "instant" },
  `SELECT s.name AS source, q.at, q.reason, q.times, q.first_seen_at AS "firstSeenAt", q.last_seen_at AS "lastSeenAt"
         FROM quarantine q JOIN sources s ON s.id = q.source_id
         WHERE $2::text IS NULL OR s.name = $2 ORDER BY q.last_seen_at DESC, q.id DESC LIMIT $1`,
);

/** Records of sources that could not be read. */
export function quarantineStore({ query }: Connection) {
  return {
    /** Keeps records that could not be read; the same record again is counted. */
    quarantine: async (
      source: string,
      refusals: readonly { at: string; reason: string }[],
      now: Date,
    ): Promise<void> => {
      if (refusals.length === 0) return;
      await query(
        `INSERT INTO quarantine (source_id, at, reason, fingerprint, first_seen_at, last_seen_at)
         SELECT DISTINCT ON (md5(at || reason)) s.id, at, reason, md5(at || reason), $3, $3
         FROM sources s, jsonb_to_recordset($2) AS r(at text, reason text) WHERE s.name = $1
         ON CONFLICT (source_id, fingerprint) DO UPDATE SET times = quarantine.times + 1, last_seen_at = EXCLUDED.last_seen_at`,
        [source, JSON.stringify(refusals.map(cleanRefusal)), now],
      );
    },

    /** What could not be read, newest first; of one source, or of all. */
    quarantined: (limit: number, source?: string): Promise<Quarantined[]> =>
      query(QUARANTINED, [limit, source ?? null]),
  };
}
