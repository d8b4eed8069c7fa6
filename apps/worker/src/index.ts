export { readWorkerConfig, WORKER_SETTINGS, type WorkerConfig } from "./config.ts";
export { createWorkerContext, type WorkerContext, type WorkerContextOptions } from "./context.ts";
export type { Mailer } from "./deliver/attempt.ts";
export { type DeliverCounts, deliver } from "./deliver/deliver.ts";
export { deliverDue, type MarkedSent, markSent, planDue, type RunOutcome, runUntilDone } from "./run.ts";
export { DELIVER_JOBS, hintDeliveries, startWorker } from "./service.ts";
export { createSourceFetcher, readingOf } from "./source-fetcher.ts";
export { type IngestReport, ingestRecords, type ReadRecord } from "./stages/ingest.ts";
export { type PlanOutcome, plan, type TopicMatcher } from "./stages/plan.ts";
export { claimSource, readNextSource, type SourceRunReport } from "./stages/read-source.ts";
export {
  NothingToReconcile,
  type ReconcileOptions,
  type ReconcileReport,
  reconcileNext,
} from "./stages/reconcile.ts";
export { sweep } from "./stages/sweep.ts";
export { type TakenBounce, type TakenNotification, takeBounce, takeWebhook } from "./stages/take-bounce.ts";
export { takeBounceAndTell, takeWebhookAndTell } from "./telemetry/bounces.ts";
export { workerMetrics } from "./telemetry/metrics.ts";
export { type Log, SILENT, type Telemetry } from "./telemetry/telemetry.ts";
export { type ReaderStory, tellReaderStory } from "./why/reader-story.ts";
export type { EditionStory } from "./why/story.ts";
export type { MatchState, TopicStory } from "./why/topic-stories.ts";
