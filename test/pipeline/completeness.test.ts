import { announcementDays } from "@paperboy/core";
import { runCompleteness } from "@paperboy/harness/arxiv/completeness";
import { FAULT_KINDS, type SimFault } from "@paperboy/harness/arxiv/faults";
import { createTestDatabase } from "@paperboy/harness/database";
import { TEMPLATES } from "@paperboy/harness/templates";
import { describe, expect, it } from "vitest";

const FROM = "2026-10-19";
const DAYS = announcementDays(FROM, "2026-11-15");

/** One of each kind but the outage, which takes a week of its own, over the end of summer time. */
const FAULTS: readonly SimFault[] = FAULT_KINDS.map((kind, place): SimFault => {
  const isOfOne = kind === "stale category" || kind === "half a batch" || kind === "v2 before v1";
  const isOutage = kind === "outage of ours";
  const day = DAYS[place + 1] as string;
  return { kind, day, category: isOfOne ? "cs.LG" : null, days: isOutage ? 3 : 1 };
});

describe("four weeks of a simulated arXiv that goes wrong", () => {
  it("lose no paper, bring none twice, and every fault is named on its day", async () => {
    const database = await createTestDatabase();
    try {
      const report = await runCompleteness({
        databaseUrl: database.url,
        directories: TEMPLATES,
        from: FROM,
        days: 28,
        seed: 7,
        perDay: 9,
        faults: FAULTS,
      });
      expect(report.announced).toBeGreaterThan(100);
      expect(report.lost).toEqual([]);
      expect(report.twice).toEqual([]);
      expect(report.held).toBe(report.announced);
      expect(report.faults.filter(({ named }) => named === false)).toEqual([]);
      expect(report.requestStats).toMatchObject({ mostAtOnce: 1, beforeRetryAfter: 0 });
      expect(report.requestStats.shortestGapMs).toBeGreaterThanOrEqual(3_000);
    } finally {
      await database.close();
    }
  });
});
