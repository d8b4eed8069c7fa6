import { setTimeout as pause } from "node:timers/promises";
import {
  classifyRefusal,
  type DeliveryEvent,
  type Paper,
  type Refusal5321,
  retryAt,
  type UnknownPolicy,
} from "@paperboy/core";
import type { Claim, ClaimedDelivery, DeliveryResult, Store } from "@paperboy/db";
import { createGroupCommit } from "../group-commit.ts";
import { runLanes } from "../lanes.ts";

/** What delivering asks of the store. */
export interface DeliverStore {
  readonly deliveries: Pick<Store["deliveries"], "claim" | "dot" | "record" | "renew" | "giveBack">;
  readonly papers: Pick<Store["papers"], "byIds">;
  readonly suppressions: Pick<Store["suppressions"], "among" | "add">;
}

/** How sending one mail ended; the mail package classifies, this stage records. */
export type SendOutcome =
  | { readonly kind: "submitted"; readonly response: string }
  | ({ readonly kind: "refused"; readonly response: string } & Refusal5321)
  | { readonly kind: "lost"; readonly dotted: boolean; readonly error: Error }
  | { readonly kind: "aborted"; readonly error: Error };

/** Composes and sends the mail of a delivery; `beforeDot` must resolve before the final dot leaves. */
export interface Mailer {
  send(
    delivery: ClaimedDelivery,
    papers: ReadonlyMap<number, Paper>,
    beforeDot: () => Promise<void>,
  ): Promise<{ readonly messageId: string; readonly outcome: SendOutcome }>;
  /** How many mails can be under way at once. */
  readonly connections: number;
}

export interface DeliverOptions {
  /** The time that decides what is due; leases run by the database's clock. */
  readonly now: () => Date;
  readonly leaseSeconds: number;
  /** What becomes of a mail whose connection broke after the final dot. */
  readonly unknownPolicy: UnknownPolicy;
  /** Only these deliveries; all that are due when absent. */
  readonly ids?: readonly string[];
  /** Stops claiming; mails under way are finished. */
  readonly signal?: AbortSignal;
  readonly onError?: (error: Error, deliveryId: string) => void;
}

export type DeliverCounts = Record<
  "submitted" | "deferred" | "failed" | "suppressed" | "unknown" | "fenced",
  number
>;

/**
 * Sends what is due until nothing is left to claim. Each mail is claimed under a lease, checked against the
 * reader's wish, sent with the mark `dotted` committed before its final dot, and its end recorded. Marks and
 * ends of mails under way together share a commit.
 */
