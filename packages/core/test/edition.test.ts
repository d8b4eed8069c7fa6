import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { composeEdition, editionPapers } from "../src/edition.ts";

const explain = (_query: string, id: number) => ({ id, matched: ["gate"], reason: null });
const topic = (name: string, ...paperIds: number[]) => ({
  name,
  query: name,
  paperIds,
  total: paperIds.length,
});

describe("composeEdition", () => {
  it("shares the cap between topics in turns", () => {
    const sections = composeEdition({
      topics: [topic("flood", 1, 2, 3, 4, 5, 6), topic("quiet", 9)],
      trending: null,
      maxPapers: 3,
      explain,
    });
    expect(
      sections.map((section) => [section.name, section.papers.map(({ id }) => id), section.total]),
    ).toEqual([
      ["flood", [1, 2], 6],
      ["quiet", [9], 1],
    ]);
  });

  it("shows a paper once, in the first section that takes it", () => {
    const trending = [2, 7].map((id) => ({ id, reason: "▲ 5" }));
    const sections = composeEdition({
      topics: [topic("a", 1, 2), topic("b", 2, 3)],
      trending,
      maxPapers: 20,
      explain,
    });
    expect(sections.map((section) => section.papers.map(({ id }) => id))).toEqual([[1], [2, 3], [7]]);
  });

  it("is nothing when nothing matched", () => {
    expect(composeEdition({ topics: [topic("a")], trending: [], maxPapers: 20, explain })).toEqual([]);
  });

  const lists = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 40 });
  const input = fc.record({
    topics: fc
      .array(lists, { maxLength: 6 })
      .map((all) => all.map((ids, index) => topic(`t${index}`, ...ids))),
    trending: fc.option(lists.map((ids) => ids.map((id) => ({ id, reason: null })))),
    maxPapers: fc.integer({ min: 1, max: 50 }),
  });

  it("never exceeds the cap, repeats a paper or makes one up, and fills what it can", () => {
    fc.assert(
      fc.property(input, ({ topics, trending, maxPapers }) => {
        const shown = editionPapers(composeEdition({ topics, trending, maxPapers, explain }));
        const offered = new Set([
          ...topics.flatMap(({ paperIds }) => paperIds),
          ...(trending ?? []).map(({ id }) => id),
        ]);
        expect(shown.length).toBeLessThanOrEqual(maxPapers);
        expect(new Set(shown).size).toBe(shown.length);
        for (const id of shown) expect(offered).toContain(id);
        expect(shown.length > 0).toBe(offered.size > 0);
      }),
    );
  });
});
