import { DAY_MS, HOUR_MS } from "@paperboy/core";
import type { Store } from "@paperboy/db";
import pg from "pg";

/** Half a minute after the readers' hour. */
const FIRST_DAY = Date.parse("2026-03-02T07:00:30Z");
/** The clock of a storm runs so many times as fast as ours, so that what is deferred comes due in seconds. */
const SPEED = 3_000;
/** While it storms a day ends here, and leaves the last one time to bring what is deferred before a further edition is due. */
const DAY_ENDS_MS = 10 * HOUR_MS;
const LAST_DAY_ENDS_MS = 23.9 * HOUR_MS;

/** What a clock shows now, how fast it runs, and where it stops; instants as ISO 8601. */
export interface ClockSetting {
  readonly now: string;
  readonly until: string;
  readonly speed: number;
}

/** The days of a storm and their editions. */
export interface Days {
  readonly count: number;
  clock(): ClockSetting;
  /** Begins the next day when nothing is left of this one that can be sent today. */
  turn(): Promise<void>;
  /** Whether every delivery is settled, deferred ones included. */
  areSettled(): Promise<boolean>;
  /** Lets the clock of this day run on; no other will begin. */
  lengthen(): void;
}

/** Subscribes the readers and begins the first day. */
export async function startDays(databaseUrl: string, store: Store, readers: number): Promise<Days> {
  await addReaders(store, readers);
  await forgetConfirmations(databaseUrl);
  const begin = (day: number) => publish(store, day, new Date(FIRST_DAY + (day - 1) * DAY_MS));
  await begin(1);
  let count = 1;
  let began = performance.now();
  let ends = DAY_ENDS_MS;
  const elapsed = () => Math.min(ends, (performance.now() - began) * SPEED);
  const instant = (ms: number) => new Date(FIRST_DAY + (count - 1) * DAY_MS + ms).toISOString();
  const tally = async () => {
    const { pending = 0, sending = 0, dotted = 0, deferred = 0, ...rest } = await counts(store);
    const settled = Object.values(rest).reduce((sum, n) => sum + n, 0);
    return { settled, deferred, open: pending + sending + dotted };
  };
  return {
    get count() {
      return count;
    },
    clock: () => ({ now: instant(elapsed()), until: instant(ends), speed: SPEED }),
    areSettled: async () => (await tally()).settled >= count * readers,
    lengthen: () => {
      began = performance.now() - elapsed() / SPEED; // from where it stopped
      ends = LAST_DAY_ENDS_MS;
    },
    turn: async () => {
      const { settled, deferred, open } = await tally();
      if (settled + deferred < count * readers || open > 0) return;
      if (deferred > 0 && elapsed() < ends) return;
      await begin(count + 1);
      count++;
      began = performance.now();
    },
  };
}

const counts = (store: Store): Promise<Readonly<Record<string, number>>> => store.deliveries.counts("digest");

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
  const earlier = new Date(now.getTime() - HOUR_MS);
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
