import type { RunFacts } from "@paperboy/core";
import type { Connection } from "./connection.ts";

/** A source as the operator sees it. */
export interface SourceView {
  readonly id: number;
  readonly name: string;
  readonly kind: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Null for a source that is read by hand. */
  readonly everyMinutes: number | null;
  readonly nextRunAt: Date | null;
  readonly papers: number;
  readonly quarantined: number;
  readonly lastRunAt: Date | null;
  readonly failures: number;
  /** The runs of the last month, newest first. */
  readonly runs: readonly SourceRunView[];
}

export interface SourceRunView extends RunFacts {
  readonly read: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: number;
}

/** A source that a worker holds while it reads it. */
export interface ClaimedSource {
  readonly id: number;
  readonly name: string;
  readonly kind: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly cursor: Readonly<Record<string, unknown>>;
  readonly everyMinutes: number | null;
  readonly failures: number;
  /** The batch of the newest run that read any. */
  readonly lastBatch: string | null;
}

/** How a run ended. */
export interface FinishedRun extends SourceRunView {
  readonly endedAt: Date;
  readonly batch: string | null;
  readonly nextRunAt: Date | null;
}

export interface Quarantined {
  readonly source: string;
  readonly at: string;
  readonly reason: string;
  readonly times: number;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
}

export interface NewSource {
  readonly name: string;
  readonly kind: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly everyMinutes: number | null;
}

const CLAIMED = `id, name, kind, config, cursor, every_minutes AS "everyMinutes", failures,
  (SELECT r.batch FROM source_runs r WHERE r.source_id = sources.id AND r.batch IS NOT NULL
   ORDER BY r.started_at DESC LIMIT 1) AS "lastBatch"`;

export interface ClaimOptions {
  readonly now: Date;
  readonly leaseSeconds: number;
  readonly name?: string;
  /** True when this reading asks another server than the source's kind and settings say. */
  readonly asksElsewhere?: boolean;
}

/** The named source is free, but the server it asks wants a pause. */
export interface Rest {
  readonly restMs: number;
}

/** Serialises claims, so that two workers cannot both find arXiv unasked. */
const CLAIM_LOCK = 7_290_004;
/** The pause arXiv asks for, with a little for clocks. */
const POLITE_SECONDS = 4;
const ASKS_ARXIV = `(kind LIKE 'arxiv-%' AND config->>'url' IS NULL
  OR config->>'url' ~* '^https?://([a-z0-9-]+[.])*arxiv[.]org(:[0-9]+)?(/|$)')`;
/** A source that asks arXiv stays held for the pause; by its lease others see it. */
const AFTER_READING = `CASE WHEN ${ASKS_ARXIV} THEN now() + make_interval(secs => ${POLITE_SECONDS}) END`;
const ARXIV_HELD = `SELECT max(lease_until) FROM sources WHERE lease_until > now() AND ${ASKS_ARXIV}`;

const CLAIM = `
  UPDATE sources SET lease_until = now() + make_interval(secs => $2) WHERE id = (
    SELECT id FROM sources
    WHERE (lease_until IS NULL OR lease_until < now())
      AND CASE WHEN $3::text IS NULL THEN next_run_at <= $1 ELSE name = $3 END
      AND ($4 OR NOT ${ASKS_ARXIV} OR (${ARXIV_HELD}) IS NULL)
    ORDER BY next_run_at NULLS LAST LIMIT 1 FOR UPDATE SKIP LOCKED
  ) RETURNING ${CLAIMED}`;

/** How long the named source, or what it asks, is held still. */
const REST = `
  SELECT extract(epoch FROM greatest(lease_until, CASE WHEN ${ASKS_ARXIV} AND NOT $2 THEN (${ARXIV_HELD}) END) - now())::float8
    * 1000 AS "restMs" FROM sources WHERE name = $1`;

