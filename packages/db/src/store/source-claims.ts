import type { Connection } from "./connection.ts";
import { lockUntilCommit } from "./locks.ts";
import { statement } from "./statement.ts";

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

/** What one server asks of all who read from it, and which sources do. */
export interface SourcePolicy {
  /** All hosts of this domain count as one server. */
  readonly domain: string;
  /** The pause between two requests. */
  readonly gapMs: number;
  /** The kinds of source that ask it unless they name another server, and that are compared with its announcements. */
  readonly kinds: readonly string[];
}

/** The parts of statements that keep the policy of a server. */
export interface PolicySql {
  /** The pause asked for, with a little for clocks. */
  readonly politeSeconds: number;
  /** Whether a source is compared with what is announced there. */
  readonly isOfKind: string;
  /** Whether a source asks that server. */
  readonly asksIt: string;
  /** Until when the server is asked by somebody; null when it is free. */
  readonly heldUntil: string;
  /** Until when a source stays held that was read: for the pause, or as long as the server said (`seconds`, SQL). */
  readonly heldAfter: (seconds: string) => string;
}

export function policySql({ domain, gapMs, kinds }: SourcePolicy): PolicySql {
  const politeSeconds = gapMs / 1000 + 1;
  const isOfKind = `kind IN (${kinds.map(literal).join(", ")})`;
  const hosts = `^https?://([a-z0-9-]+[.])*${domain.replaceAll(".", "[.]")}(:[0-9]+)?(/|$)`;
  const asksIt = `(${isOfKind} AND config->>'url' IS NULL OR config->>'url' ~* ${literal(hosts)})`;
  return {
    politeSeconds,
    isOfKind,
    asksIt,
    heldUntil: `SELECT max(lease_until) FROM sources WHERE lease_until > now() AND ${asksIt}`,
    heldAfter: (seconds) =>
      `CASE WHEN ${asksIt} THEN now() + make_interval(secs => greatest(${politeSeconds}, ${seconds})) END`,
  };
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const claimStatement = ({ isOfKind, asksIt, heldUntil }: PolicySql) =>
  statement<ClaimedSource>(
    "source-claims.claim",
    {
      id: "int",
      name: "text",
      kind: "text",
      config: "json",
      cursor: "json",
      everyMinutes: "int?",
      failures: "int",
      watchedSince: "instant",
      lastBatch: "text?",
    },
    `
  UPDATE sources SET lease_until = now() + make_interval(secs => $2) WHERE id = (
    SELECT id FROM sources
    WHERE (lease_until IS NULL OR lease_until < now())
      AND CASE WHEN $3::text IS NOT NULL THEN name = $3
        WHEN $5 THEN ${isOfKind} AND every_minutes IS NOT NULL AND next_run_at > $1 AND coalesce(reconcile_at, $1) <= $1
        ELSE next_run_at <= $1 END
      AND ($4 OR NOT ${asksIt} OR (${heldUntil}) IS NULL)
    ORDER BY CASE WHEN $5 THEN reconcile_at ELSE next_run_at END NULLS LAST LIMIT 1 FOR UPDATE SKIP LOCKED
  ) RETURNING ${CLAIMED}`,
  );

/** How long the named source, or what it asks, is held still. */
const restStatement = ({ asksIt, heldUntil }: PolicySql) =>
  statement<Rest>(
    "source-claims.rest",
    { restMs: "float!" },
    `
  SELECT extract(epoch FROM greatest(lease_until, CASE WHEN ${asksIt} AND NOT $2 THEN (${heldUntil}) END) - now())::float8
    * 1000 AS "restMs" FROM sources WHERE name = $1`,
  );

/** Who reads a source now. */
export function sourceClaims({ query, transaction }: Connection, policy: PolicySql) {
  const claim = claimStatement(policy);
  const rest = restStatement(policy);
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
        const rows = await run(claim, [now, leaseSeconds, name, asksElsewhere, to === "reconcile"]);
        if (rows[0] !== undefined || name === null) return rows[0] ?? null;
        const [resting] = await run(rest, [name, asksElsewhere]);
        return resting !== undefined && resting.restMs <= policy.politeSeconds * 1000 ? resting : null;
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
      await query(`UPDATE sources SET lease_until = ${policy.heldAfter("$2::float8")} WHERE id = $1`, [
        id,
        restSeconds,
      ]);
    },
  };
}