export async function deliver(
  store: DeliverStore,
  mailer: Mailer,
  options: DeliverOptions,
): Promise<DeliverCounts> {
  const counts: DeliverCounts = {
    submitted: 0,
    deferred: 0,
    failed: 0,
    suppressed: 0,
    unknown: 0,
    fenced: 0,
  };
  const breaker = createBreaker(store, options);
  const held = new Map<string, Claim>();
  const papers = new Map<number, Paper>();
  const dot = createGroupCommit<Claim, boolean>(async (claims) => {
    const marked = await store.deliveries.dot(claims, options.leaseSeconds);
    return claims.map(({ id }) => marked.has(id));
  });
  const record = createGroupCommit<Claim & DeliveryResult, void>(async (ends) => {
    await persist(() => store.deliveries.record(ends, options.now()));
    return ends.map(() => undefined);
  });
  const heartbeat = setInterval(
    () => void store.deliveries.renew([...held.values()], options.leaseSeconds).catch(() => {}), // the lease then runs out, as it should
    (options.leaseSeconds * 1000) / 3,
  );
  const nextBatch = async () => {
    if (breaker.signal.aborted) return [];
    const { leaseSeconds, ids } = options;
    const batch = await store.deliveries.claim({
      now: options.now(),
      limit: mailer.connections * 8,
      leaseSeconds,
      ids,
    });
    for (const claim of batch) held.set(claim.id, claim);
    await loadPapers(store, papers, batch);
    return withSuppressions(store, batch);
  };
  const process = async (delivery: Claimed) => {
    try {
      const result = await attempt(delivery, mailer, papers, dot, options, (outcome) =>
        breaker.note(outcome, delivery),
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
  try {
    await runLanes(mailer.connections, nextBatch, process, breaker.signal, (left) =>
      store.deliveries.giveBack(left),
    );
    return counts;
  } finally {
    clearInterval(heartbeat);
  }
}

interface Claimed extends ClaimedDelivery {
  readonly suppressed: boolean;
}

const COUNTED = {
  accept: "submitted",
  defer: "deferred",
  refuse: "failed",
  lose: "unknown",
  suppress: "suppressed",
} as const satisfies Partial<Record<DeliveryEvent, keyof DeliverCounts>>;

async function attempt(
  delivery: Claimed,
  mailer: Mailer,
  papers: ReadonlyMap<number, Paper>,
  dot: (claim: Claim) => Promise<boolean>,
  options: DeliverOptions,
  onRefusal: (outcome: Refusal5321 & { readonly response: string }) => Promise<void>,
): Promise<DeliveryResult | "fenced"> {
  if (delivery.suppressed) return { event: "suppress", response: "the address is suppressed" };
  if (!delivery.wanted) return { event: "suppress", response: "no longer wanted" };
  const beforeDot = async () => {
    if (!(await dot(delivery))) throw new LeaseLost();
  };
  try {
    const { outcome, messageId } = await mailer.send(delivery, papers, beforeDot);
    if (outcome.kind === "aborted" && outcome.error instanceof LeaseLost) return "fenced";
    if (outcome.kind === "refused") await onRefusal(outcome);
    return toResult(outcome, messageId, delivery, options);
  } catch (error) {
    options.onError?.(error as Error, delivery.id);
    return deferral(delivery, `the mail could not be made: ${(error as Error).message}`, options.now());
  }
}

/** The claim was taken from this worker while it composed: another one sends, or has sent, the mail. */
class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

function toResult(
  outcome: SendOutcome,
  messageId: string,
  delivery: ClaimedDelivery,
  options: DeliverOptions,
): DeliveryResult {
  const now = options.now();
  switch (outcome.kind) {
    case "submitted":
      return { event: "accept", response: outcome.response, messageId };
    case "refused":
      return toRefusal(outcome, delivery, now);
    case "lost": {
      if (!outcome.dotted) return deferral(delivery, outcome.error.message, now);
      const response = `the connection broke after the final dot: ${outcome.error.message}`;
      return options.unknownPolicy === "retry"
        ? deferral(delivery, response, now)
        : { event: "lose", response };
    }
    case "aborted":
      return deferral(delivery, outcome.error.message, now);
  }
}

/** Only what is about the reader or this mail ends it; what is about us or the hour is tried again. */
function toRefusal(
  outcome: Refusal5321 & { readonly response: string },
  delivery: ClaimedDelivery,
  now: Date,
): DeliveryResult {
  const kind = classifyRefusal(outcome);
  const { response } = outcome;
  if (kind === "recipient" || kind === "message") return { event: "refuse", response };
  return deferral(delivery, kind === "sender" ? `the relay refuses us: ${response}` : response, now);
}

function deferral(delivery: ClaimedDelivery, response: string, now: Date): DeliveryResult {
  const nextAttemptAt = retryAt(delivery.fence, delivery.plannedAt, now, Math.random());
  if (nextAttemptAt === null) return { event: "refuse", response: `given up: ${response}` };
  return { event: "defer", response, nextAttemptAt };
}

/** After so many refusals of us in a row, nothing more is tried until somebody asks again. */
const PATIENCE_WITH_RELAY = 5;

/**
 * Watches refusals: an address where nobody is, is suppressed; a relay that refuses us, or asks for patience, again and
 * again ends the run and is reported, so that one fault of ours does not try every reader.
 */
function createBreaker(store: DeliverStore, options: DeliverOptions) {
  let refusals = 0;
  const stop = new AbortController();
  return {
    signal: options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal,
    note: async (outcome: Refusal5321 & { readonly response: string }, delivery: ClaimedDelivery) => {
      const kind = classifyRefusal(outcome);
      if (kind === "recipient") await store.suppressions.add(delivery.addressKey, "bounce", outcome.response);
      refusals = kind === "sender" || kind === "busy" ? refusals + 1 : 0;
      if (refusals !== PATIENCE_WITH_RELAY) return;
      stop.abort();
      options.onError?.(
        new Error(`sending stops for now, the relay refuses us: ${outcome.response}`),
        delivery.id,
      );
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

async function withSuppressions(store: DeliverStore, batch: readonly ClaimedDelivery[]): Promise<Claimed[]> {
  if (batch.length === 0) return [];
  const suppressed = await store.suppressions.among(batch.map(({ addressKey }) => addressKey));
  return batch.map((delivery) => ({ ...delivery, suppressed: suppressed.has(delivery.addressKey) }));
}