/** Where papers come from: what is configured, how it went, and what could not be read. */
export function sourceStore({ query, transaction, prisma }: Connection) {
  return {
    count: (): Promise<number> => prisma.source.count(),

    list: (): Promise<SourceView[]> =>
      query<SourceView>(
        `SELECT id, name, kind, config, every_minutes AS "everyMinutes", next_run_at AS "nextRunAt",
           last_run_at AS "lastRunAt", failures,
           (SELECT count(DISTINCT paper_id)::int FROM sightings s WHERE s.source_id = sources.id) AS papers,
           (SELECT count(*)::int FROM quarantine q WHERE q.source_id = sources.id) AS quarantined,
           '[]'::json AS runs
         FROM sources ORDER BY name`,
      ).then(async (sources) => {
        const runs = await query<SourceRunView & { sourceId: number }>(
          `SELECT source_id AS "sourceId", started_at AS "startedAt", outcome, reason, read, created, updated, unchanged, refused
           FROM source_runs WHERE started_at > now() - interval '31 days' ORDER BY started_at DESC`,
        );
        return sources.map((source) => ({
          ...source,
          runs: runs.filter(({ sourceId }) => sourceId === source.id).map(({ sourceId: _, ...run }) => run),
        }));
      }),

    /** Adds a source, or gives an old one of this name its new settings; its first run is due at once. */
    add: async ({ name, kind, config, everyMinutes }: NewSource, now: Date): Promise<void> => {
      await query(
        `INSERT INTO sources (name, kind, config, every_minutes, next_run_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (name) DO UPDATE SET kind = EXCLUDED.kind, config = EXCLUDED.config, cursor = '{}', failures = 0,
           every_minutes = EXCLUDED.every_minutes, next_run_at = EXCLUDED.next_run_at`,
        [name, kind, JSON.stringify(config), everyMinutes, everyMinutes === null ? null : now],
      );
    },

    /** Stops reading a source. One that has brought papers stays, since their sightings are its; false when there is none. */
    remove: async (name: string): Promise<boolean> => {
      const rows = await query<{ id: number }>(
        "UPDATE sources SET every_minutes = NULL, next_run_at = NULL, config = '{}', cursor = '{}' WHERE name = $1 RETURNING id",
        [name],
      );
      await query(
        "DELETE FROM sources WHERE name = $1 AND NOT EXISTS (SELECT FROM sightings s WHERE s.source_id = sources.id)",
        [name],
      );
      return rows.length > 0;
    },

    /**
     * Takes one source to read it: the named one, or one that is due. arXiv takes one reader at a time: while anybody
     * holds a source that asks arXiv, and a moment after, no other one is given out. Null when there is none to read, or
     * another worker has it; for a named one that is free again in a moment, how long that is.
     */
    claim: (options: ClaimOptions): Promise<ClaimedSource | Rest | null> =>
      transaction(async (run) => {
        await run("SELECT pg_advisory_xact_lock($1)", [CLAIM_LOCK]);
        const { now, leaseSeconds, name = null, asksElsewhere = false } = options;
        const rows = await run<ClaimedSource>(CLAIM, [now, leaseSeconds, name, asksElsewhere]);
        if (rows[0] !== undefined || name === null) return rows[0] ?? null;
        const [rest] = await run<Rest>(REST, [name, asksElsewhere]);
        return rest !== undefined && rest.restMs <= POLITE_SECONDS * 1000 ? rest : null;
      }),

    /** Lets a source go that was claimed to be looked at only. */
    release: async (id: number): Promise<void> => {
      await query(`UPDATE sources SET lease_until = ${AFTER_READING} WHERE id = $1`, [id]);
    },

    /** Notes where reading goes on, and keeps the source held. */
    keepCursor: async (id: number, cursor: object, leaseSeconds: number): Promise<void> => {
      await query(
        "UPDATE sources SET cursor = $2, lease_until = now() + make_interval(secs => $3) WHERE id = $1",
        [id, JSON.stringify(cursor), leaseSeconds],
      );
    },

    /** Records a run, lets the source go, and says when it is due again. */
    finish: async (id: number, run: FinishedRun): Promise<void> => {
      const failed = run.outcome === "failed" || run.outcome === "refused";
      await query(
        `WITH noted AS (
           INSERT INTO source_runs (source_id, started_at, ended_at, outcome, reason, read, created, updated, unchanged, refused, batch)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         )
         UPDATE sources SET last_run_at = $2, lease_until = ${AFTER_READING}, next_run_at = CASE WHEN every_minutes IS NULL THEN NULL ELSE $12::timestamptz END,
           failures = CASE WHEN $13 THEN failures + 1 ELSE 0 END,
           last_paper_at = CASE WHEN $7 > 0 THEN $3 ELSE last_paper_at END WHERE id = $1`,
        [
          id,
          run.startedAt,
          run.endedAt,
          run.outcome,
          run.reason,
          run.read,
          run.created,
          run.updated,
          run.unchanged,
          run.refused,
          run.batch,
          run.nextRunAt,
          failed,
        ],
      );
    },

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
        [source, JSON.stringify(refusals), now],
      );
    },

    /** What could not be read, newest first; of one source, or of all. */
    quarantined: (limit: number, source?: string): Promise<Quarantined[]> =>
      query<Quarantined>(
        `SELECT s.name AS source, q.at, q.reason, q.times, q.first_seen_at AS "firstSeenAt", q.last_seen_at AS "lastSeenAt"
         FROM quarantine q JOIN sources s ON s.id = q.source_id
         WHERE $2::text IS NULL OR s.name = $2 ORDER BY q.last_seen_at DESC, q.id DESC LIMIT $1`,
        [limit, source ?? null],
      ),
  };
}
