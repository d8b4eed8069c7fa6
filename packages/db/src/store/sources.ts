import type { CategoryDay, RunFacts } from "@paperboy/core";
import type { Connection, Query } from "./connection.ts";
import { quarantineStore } from "./quarantine.ts";
import { policySql, type SourcePolicy, sourceClaims } from "./source-claims.ts";
import { readDays, sourceDays } from "./source-days.ts";
import { statement } from "./statement.ts";

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
  /** The announcement days of the last month, newest first. */
  readonly days: readonly CategoryDay[];
}

/** As much of a source as its health is judged by. */
export type SourceRhythm = Pick<SourceView, "name" | "kind" | "everyMinutes" | "runs" | "days">;

export interface SourceRunView extends RunFacts {
  readonly read: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: number;
}

/** How a run ended. */
export interface FinishedRun extends SourceRunView {
  readonly endedAt: Date;
  readonly batch: string | null;
  readonly nextRunAt: Date | null;
  /** For how long the server that was asked wants to be left alone. */
  readonly restSeconds?: number;
}

export interface NewSource {
  readonly name: string;
  readonly kind: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly everyMinutes: number | null;
}

const RUNS_OF_SOURCES = statement<SourceRunView & { sourceId: number }>(
  "sources.runsOfSources",
  {
    sourceId: "int",
    startedAt: "instant",
    outcome: "text",
    reason: "text?",
    read: "int",
    created: "int",
    updated: "int",
    unchanged: "int",
    refused: "int",
  },
  `SELECT source_id AS "sourceId", started_at AS "startedAt", outcome, reason, read, created, updated, unchanged, refused
     FROM source_runs WHERE started_at > $1::timestamptz - interval '31 days' ORDER BY started_at DESC`,
);

/** The runs of the month before `now` by source, newest first. */
async function readRuns(query: Query, now: Date): Promise<(sourceId: number) => SourceRunView[]> {
  const rows = await query(RUNS_OF_SOURCES, [now]);
  const bySource = new Map<number, SourceRunView[]>();
  for (const { sourceId, ...run } of rows) {
    const runs = bySource.get(sourceId);
    if (runs === undefined) bySource.set(sourceId, [run]);
    else runs.push(run);
  }
  return (sourceId) => bySource.get(sourceId) ?? [];
}

const LIST = statement<Omit<SourceView, "runs" | "days">>(
  "sources.list",
  {
    id: "int",
    name: "text",
    kind: "text",
    config: "json",
    everyMinutes: "int?",
    nextRunAt: "instant?",
    lastRunAt: "instant?",
    failures: "int",
    papers: "int!",
    quarantined: "int!",
  },
  `SELECT id, name, kind, config, every_minutes AS "everyMinutes", next_run_at AS "nextRunAt",
             last_run_at AS "lastRunAt", failures, coalesce(p.n, 0) AS papers, coalesce(q.n, 0) AS quarantined
           FROM sources
           LEFT JOIN (SELECT source_id, count(DISTINCT paper_id)::int AS n FROM sightings GROUP BY 1) p ON p.source_id = id
           LEFT JOIN (SELECT source_id, count(*)::int AS n FROM quarantine GROUP BY 1) q ON q.source_id = id
           ORDER BY name`,
);

const REMOVE = statement<{ id: number }>(
  "sources.remove",
  { id: "int" },
  "UPDATE sources SET every_minutes = NULL, next_run_at = NULL, config = '{}', cursor = '{}' WHERE name = $1 RETURNING id",
);

/** Where papers come from: what is configured, how it went, and what could not be read. */
export function sourceStore(connection: Connection, arxivPolicy: SourcePolicy) {
  const { query, prisma } = connection;
  const policy = policySql(arxivPolicy);
  return {
    ...sourceClaims(connection, policy),
    ...sourceDays(connection),
    ...quarantineStore(connection),

    count: (): Promise<number> => prisma.source.count(),

    /** How a source is to be read; null when there is none of this name. */
    find: async (name: string): Promise<NewSource | null> => {
      const select = { name: true, kind: true, config: true, everyMinutes: true };
      const row = await prisma.source.findUnique({ where: { name }, select });
      return row && { ...row, config: row.config as NewSource["config"] };
    },

    /** All sources with their runs of the month before `now` and their counts, as the operator sees them. */
    list: async (now: Date): Promise<SourceView[]> => {
      const [sources, runs, days] = await Promise.all([
        query(LIST),
        readRuns(query, now),
        readDays(query, now),
      ]);
      return sources.map((source) => ({ ...source, runs: runs(source.id), days: days(source.id) }));
    },

    /** What the health of all sources at `now` is judged by; cheap enough for every minute. */
    health: async (now: Date): Promise<SourceRhythm[]> => {
      const [sources, runs, days] = await Promise.all([
        prisma.source.findMany({
          select: { id: true, name: true, kind: true, everyMinutes: true },
          orderBy: { name: "asc" },
        }),
        readRuns(query, now),
        readDays(query, now),
      ]);
      return sources.map(({ id, ...source }) => ({ ...source, runs: runs(id), days: days(id) }));
    },

    /**
     * Adds a source, or gives an old one of this name its new settings; its first run is due at once. What it announces is
     * watched from then on, unless its settings stay what they were.
     */
    add: async ({ name, kind, config, everyMinutes }: NewSource, now: Date): Promise<void> => {
      await query(
        `WITH before AS (
           SELECT id FROM sources WHERE name = $1 AND (kind, config) IS DISTINCT FROM ($2, $3::jsonb)
         ), forgotten AS (
           DELETE FROM source_days WHERE source_id IN (SELECT id FROM before)
         )
         INSERT INTO sources (name, kind, config, every_minutes, next_run_at, watched_since)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (name) DO UPDATE SET kind = EXCLUDED.kind, config = EXCLUDED.config, cursor = '{}', failures = 0,
           every_minutes = EXCLUDED.every_minutes, next_run_at = EXCLUDED.next_run_at, reconcile_at = NULL,
           watched_since = CASE WHEN sources.id IN (SELECT id FROM before) THEN EXCLUDED.watched_since ELSE sources.watched_since END`,
        [name, kind, JSON.stringify(config), everyMinutes, everyMinutes === null ? null : now, now],
      );
    },

    /** Stops reading a source. One that has brought papers stays, since their sightings are its; false when there is none. */
    remove: async (name: string): Promise<boolean> => {
      const rows = await query(REMOVE, [name]);
      await query(
        "DELETE FROM sources WHERE name = $1 AND NOT EXISTS (SELECT FROM sightings s WHERE s.source_id = sources.id)",
        [name],
      );
      return rows.length > 0;
    },

    /** Notes where reading resumes, and keeps the source held. */
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
         UPDATE sources SET last_run_at = $2, lease_until = ${policy.heldAfter("$14::float8")}, next_run_at = CASE WHEN every_minutes IS NULL THEN NULL ELSE $12::timestamptz END,
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
          run.restSeconds ?? 0,
        ],
      );
    },
  };
}
