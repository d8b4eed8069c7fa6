import { randomUUID } from "node:crypto";
import { type Paces, RELAY, type UnknownPolicy } from "@paperboy/core";
import type { DeliveryResult, DestinationView, Store } from "@paperboy/db";
import { attempt, type Claimed, type Mailer } from "./attempt.ts";
import { type BreakerStore, createBreaker } from "./breaker.ts";
import { type ClaimStore, createClaims, type TimedMail } from "./claim.ts";
import type { LimiterStore } from "./limiter-options.ts";
import { outcomeOf } from "./outcome.ts";
import { createRateLimiter } from "./rate-limiter.ts";
import { createRecorder, type RecordStore } from "./record.ts";
import { runPool } from "./worker-pool.ts";

/**
 * Sends what is due until nothing is left to claim, or something pauses sending: the breaker, a limit. Each mail is
 *
 *  1. claimed under a lease, as many at once as may begin soon under the limits    (claim.ts, rate-limiter.ts)
 *  2. checked against the reader's wish, made, and handed to the relay          (attempt.ts, mailer.ts)
 *  3. marked `dotted`, committed before its final dot can leave this machine    (record.ts)
 *  4. judged by what the relay answered                                         (outcome.ts, breaker.ts)
 *  5. recorded, and its lease ended, together with the marks of the next ones   (record.ts)
 */
export async function deliver(
  store: DeliverStore,
  mailer: Mailer,
  options: DeliverOptions,
): Promise<DeliverCounts> {
  const { now, leaseSeconds, warmUpFrom, ids, paces = new Map() } = options;
  const counts: DeliverCounts = { ...NOTHING };
  const destinations = await store.destinations.list(now());
  counts.heldUp = pausedFor(destinations);
  if (counts.heldUp !== null) return counts;

  let underWay = 0;
  const limiter = createRateLimiter(store, { holder: randomUUID(), paces, warmUpFrom, leaseSeconds, now });
  const atOnce = mailer.connections * ROUNDS_CLAIMED;
  const claims = createClaims(store, limiter, { now, leaseSeconds, atOnce, ...(ids && { ids }) });
  const recorder = createRecorder(store, { now, leaseSeconds, underWay: () => underWay });
  const breaker = createBreaker(store, {
    now,
    signal: options.signal,
    slowed: destinations.map(({ key }) => key),
    onPause: (reason, until, deliveryId) =>
      options.onError?.(new Error(`sending pauses until ${until.toISOString()}: ${reason}`), deliveryId),
  });

  const send = async (mail: Claimed) => {
    const begun = performance.now();
    const result = await attempt(mail, mailer, claims.papers, recorder.dot, options, (outcome) =>
      breaker.note(outcome, mail),
    );
    counts[outcomeOf(result)]++;
    options.onEnd?.(mail, result, (performance.now() - begun) / 1000);
    const forget = () => claims.forget(mail.id);
    if (result === "fenced") forget();
    else void recorder.end(mail, result).then(forget, () => {}); // a failure is told by `recorded`
  };
  const refill = async () => {
    const known = await store.destinations.list(now());
    counts.heldUp = pausedFor(known);
    if (counts.heldUp !== null) return NO_MORE;
    limiter.observe(known);
    const items = await claims.next();
    if (items.length > 0) return { items, againAt: 0 };
    if (await limiter.isUsedUp()) counts.heldUp = "the day's mails of the warm-up have gone out";
    return counts.heldUp === null ? { items, againAt: limiter.nextTurn() } : NO_MORE;
  };

  const heartbeat = setInterval(
    () => void Promise.all([claims.renew(), limiter.renew()]).catch(() => {}), // the leases then run out, as they should
    (leaseSeconds * 1000) / 3,
  );
  try {
    // None, while other processes hold all connections there are: whoever asks again finds some.
    const workers = await limiter.connections(RELAY, mailer.connections);
    if (workers === 0) return counts;
    await runPool<TimedMail>(
      workers,
      {
        refill,
        readyAt: ({ mail, at }) =>
          underWay < breaker.mostAtOnce() && limiter.isFree(mail) ? at : Number.POSITIVE_INFINITY,
        work: async ({ mail }) => {
          underWay++;
          await limiter
            .during(mail, () => send(mail))
            .finally(() => {
              underWay--;
            });
          await recorder.recorded(workers);
        },
        release: claims.release,
      },
      breaker.signal,
    ).finally(() => recorder.recorded(0));
    counts.heldUp ??= breaker.openedFor();
    return counts;
  } finally {
    clearInterval(heartbeat);
    await limiter.close();
  }
}

/** What delivering asks of the store. */
export interface DeliverStore extends Pick<LimiterStore, "throttles">, Pick<ClaimStore, "papers"> {
  readonly deliveries: ClaimStore["deliveries"] & RecordStore["deliveries"];
  readonly suppressions: ClaimStore["suppressions"] & BreakerStore["suppressions"];
  readonly destinations: BreakerStore["destinations"] &
    LimiterStore["destinations"] &
    Pick<Store["destinations"], "list">;
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
  /** Told how each attempt ended, and how many seconds it took. */
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

/** What another run, or another worker, has paused sending for. */
const pausedFor = (destinations: readonly DestinationView[]): string | null =>
  destinations.find(({ key, pausedUntil }) => key === RELAY && pausedUntil !== null)?.reason ?? null;
