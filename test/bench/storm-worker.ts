import { openStore } from "@paperboy/db";
import { openQueue, type QueueBackend } from "@paperboy/queue";
import { ARXIV_POLICY } from "@paperboy/sources";
import { createWorkerContext, readWorkerConfig, startWorker } from "@paperboy/worker";
import type { ClockSetting } from "./storm-days.ts";

/** What a worker of a storm is told, as JSON, beside its environment. */
export interface WorkerOrder {
  readonly clock: ClockSetting;
  readonly queue: QueueBackend;
  readonly templatesDir: string;
  readonly cacheDir: string;
}

/** The service's periods would outlast most lives in a storm. */
const PERIODS = { ingest: 60_000, announce: 60_000, plan: 250, sweep: 250, forget: 3_600_000 };

/** A worker as the service runs it, on the service's queue; works until it is killed, and drains on SIGTERM. */
const order = JSON.parse(process.argv[2] ?? "") as WorkerOrder;
const log = (error: Error) =>
  void process.stderr.write(`${process.pid} ${new Date().toISOString()} ${error.message}\n`);
process.once("disconnect", () => process.exit(1)); // who started us is gone
const config = readWorkerConfig(process.env);
const store = openStore({
  arxivPolicy: ARXIV_POLICY,
  url: config.databaseUrl,
  poolSize: 6,
  onIdleError: log,
});
const queue = await openQueue({ backend: order.queue, onError: log });
const context = await createWorkerContext(config, store, { ...order, now: runningClock(order.clock) });
const consumer = await startWorker(context, queue, log, PERIODS);
process.once("SIGTERM", async () => {
  await consumer.close();
  await context.close();
  await queue.close();
  await store.close();
  process.exit(0);
});
process.send?.("ready");

function runningClock({ now, until, speed }: ClockSetting): () => Date {
  const began = performance.now();
  return () => new Date(Math.min(Date.parse(until), Date.parse(now) + (performance.now() - began) * speed));
}
