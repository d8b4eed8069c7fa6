import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checkDraft,
  DRAFT_LIMITS,
  identityKeys,
  normaliseDraft,
  type PaperDraft,
  titleKey,
} from "../src/index.ts";
import { draft } from "./paper-draft.ts";

describe("normaliseDraft", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.string({
      unit: fc.constantFrom(
        "\ud83d",
        "\ude00",
        "\0",
        " ",
        "\n",
        "e",
        "\u0301",
        "<b>",
        "\u202e",
        "…",
        "\\'",
        "\\v",
        "\\o",
        "{",
        "}",
        "i",
      ),
    }),
    fc.constantFrom(
      "2602.22661v2",
      "10.48550/arXiv.2602.22661",
      "https://ex.org/a b?ü",
      "javascript:alert(1)",
    ),
  );
  const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  const anything = fc
    .record({
      externalId: text,
      title: text,
      abstract: text,
      authors: fc.array(text, { maxLength: 4 }),
      arxivId: maybe(text),
      version: maybe(fc.double()),
      doi: maybe(text),
      categories: maybe(fc.array(text, { maxLength: 4 })),
      url: maybe(fc.oneof(text, fc.webUrl({ withQueryParameters: true, withFragments: true }))),
      codeUrl: maybe(text),
      upvotes: maybe(fc.double()),
      publishedAt: maybe(fc.date({ noInvalidDate: false })),
    })
    .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined)));

  test("does nothing the second time, and leaves nothing a database or a mail breaks on", () => {
    fc.assert(
      fc.property(anything, (fields) => {
        const once = normaliseDraft(fields as unknown as PaperDraft);
        expect(normaliseDraft({ ...once })).toEqual(once);
        expect(identityKeys(once)).toEqual(identityKeys(fields as unknown as PaperDraft));
        expect([once.title, once.abstract, once.externalId, ...once.authors].join("")).not.toMatch(
          /[\p{Cs}\p{Cc}]/u,
        );
        expect(Object.values(once)).not.toContain(undefined);
      }),
      { numRuns: 500 },
    );
  });

  test("cleans text, lists, links and numbers", () => {
    const clean = normaliseDraft(
      draft({
        title: "  Cafe\u0301 \u202eand\0 \ud83dTea\n with\u200b  <script>alert(1)</script> ",
        authors: [" Ada  Lovelace", "", "ada lovelace", "Charles Babbage\n"],
        arxivId: "arXiv:2602.22661v4",
        doi: "https://doi.org/10.48550/arXiv.2602.22661",
        categories: ["cs.CL", "cs.AI", "cs.CL"],
        url: "javascript:alert(1)",
        codeUrl: "HTTPS://user:secret@GitHub.com/a/b",
        projectUrl: "//no-scheme.example",
        upvotes: -1,
        stars: 3,
        comments: 1.5,
        publishedAt: new Date(Number.NaN),
      }),
    );
    expect(clean).toEqual({
      externalId: "x-1",
      title: "Café and Tea with <script>alert(1)</script>",
      abstract: "We propose a new network architecture.",
      authors: ["Ada Lovelace", "Charles Babbage"],
      arxivId: "2602.22661",
      version: 4,
      categories: ["cs.CL", "cs.AI"],
      codeUrl: "https://github.com/a/b",
      stars: 3,
    });
  });

  test.each([
    ["Paulo Andr\\'e Lima", "Paulo André Lima"],
    ['J{\\"u}rgen M\\"uller', "Jürgen Müller"],
    ["C. Bal\\'{a}zs", "C. Balázs"],
    ["Paul Erd\\H{o}s", "Paul Erdős"],
    ["Du\\v{s}an \\v Zivny", "Dušan Živny"],
    ["Fran\\c{c}ois Mart\\'{\\i}nez", "François Martínez"],
    ["S\\o ren \\AA berg", "Søren Åberg"],
    ["J{é}r{é}my Frey", "Jérémy Frey"],
    ["C:\\temp", "C:\\temp"],
  ])("reads the name %s as %s", (written, name) => {
    expect(normaliseDraft(draft({ authors: [written] })).authors).toEqual([name]);
    expect(titleKey("T", [name])).toBe(titleKey("T", [written]));
  });

  test("leaves out what is no name", () => {
    expect(normaliseDraft(draft({ authors: ["NVIDIA", ":", "-", "A. B."] })).authors).toEqual([
      "NVIDIA",
      "A. B.",
    ]);
  });

  test("bounds a 5 MB abstract at a word, in milliseconds", () => {
    const { abstract } = normaliseDraft(draft({ abstract: "gating 😀 ".repeat(600_000) }));
    expect(abstract.length).toBeLessThanOrEqual(DRAFT_LIMITS.abstract);
    expect(abstract).toMatch(/ (gating|😀)…$/u);
  });

  test("takes identity from wherever it is written", () => {
    expect(normaliseDraft(draft({ url: "http://arxiv.org/abs/astro-ph/0601001v2" }))).toMatchObject({
      arxivId: "astro-ph/0601001",
      version: 2,
    });
    expect(
      normaliseDraft(draft({ arxivId: "2602.22661", pdfUrl: "https://arxiv.org/pdf/2602.22661v3" })).version,
    ).toBe(3);
    expect(normaliseDraft(draft({ externalId: " \0", doi: "10.1000/XYZ" })).externalId).toBe("10.1000/xyz");
  });
});

test("a draft needs a title, and 0 is one", () => {
  expect(checkDraft(normaliseDraft(draft({ title: " \0\u200b " })))).toMatch(/title/);
  expect(checkDraft(normaliseDraft(draft({ title: "0", abstract: "" })))).toBeNull();
});
