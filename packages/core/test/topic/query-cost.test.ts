import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPaperIndex } from "../../src/topic/paper-index.ts";
import { parseQuery } from "../../src/topic/parse.ts";
import { QueryTooBroad, RANKED } from "../../src/topic/query-cost.ts";
import { paperOf } from "./paper.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
/** Words of four letters, none twice, that spread over all beginnings. */
const word = (n: number) =>
  [n % 26, Math.floor(n / 26) % 26, Math.floor(n / 676) % 26, 0].map((at) => LETTERS[at]).join("");

function indexOf(count: number, budget?: { terms: number; work: number }) {
  const index = createPaperIndex(budget === undefined ? {} : { budget });
  index.add(
    Array.from({ length: count }, (_, n) =>
      paperOf(n + 1, {
        title: `common ${word(n)} ${word(n + 7_000)}`,
        abstract: "a common phrase in a text",
      }),
    ),
  );
  return index;
}

function refusal(index: ReturnType<typeof indexOf>, query: string): QueryTooBroad | null {
  try {
    index.requireAffordable(parseQuery(query));
    return null;
  } catch (error) {
    if (error instanceof QueryTooBroad) return error;
    throw error;
  }
}

describe("what a query may cost", () => {
  const index = indexOf(2_000, { terms: 300, work: 100_000 });

  it.each([
    "common",
    "aa*",
    '"common phrase"',
    "title:common OR abstract:text",
    "common -phrase",
    "upvotes>=10 common has:code",
    "nowhere*",
  ])("%s is answered", (query) => expect(refusal(index, query)).toBeNull());

  it("names the prefix that stands for most words", () => {
    const two = (letter: string) =>
      [...LETTERS]
        .slice(0, 20)
        .map((next) => `${letter}${next}*`)
        .join(" OR ");
    const error = refusal(index, `common OR com* OR (${two("a")} OR ${two("b")} OR ${two("c")})`);
    expect(error?.message).toMatch(
      /^The query is too broad: it stands for [\d,]+ words, and 300 are possible\. Write more letters/,
    );
    expect(error?.part).toMatch(/^[abc][a-z]\*$/);
  });

  it("names the phrase that would be looked for in most papers, also when it is only left out", () => {
    const phrases = Array.from({ length: 6 }, (_, n) => `-"${"a ".repeat(n + 1)}common phrase"`).join(" ");
    const error = refusal(index, `${word(3)} ${phrases}`);
    expect(error?.message).toContain("too many papers would have to be looked at");
    expect(error?.part).toContain("common phrase");
    expect(error?.suggestion).toContain("Take ");
  });

  it("is counted anew when papers come and go", () => {
    const growing = indexOf(10, { terms: 300, work: 3_000 });
    expect(refusal(growing, '"common phrase"')).toBeNull();
    growing.add(Array.from({ length: 500 }, (_, n) => paperOf(100 + n, { title: "common phrase" })));
    expect(refusal(growing, '"common phrase"')).not.toBeNull();
    growing.remove(Array.from({ length: 500 }, (_, n) => 100 + n));
    expect(refusal(growing, '"common phrase"')).toBeNull();
  });

  it("is the same whatever the order of its parts", () => {
    const part = fc.constantFrom(
      "common",
      "aa*",
      "b*c".replace("*", ""),
      '"common phrase"',
      "title:common",
      "text",
      "ca*",
    );
    fc.assert(
      fc.property(fc.uniqueArray(part, { minLength: 2 }), ([...parts]) => {
        const forward = refusal(index, parts.join(" OR "));
        const backward = refusal(index, parts.toReversed().join(" OR "));
        expect(forward === null).toBe(backward === null);
      }),
    );
  });
});

describe("ranking", () => {
  it("judges the newest, and lets the others follow, newest first", () => {
    const index = createPaperIndex();
    const papers = Array.from({ length: RANKED + 300 }, (_, n) =>
      paperOf(n + 1, { title: n % 500 === 0 ? "gate gate gate" : "a gate" }),
    );
    index.add(papers);
    index.add(
      Array.from({ length: RANKED }, (_, n) => paperOf(-1 - n, { seq: 100_000 + n, title: "other" })),
    );
    const matches = index.match(parseQuery("gate"));
    expect(matches).toHaveLength(papers.length);
    expect(matches.slice(0, 4).map(({ paperId }) => paperId)).toEqual([2_001, 1_501, 1_001, 501]);
    expect(matches.slice(-300).map(({ paperId }) => paperId)).toEqual(
      Array.from({ length: 300 }, (_, n) => 300 - n),
    );
    expect(index.match(parseQuery("gate"), { limit: 7 })).toEqual(matches.slice(0, 7));
  });
});
