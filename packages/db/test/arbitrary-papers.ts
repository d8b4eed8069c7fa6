import type { Paper } from "@paperboy/core";
import fc from "fast-check";

/** Few words, so that phrases, prefixes and fields collide; and some that are hard to quote, fold or split. */
export const WORDS = [
  "gate",
  "gated",
  "gating",
  "GateLoop",
  "linear",
  "linearly",
  "attention",
  "Manning",
  "man",
  "organ",
  "organs",
  "organization",
  "multi-modal",
];

export const HARD = [
  "multimodal",
  "GPT-4",
  "gpt4",
  "cs.CL",
  "O'Neil",
  'G\\"odel',
  "gödel",
  "C++",
  "3.5",
  "图像识别",
  "招商证券股份有限公司",
  "有限公司",
  "公司",
  "招商",
  "TesserAct: Learning",
  "$\\alpha$",
];

export const word = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...WORDS) }, fc.constantFrom(...HARD));

export const text = (maxLength: number) => fc.array(word, { maxLength }).map((words) => words.join(" "));

export const count = fc.option(fc.integer({ min: 0, max: 12 }));

export const instant = fc.option(
  fc.integer({ min: 0, max: 5 }).map((day) => new Date(Date.UTC(2026, 0, 1 + day, 12 * (day % 3)))),
);

export const facts = fc.record({
  title: text(4),
  abstract: text(12),
  authors: fc.array(text(2), { maxLength: 3 }),
  keywords: fc.array(text(2), { maxLength: 2 }),
  categories: fc.subarray(["cs.CL", "cs.CV", "math.AG", "Machine 'Learning\\"]),
  sources: fc.subarray(["HF", "arxiv", "É"]),
  upvotes: count,
  stars: count,
  comments: count,
  codeUrl: fc.option(fc.constant("https://example.org/code")),
  publishedAt: instant,
  announcedAt: instant,
});

export const field = fc.constantFrom("", "", "", "title:", "abstract:", "author:", "keyword:");

export const leaf = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(field, word).map(([name, one]) => `${name}${one}`) },
  { weight: 2, arbitrary: fc.tuple(field, text(3)).map(([name, words]) => `${name}"${words}"`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        field,
        fc.constantFrom("ga*", "gat*", "gate*", "lin*", "man*", "multi-m*", "gp*", "图*", "organ*", "招商*"),
      )
      .map(([name, start]) => `${name}${start}`),
  },
  // One word in quotes is that word; a star inside quotes ends a phrase.
  { weight: 2, arbitrary: fc.tuple(field, word).map(([name, one]) => `${name}"${one}"`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(field, text(2), fc.constantFrom("ga*", "att*", "org*", "司*", "4*"))
      .map(([name, words, start]) => `${name}"${words} ${start}"`),
  },
  fc.constantFrom(
    "category:cs.CL",
    "category:cs.*",
    'category:"machine \'learning\\"',
    "source:hf",
    "source:é",
    "has:code",
  ),
  fc
    .tuple(
      fc.constantFrom("upvotes", "stars", "comments"),
      fc.constantFrom(">=", ">", "<=", "<", "="),
      fc.nat(12),
    )
    .map((parts) => parts.join("")),
  fc
    .tuple(fc.constantFrom("after", "before"), fc.integer({ min: 1, max: 6 }))
    .map(([side, day]) => `${side}:2026-01-0${day}`),
);

export const { query } = fc.letrec<{ query: string }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.tuple(tie("query"), tie("query")).map(([a, b]) => `(${a} ${b})`),
    fc.tuple(tie("query"), tie("query")).map(([a, b]) => `(${a} OR ${b})`),
    fc.tuple(tie("query"), tie("query")).map(([a, b]) => `(${a} -${b})`),
    fc.tuple(tie("query"), leaf).map(([a, b]) => `${a} -(${b} OR -has:code)`),
  ),
}));

export function toPaper(given: Partial<Paper>, index: number): Paper {
  const id = index + 1;
  const empty = { title: "", abstract: "", authors: [], categories: [], keywords: [], sources: [] };
  const nulls = {
    upvotes: null,
    stars: null,
    comments: null,
    codeUrl: null,
    publishedAt: null,
    announcedAt: null,
  };
  const ids = {
    id,
    seq: id,
    arxivId: null,
    version: null,
    doi: null,
    url: "",
    pdfUrl: null,
    projectUrl: null,
  };
  return { ...ids, ...empty, ...nulls, ...given };
}
