import type { DeliveryStatus } from "@paperboy/core";
import type { WorkerContext } from "./context.ts";
import { type DeliverCounts, deliver } from "./stages/deliver.ts";
import { plan } from "./stages/plan.ts";
import { sweep } from "./stages/sweep.ts";

/** What one run of the day did, by the state its digests are in at the end. */
export interface RunOutcome {
  readonly planned: number;
  readonly submitted: number;
  readonly skipped: number;
  readonly deferred: number;
  readonly failed: number;
  readonly suppressed: number;
  readonly unknown: number;
  /** Digests another worker still holds; 0 unless the run was told to stop. */
  readonly open: number;
}

/**
 * Plans and delivers until nothing is due at `now`, alone or beside other workers. Counts every digest that
 * was open or planned, whoever sent it; waits for those in another worker's hands, and takes them over when
 * their lease runs out.
 */
export async function runUntilDone(
  context: WorkerContext,
  now: Date,
  signal?: AbortSignal,
): Promise<RunOutcome> {
  const { store, config } = context;
  await sweep(store, config.unknownPolicy, now);
  const open = await store.deliveries.open(now);
  const { planned, skipped, deliveryIds } = await plan(store, context.library, now);
  const ids = [...new Set([...open, ...deliveryIds])];
  while (!signal?.aborted) {
    const counts = await deliverDue(context, now, signal);
    const left = await countOpen(context, ids, now);
    if (left === 0) break;
    if (sum(counts) === 0) await pause(POLL_MS);
    await sweep(store, config.unknownPolicy, now);
  }
  const states = await store.deliveries.counts("digest", ids);
  return { planned, skipped, ...tally(states) };
}

/** Sends what is due at `now`, or those of `ids`, until nothing is left to claim. */
export function deliverDue(
  context: WorkerContext,
  now: Date,
  signal?: AbortSignal,
  ids?: readonly string[],
): Promise<DeliverCounts> {
  return deliver(context.store, context.mailer, {
    now: () => now,
    leaseSeconds: context.config.leaseSeconds,
    unknownPolicy: context.config.unknownPolicy,
    ...(signal && { signal }),
    ...(ids && { ids }),
  });
}

/** Another worker's progress is seen in the rows; nothing announces it. */
const POLL_MS = 100;

async function countOpen(context: WorkerContext, ids: readonly string[], now: Date): Promise<number> {
  const ours = new Set(ids);
  return (await context.store.deliveries.open(now)).filter((id) => ours.has(id)).length;
}

function tally(states: Partial<Record<DeliveryStatus, number>>) {
  const { submitted = 0, deferred = 0, failed = 0, suppressed = 0, unknown = 0 } = states;
  const open = (states.pending ?? 0) + (states.sending ?? 0) + (states.dotted ?? 0);
  return { submitted, deferred, failed, suppressed, unknown, open };
}

const sum = (counts: DeliverCounts) => Object.values(counts).reduce((total, count) => total + count, 0);

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
