import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CompletenessReport, runCompleteness } from "../harness/arxiv/completeness.ts";
import { FAULT_KINDS, NAMED_BY } from "../harness/arxiv/faults.ts";
import { type BenchOptions, type BenchResult, progress, type Row } from "./frame.ts";
import { scratchDatabase, scratchDirectory } from "./scratch.ts";

const PROJECT = fileURLToPath(new URL("../../../../../", import.meta.url));
/** Over Independence Day, Labor Day, the end of summer time, Thanksgiving and the end of the year. */
const FROM = "2026-06-29";
const PER_DAY = 24;

/**
 * Days of a simulated arXiv with faults from a seed, read, reconciled, announced, planned and sent by the service's own
 * code by a simulated clock. Ends with 1 when a paper was lost or came twice, or a fault was not named on its day.
 */
export async function benchCompleteness({ days, seed }: BenchOptions): Promise<BenchResult> {
  const database = await scratchDatabase();
  try {
    const report = await runCompleteness({
      databaseUrl: database.url,
      directories: { templatesDir: join(PROJECT, "templates"), cacheDir: scratchDirectory() },
      from: FROM,
      days,
      seed,
      perDay: PER_DAY,
      progress,
    });
    if (!isWhole(report)) process.exitCode = 1;
    return { rows: [...totals(report), ...byKind(report)], notes: notesOf(report, seed) };
  } finally {
    await database.close();
  }
}

const unnamed = ({ faults }: CompletenessReport) => faults.filter(({ named }) => named === false);

const isWhole = (report: CompletenessReport): boolean =>
  report.lost.length === 0 &&
  report.twice.length === 0 &&
  report.held === report.announced &&
  unnamed(report).length === 0 &&
  report.requestStats.mostAtOnce <= 1 &&
  report.requestStats.shortestGapMs >= 3_000 &&
  report.requestStats.beforeRetryAfter === 0;

function totals(report: CompletenessReport): Row[] {
  const { days, announced, held, lost, twice, faults, latestHours, requestStats } = report;
  const figures: Readonly<Record<string, number>> = {
    days,
    "papers announced by arXiv": announced,
    held,
    lost: lost.length,
    "announced twice": twice.length,
    "faults injected": faults.length,
    "faults to be named": faults.filter(({ named }) => named !== null).length,
    "faults named the same day": faults.filter(({ named }) => named === true).length,
    "hours from announcement to mail, at most": latestHours,
    "requests to arXiv": requestStats.requests,
    "shortest pause between two, seconds": Math.round(requestStats.shortestGapMs / 100) / 10,
    "requests at once, at most": requestStats.mostAtOnce,
    "requests before Retry-After": requestStats.beforeRetryAfter,
  };
  return Object.entries(figures).map(([what, count]) => ({ what, count }));
}

function byKind({ faults }: CompletenessReport): Row[] {
  return FAULT_KINDS.flatMap((kind): Row[] => {
    const mine = faults.filter((fault) => fault.kind === kind);
    if (mine.length === 0) return [];
    const named = mine.filter((fault) => fault.named === true).length;
    return [
      { what: `fault: ${kind}`, count: mine.length, named: NAMED_BY[kind] === null ? "does no harm" : named },
    ];
  });
}

function notesOf(report: CompletenessReport, seed: number): string[] {
  return [
    `npm run bench -- completeness --days ${report.days} --seed ${seed}`,
    ...report.lost.slice(0, 10).map((id) => `lost: ${id}`),
    ...report.twice.slice(0, 10).map((id) => `twice: ${id}`),
    ...unnamed(report).map(
      ({ kind, day, category, said }) => `not named: ${kind} on ${day} ${category ?? ""}: ${said}`,
    ),
  ];
}
