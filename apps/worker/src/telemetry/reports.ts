import { redact } from "@paperboy/core";
import type { ClaimedDelivery, DeliveryResult, Forgotten } from "@paperboy/db";
import type { DeliverCounts } from "../deliver/deliver.ts";
import { outcomeOf } from "../deliver/outcome.ts";
import type { PlanOutcome } from "../stages/plan.ts";
import type { SourceRunReport } from "../stages/read-source.ts";
import type { ReconcileReport } from "../stages/reconcile.ts";
import type { SweepOutcome } from "../stages/sweep.ts";
import type { TakenBounce, TakenNotification } from "../stages/take-bounce.ts";
import type { StageReport } from "./telemetry.ts";

/** What each stage says of one run; null when it found nothing to do. */
export const REPORTS = {
  source: (run: SourceRunReport | null): StageReport | null => {
    if (run === null) return null;
    const { source, outcome, reason, refusals: _refusals, ...counts } = run;
    const failed = outcome === "failed" || outcome === "refused";
    const quiet = outcome === "unchanged" || outcome === "busy";
    return {
      level: failed ? "warn" : quiet ? "debug" : "info",
      message: failed
        ? `Could not read source ${source}: ${reason}`
        : `Read source ${source}: ${counts.new} new papers, ${counts.updated} updated`,
      fields: { source, outcome, reason, ...counts },
    };
  },

  reconcile: (report: ReconcileReport | null): StageReport | null => {
    if (report === null || report.from === null) return null;
    const { source, from, to, gaps, filled, missing, faults, complete } = report;
    return {
      level: missing.length > 0 || !complete ? "warn" : "info",
      message: `Compared source ${source} with what arXiv announced: ${filled} gaps filled, ${missing.length} papers missing`,
      fields: { source, from, to, gaps, filled, missing: missing.length, faults, complete },
    };
  },

  announce: (announced: number): StageReport | null =>
    announced === 0 ? null : { message: `Announced ${announced} papers`, fields: { announced } },

  plan: ({ planned, skipped, editions }: PlanOutcome): StageReport | null =>
    planned + skipped === 0
      ? null
      : {
          message: `Planned ${planned} editions, skipped ${skipped}`,
          fields: { planned, skipped, editions },
        },

  deliver: ({ heldUp, ...counts }: DeliverCounts): StageReport | null => {
    const some = Object.entries(counts).filter(([, n]) => n > 0);
    if (some.length === 0) return null;
    const what = some.map(([outcome, n]) => `${n} ${outcome}`).join(", ");
    return {
      message: `Delivered: ${what}`,
      fields: { ...Object.fromEntries(some), ...(heldUp !== null && { pausedFor: heldUp }) },
    };
  },

  sweep: ({ pending, unknown }: SweepOutcome): StageReport | null =>
    pending + unknown === 0
      ? null
      : {
          level: "warn",
          message: `Leases of workers that ended have expired: ${pending} mails are sent again, of ${unknown} nobody knows whether they went out`,
          fields: { pending, unknown },
        },

  forget: (forgotten: Forgotten): StageReport | null => {
    const some = Object.entries(forgotten).filter(([, n]) => n > 0);
    if (some.length === 0) return null;
    const what = some.map(([name, n]) => `${n} ${name}`).join(", ");
    return { message: `Removed what was kept long enough: ${what}`, fields: Object.fromEntries(some) };
  },

  bounce: ({ kind, applied, deliveryId, subscriptionId }: TakenBounce): StageReport => ({
    message: `Took a mail that came back: ${kind}${applied ? "" : ", nothing changed"}`,
    fields: { kind, applied, deliveryId, subscriptionId },
  }),

  notification: (provider: string, { applied, reports }: TakenNotification): StageReport | null =>
    reports.length === 0
      ? null
      : {
          message: `Took a notification of ${provider}: ${applied} of ${reports.length} reports changed something`,
          fields: { provider, applied, reports },
        },
} as const;

/** One attempt at a mail, with the ids by which it is found: its subscription, digest or request, delivery and Message-ID. */
export function mailReport(
  { id: deliveryId, subscriptionId, kind, edition, fence }: ClaimedDelivery,
  result: DeliveryResult | "fenced",
): StageReport {
  const outcome = outcomeOf(result);
  const of = kind === "digest" ? { digestId: deliveryId, edition } : { requestId: edition };
  const said = result === "fenced" ? {} : { response: redact(result.response) };
  const messageId = typeof result === "object" && "messageId" in result ? result.messageId : undefined;
  const nextAttemptAt =
    typeof result === "object" && "nextAttemptAt" in result ? result.nextAttemptAt : undefined;
  return {
    level: outcome === "unknown" ? "warn" : "info",
    message: `Mail ${outcome}`,
    fields: {
      subscriptionId,
      kind,
      ...of,
      deliveryId,
      messageId,
      outcome,
      claim: fence,
      nextAttemptAt,
      ...said,
    },
  };
}
