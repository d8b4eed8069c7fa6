import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type Paces, RELAY, type UnknownPolicy } from "@paperboy/core";
import type { Claim, DeliveryResult, Store, StreamView } from "@paperboy/db";
import { attempt, type Claimed, type Mailer } from "../attempt.ts";
import { type ClaimStore, createClaims, type TimedMail } from "../claims.ts";
import type { SendOutcome } from "../delivery-result.ts";
import { createGroupCommit } from "../group-commit.ts";
import { runLanes } from "../lanes.ts";
import { createPacing, type PaceStore, type Pacing } from "../pacing.ts";
import { createStreamGuard, type GuardStore } from "../stream-guard.ts";

export type { Mailer } from "../attempt.ts";
export type { SendOutcome } from "../delivery-result.ts";

/** What delivering asks of the store. */
export interface DeliverStore extends Pick<PaceStore, "throttles">, Pick<ClaimStore, "papers"> {
  readonly deliveries: ClaimStore["deliveries"] & Pick<Store["deliveries"], "dot" | "record">;
  readonly suppressions: ClaimStore["suppressions"] & GuardStore["suppressions"];
  readonly streams: GuardStore["streams"] & PaceStore["streams"] & Pick<Store["streams"], "list">;
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
  /** Null when nothing was held up. */
  heldUp: string | null;
}

/**
 * Sends what is due until nothing is left to claim, or something holds sending up: a pause, a limit. Each mail is claimed
 * under a lease, checked against the reader's wish, sent with the mark `dotted` committed before its final dot, and its
 * end recorded. Marks and ends of mails under way together share a commit.
 */
export async function deliver(
  store: DeliverStore,
  mailer: Mailer,
  options: DeliverOptions,
): Promise<DeliverCounts> {
  const counts: DeliverCounts = { ...NOTHING };
  const streams = await store.streams.list(options.now());
  const heldUp = haltOf(streams);
  if (heldUp !== null) return { ...counts, heldUp };
  const { leaseSeconds, warmUpFrom, now } = options;
  const paces = options.paces ?? new Map();
  const pacing = createPacing(store, { holder: randomUUID(), paces, warmUpFrom, leaseSeconds, now });
  const { ids } = options;
  const atOnce = mailer.connections * ROUNDS_CLAIMED;
  const claims = createClaims(store, pacing, { now, leaseSeconds, atOnce, ...(ids && { ids }) });
  const heartbeat = setInterval(
    () => void Promise.all([claims.renew(), pacing.renew()]).catch(() => {}), // the leases then run out, as they should
    (leaseSeconds * 1000) / 3,
  );
  try {
    // None, while other workers hold all there are: whoever asks again finds some.
    const lanes = await pacing.connections(RELAY, mailer.connections);
    const slowed = streams.map(({ key }) => key);
    if (lanes > 0) await work({ store, mailer, options, pacing, claims, counts }, lanes, slowed);
    return counts;
  } finally {
    clearInterval(heartbeat);
    await pacing.close();
  }
}

/** Claims are made for so many rounds of the lanes. */
const ROUNDS_CLAIMED = 8;

/** What one run works with. */
interface Run {
  readonly store: DeliverStore;
  readonly mailer: Mailer;
  readonly options: DeliverOptions;
  readonly pacing: Pacing;
  readonly claims: ReturnType<typeof createClaims>;
  readonly counts: DeliverCounts;
}

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
  supersede: "skipped",
} as const satisfies Record<DeliveryResult["event"], Exclude<keyof DeliverCounts, "heldUp">>;

/** Sends what is claimed, in lanes; the end of each mail is counted and recorded. */
async function work(
  { store, mailer, options, pacing, claims, counts }: Run,
  lanes: number,
  slowed: readonly string[],
): Promise<void> {
  const { leaseSeconds, now } = options;
  const guard = createStreamGuard(store, {
    now,
    signal: options.signal,
    slowed,
    onPause: (reason, until, deliveryId) =>
      options.onError?.(new Error(`sending pauses until ${until.toISOString()}: ${reason}`), deliveryId),
  });
  const dot = createGroupCommit<Claim, boolean>(async (some) => {
    const marked = await store.deliveries.dot(some, leaseSeconds);
    return some.map(({ id }) => marked.has(id));
  });
  const record = createGroupCommit<Claim & DeliveryResult, void>(async (ends) => {
    await persist(() => store.deliveries.record(ends, now()));
    return ends.map(() => undefined);
  });
  const sendOne = async (mail: Claimed) => {
    const note = (outcome: SendOutcome) => guard.note(outcome, mail);
    const result = await attempt(mail, mailer, claims.papers, dot, options, note);
    if (result === "fenced") counts.fenced++;
    else {
      counts[COUNTED[result.event]]++;
      await record({ id: mail.id, fence: mail.fence, ...result });
    }
  };
  await runLanes<TimedMail>(
    lanes,
    {
      refill: () => refill({ store, options, pacing, claims, counts }),
      readyAt: ({ mail, at }) => (pacing.isFree(mail) ? at : Number.POSITIVE_INFINITY),
      work: ({ mail }) => pacing.during(mail, () => sendOne(mail)).finally(() => claims.release(mail.id)),
      giveBack: claims.giveBack,
    },
    guard.signal,
  );
  counts.heldUp ??= guard.pausedFor();
}

const NO_MORE = { items: [], againAt: null };

/** More to send; or when to ask again; or nothing, since nothing is left or something holds sending up. */
async function refill({ store, options, pacing, claims, counts }: Omit<Run, "mailer">) {
  const streams = await store.streams.list(options.now());
  counts.heldUp = haltOf(streams);
  if (counts.heldUp !== null) return NO_MORE;
  pacing.observe(streams);
  const items = await claims.next();
  if (items.length > 0) return { items, againAt: 0 };
  if (await pacing.isUsedUp()) counts.heldUp = "the day's mails of the warm-up have gone out";
  return counts.heldUp === null ? { items, againAt: pacing.nextTurn() } : NO_MORE;
}

/** What another run, or another worker, has paused sending for. */
const haltOf = (streams: readonly StreamView[]): string | null =>
  streams.find(({ key, pausedUntil }) => key === RELAY && pausedUntil !== null)?.reason ?? null;

/** For so long a database that is away is waited for, asked again after pauses that grow to the longest. */
const PATIENCE_MS = 60_000;
const LONGEST_PAUSE_MS = 1_000;

/** What is known of a mail that went out would be lost with the write: a database that restarts is waited for. */
async function persist(write: () => Promise<unknown>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (let delay = 100; ; delay = Math.min(2 * delay, LONGEST_PAUSE_MS)) {
    try {
      await write();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await pause(delay);
  }
}
