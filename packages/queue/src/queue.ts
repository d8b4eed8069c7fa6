import { createHash } from "node:crypto";
import type { QueueOptions as BullOptions, Queue as BullQueue, JobsOptions } from "bullmq";
import type { Consumer, WorkOptions } from "./consumer.ts";
import { dedupeErrors, JobFailed, QueueUnavailable } from "./errors.ts";
import { type JobHandlers, type JobName, type JobPayloads, jobNames, type RecurringJob } from "./jobs.ts";
import { openConnection } from "./open-connection.ts";
import type { QueueBackend, QueueConnection } from "./queue-connection.ts";
import { keepSchedules } from "./schedules.ts";

export interface QueueOptions {
  readonly backend: QueueBackend;
  /** Prefix that keeps queues apart which share a server; letters, digits and dashes. Default `paperboy`. */
  readonly name?: string;
  /** Told of failed jobs (JobFailed) and of trouble with the server; never throws back into the queue. */
  readonly onError: (error: Error) => void;
  /** How often a job is tried before it is given up (default 4), and the first pause, which doubles (1000 ms). */
  readonly retry?: { readonly attempts: number; readonly delayMs: number };
}

export interface AddOptions {
  /** Jobs of one name with one id are one job while it waits or runs; once it has ended, the id is free again. */
  readonly jobId?: string;
  readonly delayMs?: number;
  /** Among jobs of one name, 1 goes first and 2,097,152 last; a job without priority goes before all of them. */
  readonly priority?: number;
}

export interface JobCounts {
  readonly waiting: number;
  readonly active: number;
  /** Includes jobs that wait for another attempt, and the next run of a repeating job. */
  readonly delayed: number;
}

/**
 * The queue of hints. Calls that need the server throw QueueUnavailable within seconds when it is unavailable; since rows
 * are truth, a caller may drop a hint that could not be added.
 */
export interface Queue {
  add<N extends JobName>(name: N, payload: JobPayloads[N], options?: AddOptions): Promise<void>;
  /** Runs `name` at once and then every `everyMs`, for all processes together; the last period asked for holds. */
  every(name: RecurringJob, everyMs: number): Promise<void>;
  /** Starts working; throws a TypeError unless there is exactly one handler for each job name. */
  work(handlers: JobHandlers, options?: WorkOptions): Promise<Consumer>;
  counts(): Promise<Record<JobName, JobCounts>>;
  ping(): Promise<void>;
  /** Closes the consumers (draining them) and then the connections. Idempotent. */
  close(): Promise<void>;
}

type BullQueues = Readonly<Record<JobName, BullQueue>>;

/**
 * Opens the queue on Redis or PostgreSQL. Throws QueueUnavailable, in one line that names the setting, when the
 * server cannot be reached within about five seconds or (Redis) may evict keys.
 */
export async function openQueue(options: QueueOptions): Promise<Queue> {
  const state = { closing: undefined as Promise<void> | undefined };
  const quiet = dedupeErrors(options.onError);
  const onError = (error: Error) => {
    if (error instanceof JobFailed) options.onError(error);
    else if (!state.closing) quiet(error);
  };
  const reach = <T>(call: Promise<T>) => answerOf(call, connection);
  const queueName = (job: JobName) => `${options.name ?? "paperboy"}-${job}`;
  const connection = await openConnection(options.backend, onError);
  const queues = await openQueues(connection, queueName, jobOptions(options.retry), onError);
  const schedules = keepSchedules((name) => queues[name], onError);
  const consumers = new Set<Promise<Consumer>>();
  const shutDown = async () => {
    schedules.stop();
    const opened = await Promise.allSettled(consumers);
    await Promise.all(opened.map((one) => (one.status === "fulfilled" ? one.value.close() : undefined)));
    await Promise.all(Object.values(queues).map((queue) => queue.close()));
    await connection.close();
  };
  return {
    add: async (name, payload, add = {}) => {
      await reach(queues[name].add(name, payload, addOptions(add)));
    },
    every: (name, everyMs) => reach(schedules.keep(name, everyMs)),
    work: async (handlers, work = {}) => {
      const { startConsumer } = await import("./consumer.ts");
      const consumer = startConsumer({ connection, queueName, onError }, handlers, work);
      consumers.add(consumer);
      return consumer;
    },
    counts: () => countAll(queues, reach),
    ping: () => reach(connection.ping()),
    close: () => {
      state.closing ??= shutDown();
      return state.closing;
    },
  };
}

async function openQueues(
  connection: QueueConnection,
  queueName: (job: JobName) => string,
  defaultJobOptions: JobsOptions,
  onError: (error: Error) => void,
): Promise<BullQueues> {
  const { Queue } = await import("bullmq");
  const open = async (name: JobName) => {
    const options = {
      connection: connection.producer,
      defaultJobOptions,
      streams: { events: { maxLen: 100 } },
    };
    const queue = new Queue(queueName(name), options as BullOptions, connection.factory);
    queue.on("error", onError);
    await queue.waitUntilReady();
    return [name, queue] as const;
  };
  return Object.fromEntries(await Promise.all(jobNames.map(open))) as unknown as BullQueues;
}

/** A job that has ended leaves nothing behind: its id can be used again, and the backend cannot fill up. */
function jobOptions(retry = { attempts: 4, delayMs: 1000 }): JobsOptions {
  const backoff = { type: "exponential", delay: retry.delayMs, jitter: 0.5 };
  return { attempts: retry.attempts, backoff, removeOnComplete: true, removeOnFail: true };
}

function addOptions({ jobId, delayMs, priority }: AddOptions): JobsOptions {
  return {
    ...(jobId === undefined ? {} : { jobId: safeId(jobId) }),
    ...(delayMs === undefined ? {} : { delay: delayMs }),
    ...(priority === undefined ? {} : { priority }),
  };
}

/** BullMQ takes no id that holds a colon or is all digits, and keeps long ones in every key. */
function safeId(id: string): string {
  return `id-${createHash("sha256").update(id).digest("base64url").slice(0, 27)}`;
}

async function countAll(
  queues: BullQueues,
  reach: <T>(call: Promise<T>) => Promise<T>,
): Promise<Record<JobName, JobCounts>> {
  const count = async (name: JobName) => {
    const n = await reach(queues[name].getJobCounts("wait", "prioritized", "active", "delayed"));
    const counts = {
      waiting: (n.wait ?? 0) + (n.waiting ?? 0) + (n.prioritized ?? 0),
      active: n.active ?? 0,
      delayed: n.delayed ?? 0,
    };
    return [name, counts] as const;
  };
  return Object.fromEntries(await Promise.all(jobNames.map(count))) as Record<JobName, JobCounts>;
}

async function answerOf<T>(call: Promise<T>, { explain }: QueueConnection): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw error;
    throw new QueueUnavailable(`the queue did not answer: ${explain(error)}`, { cause: error });
  }
}
