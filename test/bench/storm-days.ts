import { setTimeout as pause } from "node:timers/promises";
import type { Store } from "@paperboy/db";
import pg from "pg";

const DAY_MS = 86_400_000;
const FIRST_DAY = Date.parse("2026-03-02T07:00:30Z");
const STEP_MS = 10 * 60_000;
/** A day ends even when mails are still put off, early enough for the last one to bring them before another is due. */
const STEPS = (17 * 60) / 10;
/** Longer than anything is put off. */
const SKIP_MS = 5 * 60 * 60_000;
const LOOK_MS = 200;

/** The days of a storm: their editions, and a clock that every look moves on, so that what was put off comes due. */
export interface Days {
  readonly count: number;
  now(): Date;
  /** One look: begins the next day when nothing is left of this one, else moves the clock. */
  look(): Promise<void>;
  /** Whether every delivery is settled, those that are put off too. */
  areSettled(): Promise<boolean>;
  /** Moves the clock, once, so far that whatever was put off is due, and no further edition. */
  skip(): void;
}

/** Subscribes the readers and begins the first day. */
export async function startDays(databaseUrl: string, store: Store, readers: number): Promise<Days> {
  await addReaders(store, readers);
  await forgetConfirmations(databaseUrl);
  const begin = (day: number) => publish(store, day, new Date(FIRST_DAY + (day - 1) * DAY_MS));
  await begin(1);
  let count = 1;
  let steps = 0;
  let skipped = 0;
  const now = () => new Date(FIRST_DAY + (count - 1) * DAY_MS + steps * STEP_MS + skipped);
  const tally = async () => {
    const { submitted = 0, unknown = 0, deferred = 0, ...rest } = await store.deliveries.counts("digest");
    const { pending = 0, sending = 0, dotted = 0, ...final } = rest;
    const settled = submitted + unknown + sum(Object.values(final));
    return { settled, deferred, open: pending + sending + dotted };
  };
  return {
    get count() {
      return count;
    },
    now,
    areSettled: async () => (await tally()).settled >= count * readers,
    skip: () => {
      skipped = SKIP_MS;
    },
    look: async () => {
      await pause(LOOK_MS);
      const { settled, deferred, open } = await tally();
      const over = settled + deferred === count * readers && open === 0 && (deferred === 0 || steps >= STEPS);
      if (over) {
        await begin(count + 1);
        count++;
        steps = 0;
      } else if (steps < STEPS) steps++;
    },
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);

const ORDER = {
  topics: [{ name: "storm", query: "storm" }],
  trending: false,
  cadence: "daily",
  weekday: 1,
  localMinute: 7 * 60,
  timezone: "UTC",
  maxPapers: 5,
} as const;

async function addReaders(store: Store, count: number): Promise<void> {
  const before = new Date(FIRST_DAY - 2 * DAY_MS);
  const add = async (n: number) => {
    const address = readerAddress(n);
    const { requestId } = await store.subscriptions.request({ address, key: address }, ORDER, before);
    await store.subscriptions.confirm(requestId, before);
  };
  for (let n = 0; n < count; n += 8) {
    await Promise.all(Array.from({ length: Math.min(8, count - n) }, (_, k) => add(n + k)));
  }
}

const readerAddress = (n: number) => `reader${n}@storm.example`;

/** What was to be mailed so that readers confirm; they have. */
async function forgetConfirmations(databaseUrl: string): Promise<void> {
  const sql = new pg.Client({ connectionString: databaseUrl });
  await sql.connect();
  await sql.query("DELETE FROM deliveries").finally(() => sql.end());
}

/** One paper a day, so that each edition has to hold just that one. Doing it again changes nothing. */
async function publish(store: Store, day: number, now: Date): Promise<void> {
  const earlier = new Date(now.getTime() - 3_600_000);
  const draft = {
    externalId: `storm-${day}`,
    title: `Storm of day ${day}`,
    abstract: "A storm.",
    authors: ["A"],
    observedAt: earlier,
  };
  await store.ingest({ name: "storm", kind: "file" }, [draft], earlier);
  await store.papers.announce(earlier);
}
