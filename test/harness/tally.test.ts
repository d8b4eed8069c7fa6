import { describe, expect, it } from "vitest";
import { exitCode, type FinishedModule, tally, tallyLine } from "./tally.ts";

interface Fake {
  readonly tests?: readonly string[];
  readonly suites?: Readonly<Record<string, number>>;
  readonly errors?: number;
}

const module = ({ tests = [], suites = {}, errors = 0 }: Fake): FinishedModule => ({
  errors: () => Array(errors).fill("broken"),
  children: {
    allTests: () => tests.map((state) => ({ result: () => ({ state }) })),
    allSuites: () =>
      Object.entries(suites).map(([fullName, n]) => ({ fullName, errors: () => Array(n).fill("broken") })),
  },
});

describe("tally", () => {
  it("sums over files", () => {
    const sum = tally([
      module({ tests: ["passed", "failed", "skipped"] }),
      module({ tests: ["passed", "pending"] }),
    ]);
    expect(sum).toEqual({ passed: 2, failed: 1, skipped: 2, leftOut: [] });
    expect(tallyLine(sum)).toBe("2 passed, 1 failed");
    expect(tallyLine(tally([module({ tests: ["passed"] })]))).toBe("1 passed, 0 failed");
  });

  it("counts what fails without a test", () => {
    expect(tally([module({ errors: 1 })]).failed).toBe(1);
    expect(tally([module({ tests: ["skipped"], suites: { "set-up fails": 2 } })]).failed).toBe(1);
    expect(tally([module({ tests: ["passed"] })], [new Error("stray")]).failed).toBe(1);
  });

  it("names the suites that were left out", () => {
    const suites = {
      "queue on Redis (left out: redis-server is not on the PATH)": 0,
      "queue on PostgreSQL": 0,
    };
    expect(tally([module({ suites })]).leftOut).toEqual([
      "queue on Redis (left out: redis-server is not on the PATH)",
    ]);
  });

  it("is a success only when something ran and nothing failed", () => {
    expect(exitCode(tally([module({ tests: ["passed", "skipped"] })]))).toBe(0);
    expect(exitCode(tally([module({ tests: ["passed", "failed"] })]))).toBe(1);
    expect(exitCode(tally([module({ tests: ["skipped"] })]))).toBe(1);
    expect(exitCode(tally([]))).toBe(1);
  });
});
