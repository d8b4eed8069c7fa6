import { describe, expect, test } from "vitest";
import { read } from "./read-content.ts";

describe("hf", () => {
  const entry = (paper: object, outer: object = {}) => ({
    paper: { id: "2602.22661", title: "dLLM", ...paper },
    ...outer,
  });

  test("reads an entry of the daily papers answer", async () => {
    const day = [
      entry(
        {
          summary: "One.\n  Two.",
          authors: [
            { _id: "1", name: "Ada Lovelace", hidden: false },
            { name: "Shy", hidden: true },
            { _id: "3" },
          ],
          publishedAt: "2026-02-26T06:26:02.000Z",
          submittedOnDailyAt: "2026-03-02T02:03:25.262Z",
          upvotes: 36,
          ai_keywords: ["diffusion"],
          githubRepo: "https://github.com/a/b",
          githubStars: 1830,
          projectPage: "https://example.org/p",
        },
        {
          publishedAt: "2026-02-25T22:26:02.000Z",
          title: "outer",
          numComments: 1,
          submittedBy: { name: "x" },
        },
      ),
    ];
    expect((await read("hf", JSON.stringify(day))).drafts).toEqual([
      {
        externalId: "2602.22661",
        arxivId: "2602.22661",
        title: "dLLM",
        abstract: "One. Two.",
        authors: ["Ada Lovelace"],
        keywords: ["diffusion"],
        codeUrl: "https://github.com/a/b",
        projectUrl: "https://example.org/p",
        upvotes: 36,
        stars: 1830,
        comments: 1,
        publishedAt: new Date("2026-02-26T06:26:02Z"),
        listedAt: new Date("2026-03-02T02:03:25.262Z"),
        observedAt: new Date("2026-03-02T02:03:25.262Z"),
      },
    ]);
  });

  test("an early or changed answer loses fields, not papers", async () => {
    const day = [
      entry({}),
      entry(
        { title: undefined, upvotes: "no", ai_keywords: null, authors: {} },
        { title: "Outer", summary: "S" },
      ),
    ];
    const { drafts, refusals } = await read("hf", JSON.stringify(day));
    expect(refusals).toEqual([]);
    expect(drafts.map(({ title, abstract, authors }) => [title, abstract, authors])).toEqual([
      ["dLLM", "", []],
      ["Outer", "S", []],
    ]);
  });

  test("a paper that is not on arXiv keeps its page", async () => {
    const { drafts } = await read("hf", JSON.stringify([entry({ id: "not-arxiv" })]));
    expect(drafts[0]).toMatchObject({
      externalId: "not-arxiv",
      url: "https://huggingface.co/papers/not-arxiv",
    });
    expect(drafts[0]).not.toHaveProperty("arxivId");
  });

  test("bad entries are reported by index", async () => {
    const { drafts, refusals } = await read(
      "hf",
      JSON.stringify([7, {}, entry({ id: 5 }), entry({ title: "" }), entry({})]),
    );
    expect(drafts).toHaveLength(1);
    expect(refusals).toEqual([
      'index 0: expected an object with "paper", found a number',
      "index 1: paper is missing",
      "index 2: paper.id must be text, not a number",
      "index 3 (2602.22661): the title is missing or empty",
    ]);
  });

  test.each([
    ['{"error": "Invalid date"}', 'found an object with "error"'],
    ["<!doctype html><title>502</title>", "found HTML"],
    ["", "found nothing"],
    ['[{"paper": {"id": "26', "found damaged JSON (not JSON at column 22: Unterminated string)"],
    ["A title\nAn abstract\n", 'found plain text (is its format "text"?)'],
  ])("refuses %j as a whole", (content, message) => expect(read("hf", content)).rejects.toThrow(message));
});
