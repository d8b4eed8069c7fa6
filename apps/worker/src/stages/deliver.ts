import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type Paces, type Paper, RELAY, type UnknownPolicy } from "@paperboy/core";
import type { Claim, ClaimedDelivery, DeliveryResult, Store, StreamView } from "@paperboy/db";
import { attempt, type Claimed, type Mailer } from "../attempt.ts";
import { createGroupCommit } from "../group-commit.ts";
import { runLanes } from "../lanes.ts";
import { createPacing, type PaceStore, type Pacing } from "../pacing.ts";
import { createStreamGuard, type GuardStore } from "../stream-guard.ts";

export type { Mailer } from "../attempt.ts";
export type { SendOutcome } from "../delivery-result.ts";

/** What delivering asks of the store. */
export interface DeliverStore extends Pick<GuardStore, "suppressions">, Pick<PaceStore, "throttles"> {
  readonly deliveries: Pick<Store["deliveries"], "claim" | "dot" | "record" | "renew" | "giveBack">;
  readonly papers: Pick<Store["papers"], "byIds">;
  readonly suppressions: Pick<Store["suppressions"], "among" | "add">;
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
  const slowed = streams.map(({ key }) => key);
  const run = createRun(store, mailer, { ...options, slowed }, pacing, counts);
  const lanes = await pacing.connections(RELAY, mailer.connections);
  const heartbeat = setInterval(
    () => void Promise.all([run.renew(), pacing.renew()]).catch(() => {}), // the leases then run out, as they should
    (leaseSeconds * 1000) / 3,
  );
  try {
    if (lanes === 0) return { ...counts, heldUp: "other workers hold all connections" };
    await run.work(lanes);
    return counts;
  } finally {
    clearInterval(heartbeat);
    await pacing.close();
  }
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

const NO_MORE = { items: [], againAt: null };

/** What another run, or another worker, has paused sending for. */
const haltOf = (streams: readonly StreamView[]): string | null =>
  streams.find(({ key, pausedUntil }) => key === RELAY && pausedUntil !== null)?.reason ?? null;

/** Claims are made for so many rounds of the lanes. */
const ROUNDS_CLAIMED = 8;

/** One run: the claims it holds, the papers it has read, and what it does with a mail. */
function createRun(
  store: DeliverStore,
  mailer: Mailer,
  options: DeliverOptions & { readonly slowed: readonly string[] },
  pacing: Pacing,
  counts: DeliverCounts,
) {
  const { leaseSeconds, ids, now } = options;
  const held = new Map<string, Claim>();
  const papers = new Map<number, Paper>();
  const guard = createStreamGuard(store, {
    now,
    signal: options.signal,
    slowed: options.slowed,
    onPause: (reason, until, deliveryId) =>
      options.onError?.(new Error(`sending pauses until ${until.toISOString()}: ${reason}`), deliveryId),
  });
  const dot = createGroupCommit<Claim, boolean>(async (claims) => {
    const marked = await store.deliveries.dot(claims, leaseSeconds);
    return claims.map(({ id }) => marked.has(id));
  });
  const record = createGroupCommit<Claim & DeliveryResult, void>(async (ends) => {
    await persist(() => store.deliveries.record(ends, now()));
    return ends.map(() => undefined);
  });

  const claimBatch = async () => {
    const slots = await pacing.admit(mailer.connections * ROUNDS_CLAIMED);
    const exceptDomains = pacing.waitingDomains();
    const batch = await store.deliveries.claim({
      now: now(),
      limit: slots.length,
      leaseSeconds,
      ids,
      exceptDomains,
    });
    await pacing.readmit(slots.length - batch.length);
    const { mails, tooEarly } = await pacing.spread(batch, slots);
    if (tooEarly.length > 0) {
      await store.deliveries.giveBack(tooEarly);
      await pacing.readmit(tooEarly.length);
    }
    for (const { mail } of mails) held.set(mail.id, mail);
    await loadPapers(store, papers, batch);
    const suppressed = await store.suppressions.among(mails.map(({ mail }) => mail.addressKey));
    return mails.map(({ mail, at }) => ({
      at,
      mail: { ...mail, suppressed: suppressed.has(mail.addressKey) },
    }));
  };
  const refill = async () => {
    const streams = await store.streams.list(now());
    counts.heldUp = haltOf(streams);
    if (counts.heldUp !== null) return NO_MORE;
    pacing.observe(streams);
    const items = await claimBatch();
    if (items.length > 0) return { items, againAt: 0 };
    if (await pacing.isUsedUp()) counts.heldUp = "the day's mails of the warm-up have gone out";
    return counts.heldUp === null ? { items, againAt: pacing.nextTurn() } : NO_MORE;
  };
  const process = async (delivery: Claimed) => {
    try {
      const result = await attempt(delivery, mailer, papers, dot, options, (outcome) =>
        guard.note(outcome, delivery),
      );
      if (result === "fenced") counts.fenced++;
      else {
        counts[COUNTED[result.event]]++;
        await record({ id: delivery.id, fence: delivery.fence, ...result });
      }
    } finally {
      held.delete(delivery.id);
    }
  };

  return {
    renew: () => store.deliveries.renew([...held.values()], leaseSeconds),
    work: async (lanes: number): Promise<void> => {
      type Item = Awaited<ReturnType<typeof claimBatch>>[number];
      await runLanes<Item>(
        lanes,
        {
          refill,
          readyAt: ({ mail, at }) => (pacing.isFree(mail) ? at : Number.POSITIVE_INFINITY),
          work: ({ mail }) => pacing.during(mail, () => process(mail)),
          giveBack: (left) => store.deliveries.giveBack(left.map(({ mail }) => mail)),
        },
        guard.signal,
      );
      counts.heldUp ??= guard.pausedFor();
    },
  };
}

/** Milliseconds between attempts to write down how mails ended. */
const PATIENCE = [100, 300, 1_000, 3_000, 5_000];

/** What is known of a mail that went out would be lost with the write: a database that restarts is waited for. */
async function persist(write: () => Promise<unknown>): Promise<void> {
  for (const delay of PATIENCE) {
    try {
      await write();
      return;
    } catch {
      await pause(delay);
    }
  }
  await write();
}

/** A batch shares most of its papers with the one before, so they are read once and kept for the run. */
async function loadPapers(
  store: DeliverStore,
  papers: Map<number, Paper>,
  batch: readonly ClaimedDelivery[],
) {
  const ids = batch.flatMap(({ sections }) =>
    sections.flatMap((section) => section.papers.map(({ id }) => id)),
  );
  const missing = [...new Set(ids)].filter((id) => !papers.has(id));
  if (missing.length === 0) return;
  for (const paper of await store.papers.byIds(missing)) papers.set(paper.id, paper);
}
