import { describe, expect, it } from "vitest";
import { runCompleteness } from "../harness/arxiv/completeness.ts";
import { createTestDatabase } from "../harness/database.ts";
import { TEMPLATES } from "../harness/templates.ts";

describe("twenty days of a simulated arXiv that goes wrong", () => {
  it("lose no paper, bring none twice, and every fault is named on its day", async () => {
    const database = await createTestDatabase();
    try {
      const report = await runCompleteness({
        databaseUrl: database.url,
        directories: TEMPLATES,
        from: "2026-10-19",
        days: 20,
        seed: 7,
        perDay: 12,
      });
      expect(report.announced).toBeGreaterThan(100);
      expect(report.lost).toEqual([]);
      expect(report.twice).toEqual([]);
      expect(report.held).toBe(report.announced);
      expect(report.faults.filter(({ named }) => named === false)).toEqual([]);
      expect(report.faults.length).toBeGreaterThan(4);
      expect(report.manners).toMatchObject({ mostAtOnce: 1, impatient: 0 });
      expect(report.manners.shortestGapMs).toBeGreaterThanOrEqual(3_000);
    } finally {
      await database.close();
    }
  });
});
