import type { Registry } from "prom-client";
import type { WorkerMetrics } from "./telemetry.ts";

/** Seconds; a stage that finds nothing takes milliseconds, a large planning minutes. */
const STAGE_BUCKETS = [0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300];
/** Seconds; a relay nearby answers in milliseconds, one that scans mails in tens of seconds. */
const MAIL_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * Counters and histograms of the stages. No label holds what strangers choose: kinds, outcomes and stages are fixed, and
 * sources are those that an operator has set up.
 */
export async function workerMetrics(registry: Registry): Promise<WorkerMetrics> {
  // Loaded by the service only: commands are over before anybody could ask.
  const { Counter, Histogram } = await import("prom-client");
  const registers = [registry];
  const stages = new Histogram({
    name: "paperboy_stage_duration_seconds",
    help: "Seconds a run of a stage took, whether it found something to do or not.",
    labelNames: ["stage"],
    buckets: STAGE_BUCKETS,
    registers,
  });
  const failures = new Counter({
    name: "paperboy_stage_failures_total",
    help: "Runs of a stage that ended in an error.",
    labelNames: ["stage"],
    registers,
  });
  const papers = new Counter({
    name: "paperboy_papers_read_total",
    help: "Papers that sources showed, by what became of them: new, updated, unchanged or refused.",
    labelNames: ["source", "result"],
    registers,
  });
  const editions = new Counter({
    name: "paperboy_editions_planned_total",
    help: "Editions that were planned, by result: pending (it is mailed) or skipped.",
    labelNames: ["result"],
    registers,
  });
  const mails = new Counter({
    name: "paperboy_mails_total",
    help: "Attempts at a mail by kind and outcome; fenced ones were made by another worker.",
    labelNames: ["kind", "outcome"],
    registers,
  });
  const sending = new Histogram({
    name: "paperboy_mail_send_duration_seconds",
    help: "Seconds an attempt took that reached the relay: composing, waiting for a connection, sending.",
    labelNames: ["outcome"],
    buckets: MAIL_BUCKETS,
    registers,
  });
  const bounces = new Counter({
    name: "paperboy_bounces_total",
    help: "Mails and notifications that came back, by kind; applied is true when one changed something.",
    labelNames: ["kind", "applied"],
    registers,
  });
  return {
    stageEnded: (stage, seconds, failed) => {
      stages.observe({ stage }, seconds);
      failures.inc({ stage }, failed ? 1 : 0);
    },
    papersRead: (source, counts) => {
      for (const result of ["new", "updated", "unchanged", "refused"] as const)
        papers.inc({ source, result }, counts[result]);
    },
    editionsPlanned: ({ planned, skipped }) => {
      editions.inc({ result: "pending" }, planned);
      editions.inc({ result: "skipped" }, skipped);
    },
    mailEnded: (kind, outcome, seconds) => {
      mails.inc({ kind, outcome });
      if (REACHED_THE_RELAY.has(outcome)) sending.observe({ outcome }, seconds);
    },
    bounceTaken: (kind, applied) => bounces.inc({ kind, applied: String(applied) }),
  };
}

/** What is suppressed or skipped is decided before, in no time that would tell anything. */
const REACHED_THE_RELAY: ReadonlySet<string> = new Set(["submitted", "deferred", "failed", "unknown"]);
