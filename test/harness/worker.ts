import { openStore } from "@paperboy/db";
import { openQueue, type Queue, type QueueBackend } from "@paperboy/queue";
import { ARXIV_POLICY } from "@paperboy/sources";
import { createWorkerContext, readWorkerConfig, startWorker } from "@paperboy/worker";
import { TEMPLATES } from "./templates.ts";

/** The service's worker in this process, on a queue of its own. */
export interface TestWorker {
  readonly queue: Queue;
  /** Whatever it complained of, and continued. */
  readonly complaints: readonly Error[];
  /** Drains and closes everything it opened. */
  close(): Promise<void>;
}

/** Tests do not wait for a minute to pass. */
const PERIODS = { ingest: 60_000, announce: 60_000, plan: 500, sweep: 500, forget: 3_600_000 };

/** Starts it with the environment of a worker; `now` is its clock, `periods` its schedule in milliseconds. */
export async function startTestWorker(
  settings: Readonly<Record<string, string>>,
  backend: QueueBackend,
  now: () => Date,
  periods = PERIODS,
): Promise<TestWorker> {
  const complaints: Error[] = [];
  const onError = (error: Error) => void complaints.push(error);
  const config = readWorkerConfig(settings);
  const store = openStore({ arxivPolicy: ARXIV_POLICY, url: config.databaseUrl, onIdleError: onError });
  const queue = await openQueue({ backend, onError });
  const context = await createWorkerContext(config, store, { ...TEMPLATES, now });
  const consumer = await startWorker(context, queue, onError, periods);
  return {
    queue,
    complaints,
    close: async () => {
      await consumer.close();
      await context.close();
      await queue.close();
      await store.close();
    },
  };
}
