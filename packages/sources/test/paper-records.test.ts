import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePaperRecord } from "../src/index.ts";
import { now } from "./read-content.ts";

describe("a paper record", () => {
  const draftOf = (record: object) => {
    const { draft, reason } = parsePaperRecord(record, now);
    if (!draft) throw new Error(reason);
    return draft;
  };

  test("takes our own names", () => {
    expect(
      draftOf({
        externalId: "e-1",
        title: "T",
        abstract: "A",
        authors: ["Ada Lovelace"],
        arxivId: "2602.22661v2",
        doi: "https://doi.org/10.1000/XYZ",
        categories: ["cs.CL"],
        keywords: ["gating"],
        url: "https://example.org/t",
        pdfUrl: "https://example.org/t.pdf",
        codeUrl: "https://github.com/a/b",
        projectUrl: "https://example.org",
        publishedAt: "2026-02-26",
        observedAt: "2026-03-02T02:03:25.262Z",
        upvotes: 3,
        stars: "4",
        comments: 5,
        unknown: { nobody: "minds" },
      }),
    ).toEqual({
      externalId: "e-1",
      title: "T",
      abstract: "A",
      authors: ["Ada Lovelace"],
      arxivId: "2602.22661",
      version: 2,
      doi: "10.1000/xyz",
      categories: ["cs.CL"],
      keywords: ["gating"],
      url: "https://example.org/t",
      pdfUrl: "https://example.org/t.pdf",
      codeUrl: "https://github.com/a/b",
      projectUrl: "https://example.org/",
      publishedAt: new Date("2026-02-26T00:00:00Z"),
      observedAt: new Date("2026-03-02T02:03:25.262Z"),
      upvotes: 3,
      stars: 4,
      comments: 5,
    });
  });

  test("takes the arXiv snapshot's", () => {
    const draft = draftOf({
      id: "0704.0001",
      title: "Calculation of prompt diphoton\n  production",
      abstract: "  A fully differential\ncalculation.\n",
      authors: "C. Bal\\'azs, E. L. Berger",
      authors_parsed: [
        ["Balázs", "C.", ""],
        ["Berger", "E. L.", "Jr."],
      ],
      comments: "37 pages, 15 figures",
      categories: "hep-ph hep-ex",
      doi: null,
      versions: [
        { version: "v1", created: "Mon, 2 Apr 2007 19:18:42 GMT" },
        { version: "v2", created: "Tue, 24 Jul 2007 20:10:27 GMT" },
      ],
    });
    expect(draft).toEqual({
      externalId: "0704.0001",
      arxivId: "0704.0001",
      version: 2,
      title: "Calculation of prompt diphoton production",
      abstract: "A fully differential calculation.",
      authors: ["C. Balázs", "E. L. Berger Jr."],
      categories: ["hep-ph", "hep-ex"],
      publishedAt: new Date("2007-04-02T19:18:42Z"),
    });
  });

  test("keeps classes of other schemes out of arXiv's categories, and others' categories as they are", () => {
    const categories = ["math.CO", "05C10", "cs.DM"];
    expect(draftOf({ title: "T", id: "2602.22661", categories, keywords: ["graphs"] })).toMatchObject({
      categories: ["math.CO", "cs.DM"],
      keywords: ["graphs", "05C10"],
    });
    expect(draftOf({ title: "T", id: "lab-7", categories: ["Botany"] })).toMatchObject({
      categories: ["Botany"],
    });
  });

  test("takes synonyms, and an observation without abstract", () => {
    const draft = draftOf({ observed: "2025-12-04", id: "2511.21631", title: "T", upvotes: 0 });
    expect(draft).toMatchObject({ arxivId: "2511.21631", abstract: "", upvotes: 0 });
    expect(draft.observedAt).toEqual(new Date("2025-12-04T00:00:00Z"));
    const other = draftOf({
      title: "T",
      summary: "S",
      abs: "http://arxiv.org/abs/2602.22661v3",
      pdf: "ftp://x",
      date: 2024,
    });
    expect(other).toMatchObject({ abstract: "S", arxivId: "2602.22661", version: 3 });
    expect(other).not.toHaveProperty("pdfUrl");
  });

  test.each([
    ["Ada Lovelace, Charles Babbage and Alan Turing", ["Ada Lovelace", "Charles Babbage", "Alan Turing"]],
    ["Ada Lovelace, and Sammy Davis, Jr.", ["Ada Lovelace", "Sammy Davis Jr."]],
    ["Lovelace, Ada; Babbage, Charles", ["Ada Lovelace", "Charles Babbage"]],
    ["Yoav Freund (UCSD (CSE), La Jolla), Bob", ["Yoav Freund", "Bob"]],
    [
      [{ name: "Ada Lovelace" }, "Bob", "bob", ""],
      ["Ada Lovelace", "Bob"],
    ],
  ])("reads authors %j", (authors, expected) =>
    expect(draftOf({ title: "T", authors }).authors).toEqual(expected),
  );

  test.each([
    [null, "expected an object, found null"],
    [[], "expected an object, found an empty list"],
    [{ title: "T", authors: 7 }, "authors must be a list of names, not a number"],
    [{ title: "T", summary: {} }, "summary must be text, not an empty object"],
    [{ title: "T", githubRepo: false }, "githubRepo must be text, not a boolean"],
    [{ title: "T", published: {} }, "published must be a date, not an empty object"],
  ])("refuses %j by the name that was used", (value, reason) =>
    expect(parsePaperRecord(value, now)).toEqual({ reason }),
  );

  test("a strange date or count costs itself, never the paper", () => {
    const draft = draftOf({
      title: "T",
      date: "yesterday-ish",
      observedAt: "2999-01-01",
      upvotes: -3,
      stars: 1.5,
      comments: 1e20,
    });
    expect(draft).toEqual({ externalId: draft.externalId, title: "T", abstract: "", authors: [] });
  });

  test("never throws, and never lets through what a database refuses", () => {
    fc.assert(
      fc.property(
        fc.object({
          key: fc.constantFrom("title", "authors", "id", "date", "upvotes", "__proto__"),
          withNullPrototype: true,
        }),
        (value) => {
          const { draft, reason } = parsePaperRecord(JSON.parse(JSON.stringify(value)), now);
          expect(reason ?? draft?.title).toBeTruthy();
          expect(JSON.stringify(draft ?? "")).not.toMatch(/\\u0000|\\ud[89a-f]/);
        },
      ),
    );
  });
});
