import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseQuery } from "../../src/topic/parse.ts";
import { printQuery } from "../../src/topic/print.ts";
import { QUERY_LIMITS } from "../../src/topic/query.ts";
import { QuerySyntaxError } from "../../src/topic/syntax-error.ts";

const WORDS = [
  "gate",
  "Gated",
  "gpt-4",
  "cs.CL",
  "naïve",
  "3.5",
  "机器学习",
  "α",
  "C++",
  "O'Neil",
  "or",
  "x*y",
  "att*",
  "organ",
  "招商证券",
];

const leaf = fc.oneof(
  fc.constantFrom(...WORDS),
  fc.constantFrom(...WORDS).map((word) => `title:${word}`),
  fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 4 }).map((words) => `"${words.join(" ")}"`),
  fc.constantFrom(
    "ga*",
    "author:hin*",
    "pre-gat*",
    "category:cs.*",
    "category:math.AG",
    "source:hf",
    "has:code",
  ),
  fc.constantFrom("upvotes>=10", "stars<5", "comments=0", "after:2026-01", "before:2026-11-24"),
);

const { query: written } = fc.letrec<{ query: string }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.tuple(tie("query"), tie("query")).map(([a, b]) => `(${a} ${b})`),
    fc.tuple(tie("query"), tie("query")).map(([a, b]) => `(${a} OR ${b})`),
    tie("query").map((a) => `gate -(${a})`),
    tie("query").map((a) => `gate NOT (${a})`),
  ),
}));

function accepted(text: string) {
  try {
    return parseQuery(text, { dates: true });
  } catch (error) {
    if (error instanceof QuerySyntaxError) return null;
    throw error;
  }
}

describe("parse and print", () => {
  const isStable = (text: string) => {
    const query = accepted(text);
    if (query === null) return;
    const printed = printQuery(query);
    expect(parseQuery(printed, { dates: true })).toEqual(query);
    expect(printQuery(parseQuery(printed, { dates: true }))).toBe(printed);
  };

  it("are inverse on composed queries", () => {
    fc.assert(fc.property(written, isStable), { numRuns: 500 });
  });

  it("are inverse on any text that is accepted, and fail in no other way than a syntax error", () => {
    const noise = fc.string({ unit: fc.constantFrom(..."ab-\"()*:<>=&;\\{}$_^~' .éα学ﬁ№İ\u0301\ud800ℌ") });
    fc.assert(fc.property(fc.oneof(noise, fc.string({ unit: "binary" })), isStable), { numRuns: 2_000 });
  });

  it("stays quick on hostile text", () => {
    const hostile = [
      '"',
      "(",
      "-",
      "a:",
      "*",
      "NOT ",
      "a OR ",
      "((a) ",
      '\\"',
      "&amp;",
      "学",
      "a\u0301",
      "<<",
      "é",
    ];
    const ROUNDS = 2_000;
    const started = process.cpuUsage();
    for (let round = 0; round < ROUNDS; round++) {
      accepted(
        (hostile[round % hostile.length] ?? "").repeat(400).slice(0, QUERY_LIMITS.length + (round % 2)),
      );
    }
    const { user } = process.cpuUsage(started);
    expect(user / ROUNDS).toBeLessThan(1_000);
  });
});
