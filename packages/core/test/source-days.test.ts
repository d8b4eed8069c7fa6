import { type CategoryDay, emptyDay, judgeCategories, judgeSource, lateNotes } from "@paperboy/core";
import { describe, expect, it } from "vitest";

const NOW = new Date("2026-11-24T15:00:00Z");
const TODAY = "2026-11-24";
const of = (category: string, day: string, facts: Partial<CategoryDay> = {}): CategoryDay => ({
  ...emptyDay(category, day),
  ...facts,
});
const PAST = ["2026-11-23", "2026-11-20", "2026-11-19", "2026-11-18", "2026-11-17", "2026-11-16"].map((day) =>
  of("cs.LG", day, { shown: 50, announced: 50, comparedAt: NOW }),
);
const judge = (facts: Partial<CategoryDay>, kind = "arxiv-rss", now = NOW) =>
  judgeCategories(kind, [of("cs.LG", TODAY, facts), ...PAST], now)[0];

describe("a category of a source", () => {
  it.each<[string, Partial<CategoryDay>, object]>([
    ["is fresh", { shown: 48 }, { state: "fresh", late: false }],
    ["repeats", { repeated: 50 }, { state: "repeated", late: true }],
    [
      "repeats, and was filled",
      { repeated: 50, announced: 52, filled: 52, comparedAt: NOW },
      { state: "repeated", late: false },
    ],
    ["is late", {}, { state: "late", late: true }],
    ["is late, and was filled", { announced: 9, filled: 9, comparedAt: NOW }, { state: "late", late: false }],
    ["brings far less than usual", { shown: 9 }, { state: "partial", late: true }],
    [
      "brings little, and arXiv announced no more",
      { shown: 9, announced: 9, comparedAt: NOW },
      { state: "fresh", late: false },
    ],
    [
      "brings half",
      { shown: 25, announced: 50, filled: 25, comparedAt: NOW },
      { state: "partial", late: false },
    ],
    ["brings some of an earlier day again", { shown: 20, repeated: 30 }, { state: "partial", late: true }],
    ["has nothing because nothing was announced", { comparedAt: NOW }, { state: "quiet", late: false }],
    ["misses a paper", { shown: 50, missing: ["2611.00001"] }, { state: "missing", late: true }],
  ])("%s", (_name, facts, health) => expect(judge(facts)).toMatchObject(health));

  it("waits for six hours", () => {
    expect(judge({}, "arxiv-rss", new Date("2026-11-24T06:59:00Z"))).toMatchObject({
      state: "waiting",
      late: false,
    });
    expect(judge({}, "arxiv-rss", new Date("2026-11-24T07:00:00Z"))).toMatchObject({ state: "late" });
  });
  it("names what is missing of earlier days, and what went wrong", () => {
    const days = [
      of("cs.LG", TODAY, { shown: 5, faults: ["API: 503"] }),
      of("cs.LG", "2026-11-20", { missing: ["2611.00007"] }),
    ];
    const [health] = judgeCategories("arxiv-rss", days, NOW);
    expect(health).toMatchObject({ state: "missing", missing: ["2611.00007"] });
    expect(health?.says).toBe("1 announced paper could not be fetched from anywhere: 2611.00007 (API: 503)");
  });
  it("of a source that harvests is judged by what was announced and had come", () => {
    expect(judge({ announced: 50, comparedAt: NOW }, "arxiv-oai")).toMatchObject({ state: "fresh" });
    expect(judge({ announced: 50, filled: 3, comparedAt: NOW }, "arxiv-oai")).toMatchObject({
      state: "partial",
    });
  });
});

const SOURCE = {
  ...{ name: "arxiv", kind: "arxiv-rss", everyMinutes: 60 },
  runs: [{ startedAt: new Date("2026-11-24T14:00:00Z"), outcome: "ok" as const, reason: null, created: 50 }],
  days: [of("cs.CL", TODAY, { shown: 50 }), of("cs.LG", TODAY, { repeated: 50 }), ...PAST],
};
const reader = (query: string) => ({ trending: false, topics: [{ query }] });

describe("a source of which one category is stale", () => {
  it("does as its worst category, though its runs are well", () => {
    expect(judgeSource({ ...SOURCE, now: NOW })).toMatchObject({ state: "repeated", late: true });
  });
  it.each([
    ["a reader of everything", "gate", ["arXiv (cs.LG) was late today; these papers will come tomorrow."]],
    [
      "a reader of that category",
      "category:cs.LG gate",
      ["arXiv (cs.LG) was late today; these papers will come tomorrow."],
    ],
    [
      "a reader of its archive",
      "category:cs.*",
      ["arXiv (cs.LG) was late today; these papers will come tomorrow."],
    ],
    ["and not a reader of the other one", "category:cs.CL", []],
    ["nor a reader of another source", "source:hf", []],
  ])("is told to %s", (_name, query, notes) =>
    expect(lateNotes([SOURCE], NOW)(reader(query))).toEqual(notes),
  );
  it("says another thing once the papers came another way", () => {
    const filled = of("cs.LG", TODAY, { repeated: 50, announced: 52, filled: 52, comparedAt: NOW });
    const source = { ...SOURCE, days: [of("cs.CL", TODAY, { shown: 50, comparedAt: NOW }), filled] };
    expect(lateNotes([source], NOW)(reader("gate"))).toEqual([
      "arXiv's feed (cs.LG) was incomplete today; its papers came another way.",
    ]);
  });
  it("is late as a whole when all its categories are", () => {
    const source = { ...SOURCE, days: [of("cs.LG", TODAY, { repeated: 50 }), ...PAST] };
    expect(lateNotes([source], NOW)(reader("gate"))).toEqual([
      "arXiv was late today; these papers will come tomorrow.",
    ]);
  });
});
