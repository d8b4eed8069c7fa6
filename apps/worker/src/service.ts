import type { Consumer, Queue, RecurringJob } from "@paperboy/queue";
import type { WorkerContext } from "./context.ts";
import { deliverNow, planDue, sweepNow } from "./run.ts";
import { readingOf } from "./source-fetcher.ts";
import { readNextSource } from "./stages/read-source.ts";
import { reconcileNext } from "./stages/reconcile.ts";
import { REPORTS } from "./telemetry/reports.ts";
import { runStage } from "./telemetry/telemetry.ts";

/** Deliveries a job names; small enough that several processes share a morning, large enough to share commits. */
const DELIVERIES_PER_JOB = 200;

/** Confirmations, which somebody waits for, are hinted without a priority and go first. */
const BEHIND_OTHERS = 10;

/** Jobs of deliveries one process works on at once, each with as many mails under way as there are connections. */
export const DELIVER_JOBS = 2;

/** Milliseconds from one run of a stage to the next, for all processes together. */
const PERIODS: Readonly<Record<RecurringJob, number>> = {
  ingest: 60_000,
  announce: 60_000,
  plan: 60_000,
  sweep: 30_000,
  forget: 3_600_000,
};

/**
 * Works on the queue's jobs until closed, and keeps the schedule going. Jobs are hints: each stage asks the
 * database what is really to be done, so a lost job is made up for by the next sweep and a doubled one finds
 * nothing.
 *
 * @param periods milliseconds from one run of a stage to the next.
 */
export async function startWorker(
  context: WorkerContext,
  queue: Queue,
  onError: (error: Error, deliveryId?: string) => void,
  periods: Readonly<Record<RecurringJob, number>> = PERIODS,
): Promise<Consumer> {
  const { store, config, telemetry, now } = context;
  const hint = (deliveryIds: readonly string[]) => hintDeliveries(queue, deliveryIds);
  const consumer = await queue.work(
    {
      ingest: async (_payload, signal) => {
        await readDueSources(context, signal);
        await reconcileDueSources(context, signal);
      },
      announce: () => announceNew(context),
      plan: async () => void (await planDue(context, now(), hint)),
      deliver: async ({ deliveryIds: ids }, signal) =>
        void (await deliverNow(context, { now, ids, signal, onError })),
      sweep: async () => hint((await sweepNow(context, now())).claimable),
      forget: async () => {
        const forget = () => store.retention.forget(config.retention, now());
        await runStage(telemetry, "forget", forget, REPORTS.forget);
      },
    },
    { concurrency: { deliver: DELIVER_JOBS } },
  );
  for (const [name, everyMs] of Object.entries(periods)) await queue.every(name as RecurringJob, everyMs);
  await queue.add("sweep", {}); // what was left behind when the service last ended need not wait for its turn
  return consumer;
}

/** Reads the sources that are due, one after the other: whoever serves them gets one connection from us. */
async function readDueSources(context: WorkerContext, signal: AbortSignal): Promise<void> {
  const { store, fetcher, now, config, telemetry } = context;
  // Before a source shows again what a former version had stored wrongly.
  await store.repairAuthors(now(), signal);
  let brought = 0;
  while (!signal.aborted) {
    const read = () => readNextSource(store, readingOf(fetcher, config.arxivUrl, signal), now);
    const report = await runStage(telemetry, "ingest", read, REPORTS.source);
    if (report === null) break;
    telemetry.metrics.papersRead(report.source, report);
    brought += report.new;
  }
  if (brought > 0) await announceNew(context);
}

/** Compares the sources that are due for it with what arXiv says it announced, one after the other. */
async function reconcileDueSources(context: WorkerContext, signal: AbortSignal): Promise<void> {
  const { store, fetcher, now, config, telemetry } = context;
  let filled = 0;
  while (!signal.aborted) {
    const compare = () => reconcileNext(store, readingOf(fetcher, config.arxivUrl, signal), now);
    const report = await runStage(telemetry, "reconcile", compare, REPORTS.reconcile);
    if (report === null) break;
    filled += report.filled;
  }
  if (filled > 0) await announceNew(context);
}

/** Gives new papers their place, so that the next planning finds them. */
async function announceNew({ store, now, telemetry }: WorkerContext): Promise<void> {
  await runStage(telemetry, "announce", () => store.papers.announce(now()), REPORTS.announce);
}

/** Tells workers of deliveries to send, one job for many, never one for each reader. */
export async function hintDeliveries(
  queue: Pick<Queue, "add">,
  deliveryIds: readonly string[],
): Promise<void> {
  for (let at = 0; at < deliveryIds.length; at += DELIVERIES_PER_JOB) {
    const part = deliveryIds.slice(at, at + DELIVERIES_PER_JOB);
    await queue.add("deliver", { deliveryIds: part }, { priority: BEHIND_OTHERS });
  }
}
