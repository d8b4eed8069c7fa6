import { setTimeout as pause } from "node:timers/promises";
import type { DeliveryStatus } from "@paperboy/core";
import type { WorkerConfig } from "./config.ts";
import type { WorkerContext } from "./context.ts";
import { type DeliverCounts, type DeliverOptions, deliver } from "./deliver/deliver.ts";
import { outcomeOf } from "./deliver/outcome.ts";
import { type PlanOutcome, plan } from "./stages/plan.ts";
import { readyForYou } from "./stages/ready-for-you.ts";
import { type SweepOutcome, sweep } from "./stages/sweep.ts";
import { mailReport, REPORTS } from "./telemetry/reports.ts";
import { runStage, type Telemetry } from "./telemetry/telemetry.ts";

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
  const { store } = context;
  await sweepNow(context, now);
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
    await sweepNow(context, now);
  }
  const states = await store.deliveries.counts("digest", ids);
  return { planned, skipped, ...tally(states), heldUp };
}

/** Plans what is due at `now`, by the settings of the service. */
export async function planDue(
  { store, library, config, telemetry }: PlanContext,
  now: Date,
  planned?: (deliveryIds: readonly string[]) => Promise<void>,
): Promise<PlanOutcome> {
  const forYou = await readyForYou({ store, library, warn: (message) => telemetry.log.warn({}, message) });
  const options = { maxLatenessMs: config.maxLatenessMs, forYou, ...(planned && { planned }) };
  const outcome = await runStage(telemetry, "plan", () => plan(store, library, now, options), REPORTS.plan);
  telemetry.metrics.editionsPlanned(outcome);
  return outcome;
}

/** As much of the worker as planning needs. */
export type PlanContext = Pick<WorkerContext, "store" | "library" | "telemetry"> & {
  readonly config: Pick<WorkerConfig, "maxLatenessMs">;
};

/** Finds what was left behind. */
export const sweepNow = ({ store, config, telemetry }: WorkerContext, now: Date): Promise<SweepOutcome> =>
  runStage(telemetry, "sweep", () => sweep(store, config.unknownPolicy, now), REPORTS.sweep);

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
export async function markSent(context: PlanContext, until: Date, now: Date): Promise<MarkedSent> {
  const { planned } = await planDue(context, until);
  return { planned, marked: await context.store.deliveries.restoreSent(until, now) };
}

/** Sends what is due at `now`, or those of `ids`, until nothing is left to claim. */
export function deliverDue(
  context: WorkerContext,
  now: Date,
  signal?: AbortSignal,
  ids?: readonly string[],
): Promise<DeliverCounts> {
  return deliverNow(context, { now: () => now, ...(signal && { signal }), ...(ids && { ids }) });
}

/** Sends by the settings of the service; tells of each mail and of the run. */
export function deliverNow(
  context: WorkerContext,
  options: Pick<DeliverOptions, "now" | "ids" | "signal" | "onError">,
): Promise<DeliverCounts> {
  const { store, mailer, telemetry } = context;
  const work = () =>
    deliver(store, mailer, { ...sendingRules(context), ...options, onEnd: tellOfMails(telemetry) });
  return runStage(telemetry, "deliver", work, REPORTS.deliver);
}

const tellOfMails =
  ({ log, metrics }: Telemetry): NonNullable<DeliverOptions["onEnd"]> =>
  (mail, result, seconds) => {
    metrics.mailEnded(mail.kind, outcomeOf(result), seconds);
    const { level = "info", message, fields } = mailReport(mail, result);
    log[level]({ stage: "deliver", ...fields, ms: Math.round(seconds * 1000) }, message);
  };

/** What the settings say of sending. */
const sendingRules = ({ config }: WorkerContext) => ({
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
