import { setTimeout as pause } from "node:timers/promises";
import type { DeliveryStatus } from "@paperboy/core";
import type { WorkerConfig } from "./config.ts";
import type { WorkerContext } from "./context.ts";
import { type DeliverCounts, deliver } from "./deliver/deliver.ts";
import { type PlanOutcome, plan } from "./stages/plan.ts";
import { readyForYou } from "./stages/ready-for-you.ts";
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
  /** Digests that are not sent yet; 0 unless the run was told to stop, or sending is paused. */
  readonly open: number;
  /** Why sending is paused; null when it is not. */
  readonly heldUp: string | null;
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
  const { planned, skipped, deliveryIds } = await planDue(context, now);
  const ids = [...new Set([...open, ...deliveryIds])];
  let heldUp: string | null = null;
  while (!signal?.aborted) {
    const { heldUp: reason, ...counts } = await deliverDue(context, now, signal);
    const left = await countOpen(context, ids, now);
    heldUp = left === 0 ? null : reason;
    if (left === 0 || heldUp !== null) break;
    if (sum(counts) === 0) await pause(POLL_MS);
    await sweep(store, config.unknownPolicy, now);
  }
  const states = await store.deliveries.counts("digest", ids);
  return { planned, skipped, ...tally(states), heldUp };
}

/** What planning works with. */
export interface PlanningParts extends Pick<WorkerContext, "store" | "library" | "warn"> {
  readonly config: Pick<WorkerConfig, "maxLatenessMs">;
}

/** Plans what is due at `now`, by the settings of the service. */
export async function planDue(
  context: PlanningParts,
  now: Date,
  planned?: (deliveryIds: readonly string[]) => Promise<void>,
): Promise<PlanOutcome> {
  const { store, library, config } = context;
  const forYou = await readyForYou(context);
  const { maxLatenessMs } = config;
  return plan(store, library, now, { maxLatenessMs, forYou, ...(planned && { planned }) });
}

/** What `markSent` found. */
export interface MarkedSent {
  /** Editions that were due by then and that the database had not planned. */
  readonly planned: number;
  /** Mails that count as gone out from now on. */
  readonly marked: number;
}

/**
 * Takes every mail that was due up to an instant as gone out, as after the restore of a backup that was made before: nothing of
 * it is mailed again, and its papers count as brought. What is due is planned first, of the papers that are known now.
 */
export async function markSent(context: PlanningParts, until: Date, now: Date): Promise<MarkedSent> {
  const { store, library, config } = context;
  const forYou = await readyForYou(context);
  const { maxLatenessMs } = config;
  const { planned } = await plan(store, library, until, { maxLatenessMs, forYou });
  return { planned, marked: await store.deliveries.restoreSent(until, now) };
}

/** Sends what is due at `now`, or those of `ids`, until nothing is left to claim. */
export function deliverDue(
  context: WorkerContext,
  now: Date,
  signal?: AbortSignal,
  ids?: readonly string[],
): Promise<DeliverCounts> {
  return deliver(context.store, context.mailer, {
    ...sendingRules(context),
    now: () => now,
    ...(signal && { signal }),
    ...(ids && { ids }),
  });
}

/** What the settings say of sending. */
export const sendingRules = ({ config }: WorkerContext) => ({
  leaseSeconds: config.leaseSeconds,
  unknownPolicy: config.unknownPolicy,
  paces: config.paces,
  warmUpFrom: config.warmUpFrom,
  maxLatenessMs: config.maxLatenessMs,
});

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

const sum = (counts: Omit<DeliverCounts, "heldUp">) =>
  Object.values(counts).reduce((total, count) => total + count, 0);
