export type { Consumer, WorkOptions } from "./consumer.ts";
export { JobFailed, QueueUnavailable } from "./errors.ts";
export { type JobHandlers, type JobName, type JobPayloads, jobNames, type RecurringJob } from "./jobs.ts";
export { type AddOptions, type JobCounts, openQueue, type Queue, type QueueOptions } from "./queue.ts";
export type { QueueBackend } from "./queue-connection.ts";
