import { rmSync } from "node:fs";
import { announcementDay, announcementDayBefore, submittedUntil } from "@paperboy/core";
import type { SimPaper } from "@paperboy/harness/arxiv/papers";
import { type SimArxiv, startArxiv } from "@paperboy/harness/arxiv/server";
import { createTestDatabase, type TestDatabase } from "@paperboy/harness/database";
import { makeDataDirectory, runCommand } from "@paperboy/harness/paperboy";
import { afterAll, beforeAll, expect, it } from "vitest";

// The day before the newest one: all of its services have followed, whatever the hour.
const DAY = announcementDayBefore(announcementDay(new Date()));
const DAYS = [announcementDayBefore(DAY), DAY];
const directory = makeDataDirectory();
const papers = DAYS.flatMap((day, place) =>
  [0, 1, 2].map((n): SimPaper => {
    const submittedAt = new Date(submittedUntil(day).getTime() - (n + 1) * 60_000);
    const month = submittedAt.toISOString().slice(2, 7).replace("-", "");
    const id = `${month}.0${5000 + place * 10 + n}`;
    return { id, categories: ["cs.CL"], submittedAt, day, title: `Reconciled ${id}`, replacedOn: [] };
  }),
);
let database: TestDatabase;
let arxiv: SimArxiv;

beforeAll(async () => {
  database = await createTestDatabase();
  arxiv = await startArxiv({ papers, days: DAYS, faults: [], now: () => new Date(), random: () => 0 });
});
afterAll(async () => {
  await arxiv.close();
  await database.close();
  rmSync(directory, { recursive: true });
});

async function run(...args: string[]) {
  const ended = await runCommand([...args, "--json"], {
    DATABASE_URL: database.url,
    PAPERBOY_DATA_DIR: directory,
    MAIL_FROM: "Paperboy <ops@example.org>",
    PAPERBOY_ALLOW_PRIVATE_SOURCES: "1",
    PAPERBOY_ARXIV_URL: arxiv.url,
  });
  return { ...ended, value: ended.stdout === "" ? null : JSON.parse(ended.stdout) };
}

it("days of the past are compared by hand, and filled once, at arXiv's pace", async () => {
  await run("source", "add", "arxiv", "--kind", "arxiv-rss", "--query", "cs.CL");
  const first = await run("source", "reconcile", "arxiv", "--from", DAYS[0] as string, "--to", DAY);
  expect(first.stderr).toBe("");
  expect(first.code).toBe(0);
  expect(first.value.sources).toMatchObject([
    { source: "arxiv", from: DAYS[0], to: DAY, gaps: 6, filled: 6, missing: [], faults: [], complete: true },
  ]);
  const ids = first.value.sources[0].days.flatMap(({ filled }: { filled: string[] }) => filled);
  expect(ids.sort()).toEqual(papers.map(({ id }) => id).sort());
  const again = await run("source", "reconcile", "--from", DAYS[0] as string, "--to", DAY);
  expect(again.value.sources).toMatchObject([{ gaps: 0, filled: 0 }]);
  expect((await run("search", "reconciled")).value).toMatchObject({ total: 6 });
  expect(arxiv.requestStats()).toMatchObject({ mostAtOnce: 1, beforeRetryAfter: 0 });
  // Both commands keep the pace; between them lies the start of a process.
  expect(arxiv.requestStats().shortestGapMs).toBeGreaterThanOrEqual(2_900);
});

it.each([
  [["--from", "2026-13-01"], "--from is a date such as 2026-11-24, not '2026-13-01'"],
  [["--from", "2026-11-20", "--to", "2026-11-19"], "--from 2026-11-20 is after --to 2026-11-19"],
  [["--from", "2026-01-01", "--to", "2026-11-19"], "at most 92 are compared"],
  [["nobody"], "there is no source 'nobody'"],
])("`source reconcile %j` is refused with its reason", async (args, reason) => {
  const refused = await run("source", "reconcile", ...args);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(reason);
});

it("a source that does not read arXiv has nothing to compare", async () => {
  await run("source", "add", "lab", "--kind", "feed", "--url", `${arxiv.url}/rss/cs.CL`);
  const refused = await run("source", "reconcile", "lab");
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("'lab' does not read arXiv");
});
