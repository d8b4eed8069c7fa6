import type { JobHandlers } from "@paperboy/queue";

/** A handler with nothing to do. */
export const idle = async (): Promise<void> => {};

/** Handlers for every job, idle but for `some`. */
export function handlers(some: Partial<JobHandlers>): JobHandlers {
  return { ingest: idle, plan: idle, deliver: idle, announce: idle, sweep: idle, forget: idle, ...some };
}
