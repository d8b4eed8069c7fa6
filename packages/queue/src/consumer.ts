import { type IQueueBackend, type Job, type JobProgress, Worker } from "bullmq";
import { JobFailed, QueueUnavailable } from "./errors.ts";
import { checkHandlers, type JobHandlers, type JobName, jobNames } from "./jobs.ts";
import type { QueueConnection } from "./queue-connection.ts";
import { within } from "./within.ts";

export interface WorkOptions {
  /** Handlers of one name that may run at once in this process; 1 for a name that is not given. */
  readonly concurrency?: Partial<Record<JobName, number>>;
  /** The job names this process works on; all when not given. */
  readonly names?: readonly JobName[];
}

export interface Consumer {
  /** Takes no further job, aborts the handlers' signal, and resolves when the running handlers have ended. */
  close(): Promise<void>;
}

type BullWorker = Worker<unknown, void, string, IQueueBackend, JobProgress, unknown>;

export interface ConsumerDependencies {
  readonly connection: QueueConnection;
  readonly queueName: (job: JobName) => string;
  readonly onError: (error: Error) => void;
}

const READY_MS = 5000;
/** Time to record the outcome of finished handlers; an unavailable server must not block a shutdown. */
const RECORD_MS = 2000;
const HANG_UP_MS = 500;

/** Starts one worker for each job name, so that a slow kind of job never holds back another. */
export async function startConsumer(
  dependencies: ConsumerDependencies,
  handlers: JobHandlers,
  options: WorkOptions,
): Promise<Consumer> {
  checkHandlers(handlers);
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const workers = (options.names ?? jobNames).map((name) => {
    const handle = handlers[name] as (payload: unknown, signal: AbortSignal) => Promise<void>;
    const run = (job: Job) => track(running, handle(job.data, stopping.signal));
    return openWorker(dependencies, name, run, options.concurrency?.[name] ?? 1, stopping.signal);
  });
  const close = once(() => stop(workers, running, stopping));
  const ready = await within(Promise.all(workers.map((worker) => worker.waitUntilReady())), READY_MS);
  if (ready) return { close };
  await close();
  throw new QueueUnavailable("the queue's server did not answer its consumers in time");
}

function openWorker(
  { connection, queueName, onError }: ConsumerDependencies,
  name: JobName,
  run: (job: Job) => Promise<void>,
  concurrency: number,
  stopping: AbortSignal,
): BullWorker {
  const options = { connection: connection.consumer(), concurrency, drainDelay: connection.idleSeconds };
  const worker: BullWorker = new Worker(queueName(name), run, options, connection.factory);
  worker.on("failed", (job, error) => {
    const dropped = !job || job.finishedOn !== undefined;
    onError(new JobFailed(name, job?.attemptsMade ?? 0, dropped, error));
  });
  return worker.on("error", (error) => {
    if (!stopping.aborted) onError(error);
  });
}

async function stop(
  workers: readonly BullWorker[],
  running: ReadonlySet<Promise<void>>,
  stopping: AbortController,
): Promise<void> {
  stopping.abort();
  const closed = Promise.all(workers.map((worker) => worker.close()));
  // A job fetched just before the close still gets its handler, hence the loop.
  while (running.size > 0) await Promise.allSettled(running);
  if (await within(closed, RECORD_MS)) return;
  await within(Promise.all(workers.map((worker) => worker.disconnect())), HANG_UP_MS);
}

function track(running: Set<Promise<void>>, work: Promise<void>): Promise<void> {
  running.add(work);
  return work.finally(() => running.delete(work));
}

function once(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => {
    closing ??= close();
    return closing;
  };
}
