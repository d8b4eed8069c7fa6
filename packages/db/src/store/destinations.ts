import {
  type DestinationState,
  fasterGap,
  pauseUntil,
  redact,
  slowerGap,
  type Trouble,
} from "@paperboy/core";
import type { Connection, Query } from "./connection.ts";
import { statement } from "./statement.ts";

/** How sending to one side goes, for the operator's eyes. */
export interface DestinationView extends DestinationState {
  /** `*` is the relay, any other key a destination's domain. */
  readonly key: string;
}

/** How many mails may begin, and when, counted from the moment the answer was made. */
export interface Slots {
  readonly granted: number;
  /** Milliseconds until the first may begin. */
  readonly inMs: number;
}

export interface SlotRequest {
  readonly key: string;
  readonly want: number;
  /** Milliseconds between two mails. */
  readonly gapMs: number;
  /** Slots later than this many milliseconds are left to others. */
  readonly horizonMs: number;
}

const COLUMNS = `CASE WHEN paused_until > $1 THEN paused_until END AS "pausedUntil", reason, strikes, gap_ms AS "gapMs"`;

const LIST = statement<DestinationView>(
  "destinations.list",
  { key: "text", pausedUntil: "instant?", reason: "text?", strikes: "int", gapMs: "int" },
  `SELECT key, ${COLUMNS} FROM streams WHERE paused_until > $1 OR gap_ms > 0 OR strikes > 0 ORDER BY key`,
);

const ACQUIRE_CONNECTIONS = statement<{ connections: number }>(
  "destinations.acquireConnections",
  { connections: "int" },
  `INSERT INTO stream_shares (key, holder, connections, expires_at)
           SELECT $1, $2, greatest(0, least($3, $4 - coalesce(sum(connections), 0)))::int, now() + make_interval(secs => $5)
           FROM stream_shares WHERE key = $1 AND holder <> $2
           ON CONFLICT (key, holder) DO UPDATE SET connections = EXCLUDED.connections, expires_at = EXCLUDED.expires_at
           RETURNING connections`,
);

/** How sending goes, by rows that all workers share: pauses, gaps, slots, connections. */
export function destinationStore({ query, transaction }: Connection) {
  return {
    /** Destinations that are paused or slowed down at an instant. */
    list: (now: Date): Promise<DestinationView[]> => query(LIST, [now]),

    /** Pauses a destination, for longer each time nothing has gone out since the last; returns until when. */
    pause: (key: string, trouble: Trouble, reason: string, now: Date): Promise<Date> =>
      transaction(async (run) => {
        const { strikes, pausedUntil } = await lock(run, key, now);
        // Workers that fail side by side are one failure.
        if (pausedUntil !== null) return pausedUntil;
        const until = pauseUntil(trouble, strikes + 1, now);
        await run("UPDATE streams SET paused_until = $2, reason = $3, strikes = $4 WHERE key = $1", [
          key,
          until,
          redact(reason).slice(0, 500),
          strikes + 1,
        ]);
        return until;
      }),

    /** Resumes a destination at full speed, as an operator does who has repaired the fault; false when it was not paused or slowed. */
    resume: async (key: string): Promise<boolean> => {
      const rows = await query(
        "DELETE FROM streams WHERE key = $1 AND (paused_until IS NOT NULL OR gap_ms > 0) RETURNING key",
        [key],
      );
      return rows.length > 0;
    },

    /** Leaves more time between mails from here on. */
    slowDown: (key: string, reason: string, now: Date): Promise<void> =>
      transaction(async (run) => {
        const { gapMs } = await lock(run, key, now);
        await run("UPDATE streams SET gap_ms = $2, reason = $3 WHERE key = $1", [
          key,
          slowerGap(gapMs),
          redact(reason).slice(0, 500),
        ]);
      }),

    /** Notes that mails go out: strikes are forgotten, and the gap becomes smaller. */
    speedUp: (key: string, now: Date): Promise<void> =>
      transaction(async (run) => {
        const { gapMs } = await lock(run, key, now);
        await run("UPDATE streams SET gap_ms = $2, strikes = 0 WHERE key = $1", [key, fasterGap(gapMs)]);
      }),

    /** Acquires slots of a destination; what is beyond the horizon is not granted. */
    acquireSlots: (request: SlotRequest): Promise<Slots> => transaction((run) => acquireSlots(run, request)),

    /** Releases slots that were not needed. */
    releaseSlots: async (key: string, count: number, gapMs: number): Promise<void> => {
      if (count <= 0) return;
      await query("UPDATE streams SET next_at = next_at - make_interval(secs => $2) WHERE key = $1", [
        key,
        (count * gapMs) / 1000,
      ]);
    },

    /**
     * Acquires connections out of those that all workers share, or renews the lease on them.
     *
     * @param holder a UUID that names the worker for as long as it lives.
     * @returns how many it holds now; 0 when others hold all of them.
     */
    acquireConnections: (
      key: string,
      holder: string,
      { want, most, leaseSeconds }: { want: number; most: number; leaseSeconds: number },
    ): Promise<number> =>
      transaction(async (run) => {
        await run("SELECT pg_advisory_xact_lock(hashtextextended('paperboy:share:' || $1, 0))", [key]);
        await run("DELETE FROM stream_shares WHERE key = $1 AND expires_at < now()", [key]);
        const [row] = await run(ACQUIRE_CONNECTIONS, [key, holder, want, most, leaseSeconds]);
        return row?.connections ?? 0;
      }),

    /** Releases all connections of a worker. */
    releaseConnections: async (holder: string): Promise<void> => {
      await query("DELETE FROM stream_shares WHERE holder = $1", [holder]);
    },
  };
}

const LOCK_DESTINATION = statement<DestinationState>(
  "destinations.lockDestination",
  { pausedUntil: "instant?", reason: "text?", strikes: "int", gapMs: "int" },
  `SELECT ${COLUMNS} FROM streams WHERE key = $2 FOR UPDATE`,
);

async function lock(run: Query, key: string, now: Date): Promise<DestinationState> {
  await run("INSERT INTO streams (key) VALUES ($1) ON CONFLICT DO NOTHING", [key]);
  const [row] = await run(LOCK_DESTINATION, [now, key]);
  return row as DestinationState;
}

const ACQUIRE_SLOTS = statement<{ inMs: number }>(
  "destinations.acquireSlots",
  { inMs: "float!" },
  `SELECT greatest(0, extract(epoch FROM next_at - clock_timestamp()) * 1000)::float AS "inMs"
     FROM streams WHERE key = $1 FOR UPDATE`,
);

/** The generic cell rate algorithm (ITU-T I.371): one instant says all there is to know of the past. */
async function acquireSlots(run: Query, { key, want, gapMs, horizonMs }: SlotRequest): Promise<Slots> {
  await run("INSERT INTO streams (key) VALUES ($1) ON CONFLICT DO NOTHING", [key]);
  const [row] = await run(ACQUIRE_SLOTS, [key]);
  const inMs = row?.inMs ?? 0;
  const room = inMs > horizonMs ? 0 : Math.floor((horizonMs - inMs) / gapMs) + 1;
  const granted = Math.min(want, room);
  await run(
    "UPDATE streams SET next_at = greatest(next_at, clock_timestamp()) + make_interval(secs => $2) WHERE key = $1",
    [key, (granted * gapMs) / 1000],
  );
  return { granted, inMs };
}
