import type { ClaimedDelivery } from "@paperboy/db";

/** As much of a logger (pino's) as stages use. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** The parts of the service that run by themselves. */
export type StageName =
  | "ingest"
  | "reconcile"
  | "announce"
  | "plan"
  | "deliver"
  | "sweep"
  | "forget"
  | "bounces";

/** How an attempt at a mail ended; `fenced` when its claim had been taken from the worker meanwhile. */
export type MailOutcome =
  | "submitted"
  | "deferred"
  | "failed"
  | "suppressed"
  | "skipped"
  | "unknown"
  | "fenced";

/** What is counted while the stages run. */
export interface WorkerMetrics {
  stageEnded(stage: StageName, seconds: number, failed: boolean): void;
  papersRead(source: string, counts: PaperCounts): void;
  editionsPlanned(counts: { readonly planned: number; readonly skipped: number }): void;
  /** @param seconds how long the attempt took, from its beginning to the relay's answer. */
  mailEnded(kind: ClaimedDelivery["kind"], outcome: MailOutcome, seconds: number): void;
  bounceTaken(kind: string, applied: boolean): void;
}

export interface PaperCounts {
  readonly new: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: number;
}

/** Where stages tell what they did. */
export interface Telemetry {
  readonly log: Log;
  readonly metrics: WorkerMetrics;
}

/** What a run of a stage has to say. */
export interface StageReport {
  /** `warn` when an operator should look at it; `info` when absent. */
  readonly level?: "debug" | "info" | "warn";
  readonly message: string;
  /** Counts, names and ids; never an address. */
  readonly fields: object;
}

/**
 * Runs a stage, measures it, and logs one line of what it did.
 *
 * @param report gives null when the run found nothing to do.
 */
export async function runStage<Result>(
  { log, metrics }: Telemetry,
  stage: StageName,
  work: () => Promise<Result>,
  report: (result: Result) => StageReport | null,
): Promise<Result> {
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  try {
    const result = await work();
    metrics.stageEnded(stage, seconds(), false);
    const said = report(result);
    if (said !== null) {
      log[said.level ?? "info"]({ stage, ...said.fields, ms: Math.round(seconds() * 1000) }, said.message);
    }
    return result;
  } catch (error) {
    metrics.stageEnded(stage, seconds(), true);
    throw error;
  }
}

/** Says and counts nothing. */
export const SILENT: Telemetry = {
  log: { debug: () => {}, info: () => {}, warn: () => {} },
  metrics: {
    stageEnded: () => {},
    papersRead: () => {},
    editionsPlanned: () => {},
    mailEnded: () => {},
    bounceTaken: () => {},
  },
};
