import type { JobSchedulerJson } from "bullmq";
import { jobNames, type NoPayload, type RecurringJob } from "./jobs.ts";

/** The part of a BullMQ queue that keeps a repeating job. */
export interface ScheduleStore {
  getJobScheduler(id: string): Promise<JobSchedulerJson<NoPayload> | undefined>;
  upsertJobScheduler(
    id: string,
    repeat: { every: number },
    template: { name: string; data: NoPayload },
  ): Promise<unknown>;
}

/** The repeating jobs this process vouches for. */
export interface Schedules {
  keep(name: RecurringJob, everyMs: number): Promise<void>;
  stop(): void;
}

/**
 * Keeps repeating jobs alive. The schedule lies in the backend, so any number of processes share one; but what lies
 * there can be lost (FLUSHALL, a job removed by hand), and then nobody would ever plan again: each process looks
 * now and then whether the schedule is still there and current.
 */
export function keepSchedules(
  store: (name: RecurringJob) => ScheduleStore,
  onError: (error: Error) => void,
  now: () => number = Date.now,
): Schedules {
  const timers = new Map<RecurringJob, NodeJS.Timeout>();
  const keep = async (name: RecurringJob, everyMs: number): Promise<void> => {
    checkPeriod(name, everyMs);
    await assertSchedule(store(name), name, everyMs, now());
    clearInterval(timers.get(name));
    const look = () => assertSchedule(store(name), name, everyMs, now()).catch(onError);
    timers.set(name, setInterval(look, Math.min(Math.max(everyMs, 1000), 60_000)).unref());
  };
  const stop = () => {
    for (const timer of timers.values()) clearInterval(timer);
    timers.clear();
  };
  return { keep, stop };
}

async function assertSchedule(
  store: ScheduleStore,
  name: RecurringJob,
  everyMs: number,
  now: number,
): Promise<void> {
  const isKept = async () => isCurrent(await store.getJobScheduler(name), everyMs, now);
  if (await isKept()) return;
  try {
    await store.upsertJobScheduler(name, { every: everyMs }, { name, data: {} });
  } catch (error) {
    // Of processes that start at the same moment the backend lets one write and refuses the others.
    if (!(await isKept())) throw error;
  }
}

/** A run that waits for its turn is late by a little; one that is late by a whole period has lost its job. */
function isCurrent(found: JobSchedulerJson<NoPayload> | undefined, everyMs: number, now: number): boolean {
  const stuck = found?.next !== undefined && found.next + everyMs + 1000 < now;
  return found?.every === everyMs && !stuck;
}

function checkPeriod(name: RecurringJob, everyMs: number): void {
  if (!jobNames.includes(name)) throw new TypeError(`"${name}" is not a job`);
  if (!Number.isInteger(everyMs) || everyMs < 1)
    throw new RangeError(`${name}: every ${everyMs} ms is no period`);
}
