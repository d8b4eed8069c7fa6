import type { JobHandlers } from "@paperboy/queue";

/** A handler with nothing to do. */
export const idle = async (): Promise<void> => {};

/** A promise to be settled by the test. */
export function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Handlers for every job, idle but for `some`. */
export function handlers(some: Partial<JobHandlers>): JobHandlers {
  return { ingest: idle, plan: idle, deliver: idle, announce: idle, sweep: idle, forget: idle, ...some };
}
