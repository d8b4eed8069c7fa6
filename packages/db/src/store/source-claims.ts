import { ARXIV_POLICY } from "@paperboy/core";
import type { Connection } from "./connection.ts";
import { lockUntilCommit } from "./locks.ts";

/** A source that a worker holds while it reads it. */
export interface ClaimedSource {
  readonly id: number;
  readonly name: string;
  readonly kind: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly cursor: Readonly<Record<string, unknown>>;
  readonly everyMinutes: number | null;
  readonly failures: number;
  /** When it got the settings it has. */
  readonly watchedSince: Date;
  /** The batch of the newest run that read any. */
  readonly lastBatch: string | null;
}

const CLAIMED = `id, name, kind, config, cursor, every_minutes AS "everyMinutes", failures,
  watched_since AS "watchedSince", (SELECT r.batch FROM source_runs r WHERE r.source_id = sources.id AND r.batch IS NOT NULL
   ORDER BY r.started_at DESC LIMIT 1) AS "lastBatch"`;

export interface ClaimOptions {
  readonly now: Date;
  readonly leaseSeconds: number;
  readonly name?: string;
  /** True when this reading asks another server than the source's kind and settings say. */
  readonly asksElsewhere?: boolean;
  /** What it is taken for: to be read when absent. */
  readonly to?: "read" | "reconcile";
}

/** The named source is free, but the server it asks wants a pause. */
export interface Rest {
  readonly restMs: number;
}

/** The pause arXiv asks for, with a little for clocks. */
const POLITE_SECONDS = ARXIV_POLICY.gapMs / 1000 + 1;
const ARXIV_HOSTS = `^https?://([a-z0-9-]+[.])*${ARXIV_POLICY.domain.replace(".", "[.]")}(:[0-9]+)?(/|$)`;
const ASKS_ARXIV = `(kind LIKE 'arxiv-%' AND config->>'url' IS NULL OR config->>'url' ~* '${ARXIV_HOSTS}')`;
/** A source that asks arXiv stays held for the pause, or as long as arXiv said (`seconds`); by its lease others see it. */
export const heldAfter = (seconds: string): string =>
  `CASE WHEN ${ASKS_ARXIV} THEN now() + make_interval(secs => greatest(${POLITE_SECONDS}, ${seconds})) END`;
const ARXIV_HELD = `SELECT max(lease_until) FROM sources WHERE lease_until > now() AND ${ASKS_ARXIV}`;

const CLAIM = `
  UPDATE sources SET lease_until = now() + make_interval(secs => $2) WHERE id = (
    SELECT id FROM sources
    WHERE (lease_until IS NULL OR lease_until < now())
      AND CASE WHEN $3::text IS NOT NULL THEN name = $3
        WHEN $5 THEN kind LIKE 'arxiv-%' AND every_minutes IS NOT NULL AND next_run_at > $1 AND coalesce(reconcile_at, $1) <= $1
        ELSE next_run_at <= $1 END
      AND ($4 OR NOT ${ASKS_ARXIV} OR (${ARXIV_HELD}) IS NULL)
    ORDER BY CASE WHEN $5 THEN reconcile_at ELSE next_run_at END NULLS LAST LIMIT 1 FOR UPDATE SKIP LOCKED
  ) RETURNING ${CLAIMED}`;

/** How long the named source, or what it asks, is held still. */
const REST = `
  SELECT extract(epoch FROM greatest(lease_until, CASE WHEN ${ASKS_ARXIV} AND NOT $2 THEN (${ARXIV_HELD}) END) - now())::float8
    * 1000 AS "restMs" FROM sources WHERE name = $1`;

/** Who reads a source now. */
export function sourceClaims({ query, transaction }: Connection) {
  return {
    /**
     * Takes one source to read it: the named one, or one that is due. arXiv takes one reader at a time: while anybody
     * holds a source that asks arXiv, and a moment after, no other one is given out. Null when there is none to read, or
     * another worker has it; for a named one that is free again in a moment, how long that is.
     */
    claim: (options: ClaimOptions): Promise<ClaimedSource | Rest | null> =>
      transaction(async (run) => {
        await lockUntilCommit(run, "sourceClaims");
        const { now, leaseSeconds, name = null, asksElsewhere = false, to = "read" } = options;
        const rows = await run<ClaimedSource>(CLAIM, [
          now,
          leaseSeconds,
          name,
          asksElsewhere,
          to === "reconcile",
        ]);
        if (rows[0] !== undefined || name === null) return rows[0] ?? null;
        const [rest] = await run<Rest>(REST, [name, asksElsewhere]);
        return rest !== undefined && rest.restMs <= POLITE_SECONDS * 1000 ? rest : null;
      }),

    /** Keeps a source held while it is worked on. */
    renew: async (id: number, leaseSeconds: number): Promise<void> => {
      await query("UPDATE sources SET lease_until = now() + make_interval(secs => $2) WHERE id = $1", [
        id,
        leaseSeconds,
      ]);
    },

    /** Lets a source go that was claimed to be looked at or compared only; arXiv is left alone for `restSeconds` at least. */
    release: async (id: number, restSeconds = 0): Promise<void> => {
      await query(`UPDATE sources SET lease_until = ${heldAfter("$2::float8")} WHERE id = $1`, [
        id,
        restSeconds,
      ]);
    },
  };
}
