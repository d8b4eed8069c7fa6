import { describe, expect, it } from "vitest";
import { createPaperIndex } from "../../src/topic/paper-index.ts";
import { parseQuery } from "../../src/topic/parse.ts";
import { createQuerySet } from "../../src/topic/query-set.ts";
import { paperOf } from "./paper.ts";
import { ids, indexOf } from "./small-index.ts";

describe("papers come and go", () => {
  it("replaces a paper, its numbers and its words", () => {
    const index = indexOf({ title: "mamba", upvotes: 1 });
    index.add([paperOf(1, { title: "mamba", upvotes: 50 })]);
    expect(ids(index, "upvotes>10")).toEqual([1]);
    index.add([paperOf(1, { title: "vision", upvotes: 50, seq: 4 })]);
    expect(ids(index, "mamba")).toEqual([]);
    expect(index.match(parseQuery("vis*"))).toEqual([{ paperId: 1, seq: 4, score: expect.any(Number) }]);
    expect(index.size).toBe(1);
    expect(index.highestSeq).toBe(4);
  });

  it("forgets what left, words included, and keeps its size when papers pass through", () => {
    const index = createPaperIndex();
    const page = (from: number) =>
      Array.from({ length: 50 }, (_, at) => paperOf(from + at, { title: `word${from + at} common` }));
    index.add(page(1));
    expect(ids(index, "word2*")).toHaveLength(11);
    const { bytes } = index;
    for (let from = 51; from < 1_000; from += 50) {
      index.add(page(from));
      index.remove(index.idsUpTo(from - 1));
    }
    expect(ids(index, "word2*")).toEqual([]);
    expect(ids(index, "common")).toHaveLength(50);
    expect(index.bytes).toBeLessThan(bytes * 1.1);
    index.remove(index.idsUpTo(index.highestSeq));
    expect(index.bytes).toBe(0);
  });

  it("gives only papers after a seq when asked", () => {
    const index = indexOf({ title: "mamba" }, { title: "mamba" }, { title: "mamba" });
    const query = parseQuery("mamba");
    expect(index.matchIds(query, { afterSeq: 1 })).toEqual([3, 2]);
    expect(index.match(query, { afterSeq: 2 })).toHaveLength(1);
    expect(index.count(query, { afterSeq: 3 })).toBe(0);
    expect(index.count(query)).toBe(3);
  });

  it("refuses a paper without seq and stays as it was", () => {
    const index = indexOf({ title: "mamba" });
    expect(() => index.add([paperOf(2, { title: "mamba" }), paperOf(3, { seq: null })])).toThrow(RangeError);
    expect(ids(index, "mamba")).toEqual([1]);
  });
});

describe("many queries at once", () => {
  it("agrees with asking one by one, over more than one block of papers", () => {
    const words = ["gate", "linear", "attention", "mamba", "vision", "multi-modal"];
    const index = createPaperIndex();
    index.add(
      Array.from({ length: 1_100 }, (_, at) =>
        paperOf(at + 1, {
          title: `${words[at % 6]} ${words[(at * 7) % 5]}`,
          abstract: `${words[(at * 3) % 4]} ${at}`,
          upvotes: at % 9,
        }),
      ),
    );
    const written = [
      "gate",
      "gate linear",
      '"gate linear"',
      "title:gate -abstract:linear",
      "multimodal upvotes>6",
    ];
    written.push(
      "gate OR (mamba -(vision OR attention))",
      "-gate attention",
      "gat* OR 99*",
      "mamba (x OR -vision)",
    );
    const queries = written.map((text) => parseQuery(text));
    const set = createQuerySet();
    for (const query of [...queries, ...queries]) set.add(query);
    const pairs: number[][] = Array.from({ length: set.size }, () => []);
    index.matchMany(set, (query, paperId) => pairs[query]?.push(paperId), { afterSeq: 20 });
    for (const [at, query] of [...queries, ...queries].entries()) {
      expect(pairs[at], written[at % written.length]).toEqual(
        index.matchIds(query, { afterSeq: 20 }).reverse(),
      );
    }
  });
});
