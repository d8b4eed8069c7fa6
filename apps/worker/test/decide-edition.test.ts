import { setImmediate } from "node:timers/promises";
import { createPaperIndex, type Paper, parseQuery } from "@paperboy/core";
import type { DueSubscription, HeldPapers, PlannedEdition } from "@paperboy/db";
import fc from "fast-check";
import { expect, it } from "vitest";
import { paperOf } from "../../../packages/core/test/topic/paper.ts";
import { createPlainPlanner } from "../../../test/bench/plan-plainly.ts";
import { type PlanStore, plan } from "../src/stages/plan.ts";

const NOW = new Date("2026-11-24T08:00:00Z");
const DUE = new Date("2026-11-24T07:00:00Z");
const LONG_AGO = new Date("2026-11-01T07:00:00Z");
const WORDS = [
  "gate",
  "gated",
  "mamba",
  "linear",
  "attention",
  "vision",
  "multi-modal",
  "multimodal",
  "data",
];
const SOURCES = ["arxiv", "hugging-face"];

const text = fc.array(fc.constantFrom(...WORDS), { maxLength: 8 }).map((words) => words.join(" "));
const paper = fc.record({
  title: text,
  abstract: text,
  authors: fc.array(text, { maxLength: 2 }),
  categories: fc.subarray(["cs.CL", "cs.CV"]),
  keywords: fc.array(text, { maxLength: 1 }),
  sources: fc.subarray(SOURCES, { minLength: 1 }),
  upvotes: fc.option(fc.integer({ min: 0, max: 3 })),
  codeUrl: fc.constantFrom(null, "https://code.example"),
  mailable: fc.constantFrom(true, true, true, false),
});

const leaf = fc.oneof(
  fc.constantFrom(...WORDS),
  fc.constantFrom("ga*", "title:gate", "author:mamba", '"linear attention"', "keyword:data", "category:cs.*"),
  fc.constantFrom("source:arxiv", "has:code", "upvotes>=2", "abstract:multi-modal", "title:vis*"),
);
const query = fc.oneof(
  leaf,
  fc.tuple(leaf, leaf).map(([a, b]) => `${a} ${b}`),
  fc.tuple(leaf, leaf).map(([a, b]) => `${a} OR ${b}`),
  fc.tuple(leaf, leaf, fc.constantFrom(...WORDS)).map(([a, b, c]) => `(${a} OR ${b}) -${c}`),
);

/** Some hundred papers, so that topics reach further back in more than one step. */
const world = fc.record({
  papers: fc.array(paper, { minLength: 1, maxLength: 60 }),
  copies: fc.constantFrom(1, 1, 1, 25),
  lost: fc.array(fc.nat(), { maxLength: 3 }),
  trending: fc.array(fc.nat(), { maxLength: 6 }),
  revisions: fc.array(fc.nat(), { maxLength: 6 }),
  carried: fc.nat(),
});
const wish = fc.record({
  queries: fc.array(query, { maxLength: 3 }),
  trending: fc.boolean(),
  replacements: fc.boolean(),
  noteWhenEmpty: fc.boolean(),
  revisionWatermark: fc.nat({ max: 6 }),
  maxPapers: fc.integer({ min: 1, max: 12 }),
  watermark: fc.nat(),
  considered: fc.nat(),
  seen: fc.array(fc.nat(), { maxLength: 12 }),
  owed: fc.array(fc.nat(), { maxLength: 5 }),
  late: fc.constantFrom(false, false, false, true),
});

it("plans what evaluating each reader's topics for them alone would plan", async () => {
  await fc.assert(
    fc.asyncProperty(world, fc.array(wish, { minLength: 1, maxLength: 8 }), async (given, wishes) => {
      const { papers, day } = morning(given);
      const due = wishes.map((each, n) => dueOf(each, n, papers.length));
      const plainly = createPlainPlanner(papers, day);
      const { editions, deliveryIds } = await planned(papers, day, due);
      expect(editions).toEqual(due.map(plainly.decide));
      expect(deliveryIds).toHaveLength(editions.filter(({ status }) => status === "pending").length);
    }),
    { numRuns: 300 },
  );
});

