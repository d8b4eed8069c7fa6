import { randomUUID } from "node:crypto";
import { type Paces, RELAY, type UnknownPolicy } from "@paperboy/core";
import type { DeliveryResult, Store, StreamView } from "@paperboy/db";
import { attempt, type Claimed, type Mailer } from "./attempt.ts";
import { type BreakerStore, createBreaker } from "./breaker.ts";
import { type ClaimStore, createClaims, type TimedMail } from "./claim.ts";
import { createPace, type PaceStore } from "./pace.ts";
import { createRecorder, type RecordStore } from "./record.ts";
import { runPool } from "./worker-pool.ts";

/**
 * Sends what is due until nothing is left to claim, or something pauses sending: the breaker, a limit. Each mail is
 *
 *  1. claimed under a lease, as many at once as the pace lets begin soon        (claim.ts, pace.ts)
 *  2. checked against the reader's wish, made, and handed to the relay          (attempt.ts, mailer.ts)
 *  3. marked `dotted`, committed before its final dot can leave this machine    (record.ts)
 *  4. judged by what the relay answered                                         (outcome.ts, breaker.ts)
 *  5. recorded, and its lease ended                                             (record.ts)
 */
export async function deliver(
  store: DeliverStore,
  mailer: Mailer,
  options: DeliverOptions,
): Promise<DeliverCounts> {
  const { now, leaseSeconds, warmUpFrom, ids, paces = new Map() } = options;
  const counts: DeliverCounts = { ...NOTHING };
  const streams = await store.streams.list(now());
  counts.heldUp = pausedFor(streams);
  if (counts.heldUp !== null) return counts;

  let underWay = 0;
  const pace = createPace(store, { holder: randomUUID(), paces, warmUpFrom, leaseSeconds, now });
  const atOnce = mailer.connections * ROUNDS_CLAIMED;
  const claims = createClaims(store, pace, { now, leaseSeconds, atOnce, ...(ids && { ids }) });
  const recorder = createRecorder(store, { now, leaseSeconds, underWay: () => underWay });
  const breaker = createBreaker(store, {
    now,
    signal: options.signal,
    slowed: streams.map(({ key }) => key),
    onPause: (reason, until, deliveryId) =>
      options.onError?.(new Error(`sending pauses until ${until.toISOString()}: ${reason}`), deliveryId),
  });

  const send = async (mail: Claimed) => {
    const begun = performance.now();
    const result = await attempt(mail, mailer, claims.papers, recorder.dot, options, (outcome) =>
      breaker.note(outcome, mail),
    );
    counts[result === "fenced" ? result : COUNTED[result.event]]++;
    if (result !== "fenced") await recorder.end(mail, result);
    options.onEnd?.(mail, result, (performance.now() - begun) / 1000);
  };
  const refill = async () => {
    const known = await store.streams.list(now());
    counts.heldUp = pausedFor(known);
    if (counts.heldUp !== null) return NO_MORE;
    pace.observe(known);
    const items = await claims.next();
    if (items.length > 0) return { items, againAt: 0 };
    if (await pace.isUsedUp()) counts.heldUp = "the day's mails of the warm-up have gone out";
    return counts.heldUp === null ? { items, againAt: pace.nextTurn() } : NO_MORE;
  };

  const heartbeat = setInterval(
    () => void Promise.all([claims.renew(), pace.renew()]).catch(() => {}), // the leases then run out, as they should
    (leaseSeconds * 1000) / 3,
  );
  try {
    // None, while other processes hold all connections there are: whoever asks again finds some.
    const workers = await pace.connections(RELAY, mailer.connections);
    if (workers === 0) return counts;
    await runPool<TimedMail>(
      workers,
      {
        refill,
        readyAt: ({ mail, at }) =>
          underWay < breaker.mostAtOnce() && pace.isFree(mail) ? at : Number.POSITIVE_INFINITY,
        work: async ({ mail }) => {
          underWay++;
          await pace
            .during(mail, () => send(mail))
            .finally(() => {
              underWay--;
              claims.forget(mail.id);
            });
        },
        release: claims.release,
      },
      breaker.signal,
    );
    counts.heldUp ??= breaker.openedFor();
    return counts;
  } finally {
    clearInterval(heartbeat);
    await pace.close();
  }
}

/** What delivering asks of the store. */
export interface DeliverStore extends Pick<PaceStore, "throttles">, Pick<ClaimStore, "papers"> {
  readonly deliveries: ClaimStore["deliveries"] & RecordStore["deliveries"];
  readonly suppressions: ClaimStore["suppressions"] & BreakerStore["suppressions"];
  readonly streams: BreakerStore["streams"] & PaceStore["streams"] & Pick<Store["streams"], "list">;
}

export interface DeliverOptions {
  /** The time that decides what is due; leases and slots run by the database's clock. */
  readonly now: () => Date;
  readonly leaseSeconds: number;
  /** What becomes of a mail whose connection broke after the final dot. */
  readonly unknownPolicy: UnknownPolicy;
  /** Only these deliveries; all that are due when absent. */
  readonly ids?: readonly string[];
  /** How fast the relay and single destinations may be written to; as fast as they answer when absent. */
  readonly paces?: Paces;
  /** First day of a warm-up, ISO 8601. */
  readonly warmUpFrom?: string | undefined;
  /** A mail goes out within this time after it was planned, or not at all; three days when absent. */
  readonly maxLatenessMs?: number;
  /** Stops claiming; mails under way are finished. */
  readonly signal?: AbortSignal;
  readonly onError?: (error: Error, deliveryId: string) => void;
  /** Told of each attempt once its end is recorded, and how many seconds it took. */
  readonly onEnd?: (mail: Claimed, result: DeliveryResult | "fenced", seconds: number) => void;
}

/** How many attempts ended in each way, and why sending stopped before everything was tried. */
export interface DeliverCounts {
  submitted: number;
  deferred: number;
  failed: number;
  suppressed: number;
  skipped: number;
  unknown: number;
  fenced: number;
  /** Null when nothing paused it. */
  heldUp: string | null;
}

/** Claims are made for so many rounds of the pool. */
const ROUNDS_CLAIMED = 8;

const NO_MORE = { items: [], againAt: null };

const NOTHING: DeliverCounts = {
  submitted: 0,
  deferred: 0,
  failed: 0,
  suppressed: 0,
  skipped: 0,
  unknown: 0,
  fenced: 0,
  heldUp: null,
};

const COUNTED = {
  accept: "submitted",
  defer: "deferred",
  refuse: "failed",
  lose: "unknown",
  suppress: "suppressed",
  lapse: "skipped",
} as const satisfies Record<DeliveryResult["event"], Exclude<keyof DeliverCounts, "heldUp">>;

/** What another run, or another worker, has paused sending for. */
const pausedFor = (streams: readonly StreamView[]): string | null =>
  streams.find(({ key, pausedUntil }) => key === RELAY && pausedUntil !== null)?.reason ?? null;
