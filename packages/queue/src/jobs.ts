/**
 * Every job there is, and what it carries: ids only, since rows are truth and a job is a hint. A job that is lost,
 * doubled or late changes nothing but timing.
 */
export interface JobPayloads {
  readonly ingest: NoPayload;
  readonly plan: NoPayload;
  readonly deliver: { readonly deliveryIds: readonly string[] };
  readonly announce: NoPayload;
  readonly sweep: NoPayload;
  readonly forget: NoPayload;
}

export type NoPayload = Readonly<Record<string, never>>;
export type JobName = keyof JobPayloads;

/** Jobs that carry nothing, and so can be repeated on a schedule. */
export type RecurringJob = { [N in JobName]: JobPayloads[N] extends NoPayload ? N : never }[JobName];

/**
 * Exactly one handler per job name. `signal` aborts when the consumer begins to close: a long handler may then
 * stop at a safe point, and what it left is found again in the rows.
 */
export type JobHandlers = {
  readonly [N in JobName]: (payload: JobPayloads[N], signal: AbortSignal) => Promise<void>;
};

const everyName: Record<JobName, true> = {
  ingest: true,
  plan: true,
  deliver: true,
  announce: true,
  sweep: true,
  forget: true,
};

/** The names of {@link JobPayloads}, as a value. */
export const jobNames = Object.keys(everyName) as readonly JobName[];

/** Throws a TypeError unless `handlers` holds one function for every job name and nothing else. */
export function checkHandlers(handlers: JobHandlers): void {
  for (const name of jobNames) {
    if (typeof handlers[name] !== "function") throw new TypeError(`no handler for job "${name}"`);
  }
  for (const name of Object.keys(handlers)) {
    if (!(name in everyName)) throw new TypeError(`a handler for "${name}", which is not a job`);
  }
}
