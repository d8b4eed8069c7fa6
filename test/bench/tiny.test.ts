import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, inject, it } from "vitest";

const RUN = fileURLToPath(new URL("./run.mjs", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "paperboy-tiny-bench-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What makes each benchmark small enough for a test: it must run to its end, its figures mean nothing. */
const TINY: Readonly<Record<string, readonly string[]>> = {
  start: ["--rounds", "1"],
  day: ["--readers", "30", "--rounds", "1"],
  plan: ["--readers", "10"],
  match: ["--topics", "50", "--rounds", "1"],
  search: ["--papers", "300", "--rounds", "1"],
  "search-quality": ["--papers", "300", "--limit", "20", "--seed", "1"],
  ingest: ["--papers", "300", "--rounds", "1"],
  "hostile-queries": ["--papers", "300", "--seconds", "1", "--seed", "1"],
  completeness: ["--days", "2", "--seed", "1"],
  trending: ["--file", observations()],
  relevance: libraries(),
  highlights: ["--file", labelledAbstracts()],
};

/** A storm of six kills is the subject of `test/faults/storm.test.ts`, which starts it as this would. */
const ELSEWHERE = ["storm"];

describe("every benchmark still runs", () => {
  it("and is listed here", () => {
    const { stdout, stderr } = spawnSync(process.execPath, [RUN, "--help"], { encoding: "utf8" });
    const named = [...`${stdout}${stderr}`.matchAll(/^ {2}([a-z-]+) {2,}|^ {2}([a-z-]+) \[/gm)];
    const names = named.map(([, plain, withOptions]) => plain ?? withOptions);
    expect(names.toSorted()).toEqual([...Object.keys(TINY), ...ELSEWHERE].toSorted());
  });

  it.each(Object.entries(TINY))("%s", (name, options) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [RUN, name, "--json", ...options], {
      encoding: "utf8",
      env: { ...process.env, PAPERBOY_BENCH_TEMPLATE: inject("postgresUrl") },
    });
    // The exit code of `trending` is a verdict on recorded days, which these are not.
    if (name !== "trending") expect({ name, status, stderr }).toMatchObject({ status: 0 });
    const report = JSON.parse(stdout);
    expect(report.bench).toBe(name);
    expect(report.rows.length).toBeGreaterThan(0);
    if (name !== "day") return;
    const row = { mailsPerSecond: expect.any(Number), cpuMsPerMail: expect.any(Number) };
    expect(report.rows).toContainEqual(expect.objectContaining({ way: "ours", ...row }));
    expect(report).toMatchObject({ readers: 30, ratios: { loop: expect.any(Number) } });
  });
});

/** Two weeks in which twelve papers gain votes, each at its own speed, in the form of recorded observations. */
function observations(): string {
  const file = join(directory, "growth.jsonl");
  const lines: string[] = [];
  for (let day = 1; day <= 14; day++) {
    for (let paper = 1; paper <= 12; paper++) {
      const observed = `2026-03-${String(day).padStart(2, "0")}T12:00:00Z`;
      const id = `2603.${String(paper).padStart(5, "0")}`;
      lines.push(JSON.stringify({ observed, id, title: `Paper ${paper}`, upvotes: paper * day }));
    }
  }
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

/** Six articles of a few words, of which the reader has two and is to be brought a third. */
function libraries(): string[] {
  const files = {
    readers: [JSON.stringify({ id: 1, old: [0, 1], new: [2] })],
    vocabulary: ["gate", "graph", "protein"],
    words: ["1 0:2", "2 0:1 1:1", "1 0:3", "1 2:1", "1 2:4", "1 1:1"],
    articles: ["2", "3", "4", "5"],
  };
  return Object.entries(files).flatMap(([option, lines]) => {
    const file = join(directory, `${option}.txt`);
    writeFileSync(file, `${lines.join("\n")}\n`);
    return [`--${option}`, file];
  });
}

function labelledAbstracts(): string {
  const file = join(directory, "abstracts.jsonl");
  const abstract = "Gates forget. We propose a gate that does not. It remembers twice as much.";
  writeFileSync(file, `${JSON.stringify({ id: "1", abstract, spans: [[17, 44, "idea"]] })}\n`);
  return file;
}
