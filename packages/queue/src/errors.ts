import type { JobName } from "./jobs.ts";

/** The queue's backend cannot be used; the message names the setting and the reason, never a password. */
export class QueueUnavailable extends Error {
  override readonly name = "QueueUnavailable";
}

/** One failed attempt at a job, as given to `onError`; `cause` is what the handler threw. */
export class JobFailed extends Error {
  override readonly name = "JobFailed";
  readonly job: JobName;
  readonly attempt: number;
  /** Whether the job was given up: no attempt is left, and only the rows remember the work. */
  readonly dropped: boolean;

  constructor(job: JobName, attempt: number, dropped: boolean, cause: unknown) {
    const then = dropped ? "given up" : "will be tried again";
    super(`job ${job} failed (attempt ${attempt}, ${then}): ${reason(cause)}`, { cause });
    this.job = job;
    this.attempt = attempt;
    this.dropped = dropped;
  }
}

/** The shortest useful text of an error; drivers wrap a refused connection in an AggregateError without a message. */
export function reason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0]);
  if (error instanceof Error) return error.message || error.name;
  return String(error);
}

/**
 * Passes errors on, the same message at most once in `quietMs` milliseconds: while a server is unavailable, every
 * connection of every consumer complains about it on every attempt.
 */
export function dedupeErrors(
  report: (error: Error) => void,
  quietMs = 60_000,
  now: () => number = Date.now,
): (error: Error) => void {
  const last = new Map<string, number>();
  return (error) => {
    const text = reason(error);
    const at = now();
    if (at - (last.get(text) ?? -Infinity) < quietMs) return;
    if (last.size >= 100) last.clear();
    last.set(text, at);
    report(error);
  };
}