type World = typeof world extends fc.Arbitrary<infer Value> ? Value : never;
type Wish = typeof wish extends fc.Arbitrary<infer Value> ? Value : never;

function morning(given: World) {
  const told = Array.from({ length: given.copies }, () => given.papers).flat();
  // Ids and places in the order of announcing differ, as they do once papers are merged and unmerged.
  const unique = told.map((one, n) => paperOf(told.length - n, { ...one, seq: n + 1 }));
  const lost = new Set(given.lost.map((n) => (n % 90) + 1));
  const papers = unique.filter(({ id }) => !lost.has(id));
  const idOf = (n: number) => (n % (unique.length + 2)) + 1;
  const day = {
    now: NOW,
    maxLatenessMs: 3 * 86_400_000,
    trending: [...new Set(given.trending.map(idOf))].map((id) => ({ id, reason: null })),
    revisions: given.revisions.map((n, at) => ({ id: at + 1, paperId: idOf(n), version: 2 + (n % 3) })),
    notesFor: () => [],
    upTo: Math.max(0, ...papers.map(({ seq }) => seq ?? 0)),
    carriedFrom: given.carried % (unique.length + 1),
  };
  return { papers, day };
}

type Day = ReturnType<typeof morning>["day"];

function dueOf(given: Wish, n: number, papers: number): DueSubscription {
  const watermark = given.watermark % (papers + 1);
  const idOf = (each: number) => (each % (papers + 3)) + 1;
  return {
    ...given,
    id: `reader ${n}`,
    topics: given.queries.map((each, at) => ({ id: `${at}`, name: `topic ${at}`, query: each })),
    forYou: false,
    taste: null,
    cadence: "daily",
    weekday: 1,
    localMinute: 420,
    timezone: "UTC",
    watermark,
    consideredUpTo: watermark + (given.considered % (papers - watermark + 1)),
    nextDueAt: given.late ? LONG_AGO : DUE,
    nextDate: given.late ? "2026-11-01" : "2026-11-24",
    seen: [...new Set(given.seen.map(idOf))],
    owed: [...new Set(given.owed.map(idOf))].toSorted((a, b) => a - b),
  };
}

/** Plans through the stage, some subscriptions a page; gives what it decided in the order of the readers. */
async function planned(papers: readonly Paper[], day: Day, due: readonly DueSubscription[]) {
  const index = createPaperIndex();
  index.add(papers);
  const held = (): HeldPapers => ({
    highestSeq: index.highestSeq,
    matches: index.sharedMatches(parseQuery),
    matchesAmong: (ids) => index.sharedMatches(parseQuery, ({ id }) => ids.includes(id)),
    release: () => undefined,
  });
  const editions = new Map<string, PlannedEdition>();
  const waiting = [...due];
  const store: PlanStore = {
    planPage: async (_page, decide) => {
      const page = waiting.splice(0, 3);
      await setImmediate();
      const decided = page.length > 0 ? await decide(page) : [];
      for (const edition of decided) editions.set(edition.subscriptionId, edition);
      const pending = decided
        .filter(({ status }) => status === "pending")
        .map(({ subscriptionId }) => subscriptionId);
      return { due: page.length, pending, skipped: decided.length - pending.length };
    },
    repairSchedules: async () => 0,
    markers: { move: async () => null },
    papers: {
      trendingCandidates: async () => day.trending.map(({ id }, rank) => candidate(id, rank, day.upTo)),
      seqAt: async () => day.carriedFrom,
      revisionsSince: async () => [...day.revisions],
    },
    sources: { health: async () => [] },
  };
  const matcher = { refresh: async () => undefined, hold: held };
  const { deliveryIds } = await plan(store, matcher, NOW, { maxLatenessMs: day.maxLatenessMs });
  return { editions: due.flatMap(({ id }) => editions.get(id) ?? []), deliveryIds };
}

/** Nothing is told of it but when it was first seen, and the newest trends first. */
const candidate = (id: number, rank: number, seq: number) => ({
  id,
  paper: paperOf(id, { seq }),
  signals: { latest: null, before: null, firstSeenAt: new Date(NOW.getTime() - 60_000 * (rank + 1)) },
});
