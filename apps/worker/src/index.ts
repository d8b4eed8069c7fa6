export { ConfigError, readWorkerConfig, type WorkerConfig } from "./config.ts";
export { createWorkerContext, type WorkerContext, type WorkerContextOptions } from "./context.ts";
export { deliverDue, type RunOutcome, runUntilDone } from "./run.ts";
export { hintDeliveries, startWorker } from "./service.ts";
export { type DeliverCounts, deliver, type Mailer, type SendOutcome } from "./stages/deliver.ts";
export { type PlanOutcome, plan, type TopicMatcher } from "./stages/plan.ts";
export { sweep } from "./stages/sweep.ts";
