import { identityKeys, isSamePaper, newRecord, normaliseDraft, type PaperDraft } from "@paperboy/core";
import { describe, expect, test } from "vitest";

const now = new Date("2026-11-24T07:00:00Z");
const ABSTRACT =
  "We propose gated attention layers which learn where context matters, and measure them on retrieval.";
const OTHER =
  "Magnetic monopoles remain unobserved; this survey collects seventy years of negative experiments.";

const draft = (title: string, more: Partial<PaperDraft> = {}): PaperDraft =>
  normaliseDraft({ externalId: "x", title, abstract: "", authors: [], ...more });
const areOne = (one: PaperDraft, other: PaperDraft): boolean => {
  const [there, back] = [
    isSamePaper(newRecord(one, "a", now), other),
    isSamePaper(newRecord(other, "b", now), one),
  ];
  expect(back).toBe(there);
  return there;
};

const LONG = "Gated Attention for Long Contexts";
const author = { authors: ["Ada Lovelace"] };

describe("two drafts of one title", () => {
  test.each<[string, boolean, PaperDraft, PaperDraft]>([
    ["with one first author are one", true, draft("Gates", author), draft("gates", author)],
    ["with others are two", false, draft(LONG, author), draft(LONG, { authors: ["A. Turing"] })],
    ["are one when a source names nobody and the title is long", true, draft(LONG), draft(LONG, author)],
    ["are two when it is short", false, draft("Gates"), draft("Gates", author)],
    [
      "are one when it is short and the abstract is the same",
      true,
      draft("Gates", { abstract: ABSTRACT }),
      draft("Gates", { ...author, abstract: `${ABSTRACT} We release all of our code and models.` }),
    ],
    [
      "are two when nobody names an author and the abstracts have nothing in common",
      false,
      draft(LONG, { abstract: ABSTRACT }),
      draft(LONG, { abstract: OTHER }),
    ],
    [
      "are one, however short, on one page",
      true,
      draft("Gates", { url: "https://x.example/1" }),
      draft("Gates", { url: "https://x.example/1", abstract: ABSTRACT }),
    ],
    [
      "that comes in every issue are two on two pages, whoever edits them",
      false,
      draft("Editorial", { ...author, url: "https://x.example/1" }),
      draft("Editorial", { ...author, url: "https://x.example/2" }),
    ],
    [
      "that comes in every issue are one on one page",
      true,
      draft("Book Reviews", { url: "https://x.example/1" }),
      draft("Book reviews", { url: "https://x.example/1" }),
    ],
    [
      "with different arXiv ids are two",
      false,
      draft(LONG, { ...author, abstract: ABSTRACT, arxivId: "2611.00001" }),
      draft(LONG, { ...author, abstract: ABSTRACT, arxivId: "2611.00002" }),
    ],
    [
      "with different DOIs are two",
      false,
      draft(LONG, { ...author, abstract: ABSTRACT, doi: "10.1000/a" }),
      draft(LONG, { ...author, abstract: ABSTRACT, doi: "10.1000/b" }),
    ],
    [
      "with an arXiv id and a DOI are one",
      true,
      draft(LONG, { ...author, arxivId: "2611.00001" }),
      draft(LONG, { ...author, doi: "10.1000/b" }),
    ],
    [
      "are not an erratum and what it corrects",
      false,
      draft(LONG, author),
      draft(`Erratum to: ${LONG}`, author),
    ],
    [
      "in a script without spaces are one when long",
      true,
      draft("深層学習による画像認識手法の比較と評価について"),
      draft("深層学習による画像認識手法の比較と評価について", author),
    ],
  ])("%s", (_name, one, a, b) => expect(areOne(a, b)).toBe(one));

  test("are one by arXiv id, whatever the titles say", () => {
    const a = draft("Before", { arxivId: "2611.00001v1" });
    expect(areOne(a, draft("After", { arxivId: "https://arxiv.org/abs/2611.00001v2" }))).toBe(true);
  });
});

describe("what a source shows again under its own id", () => {
  const known = newRecord(draft("Gates", { abstract: ABSTRACT }), "a", now);
  test("is the same paper, however little is known of it", () => {
    expect(isSamePaper(known, draft("Gates"), true)).toBe(true);
    expect(isSamePaper(known, draft("Gates", { abstract: OTHER, authors: ["A. B."] }), true)).toBe(true);
    expect(isSamePaper(known, draft("Gates"), false)).toBe(false);
  });
  test("is another one when the id was made from the title, and nothing else agrees", () => {
    expect(isSamePaper(known, draft("Gates", { externalId: "title:1" }), true)).toBe(true);
    expect(isSamePaper(known, draft("Gates", { externalId: "title:1", abstract: OTHER }), true)).toBe(false);
  });
});

test.each([
  ["10.1101/2024.01.02.573876v2", "10.1101/2024.01.02.573876"],
  ["https://doi.org/10.1101/123456v1.full.pdf", "10.1101/123456"],
  ["10.26434/chemrxiv-2021-abc12-v3", "10.26434/chemrxiv-2021-abc12"],
  ["10.21203/rs.3.rs-12345/v1", "10.21203/rs.3.rs-12345"],
  ["10.20944/preprints202001.0001.v1", "10.20944/preprints202001.0001"],
  ["10.31219/osf.io/ab3cd_v1", "10.31219/osf.io/ab3cd"],
  ["10.36227/techrxiv.12345.v1", "10.36227/techrxiv.12345"],
  ["10.1103/physrev.v2", "10.1103/physrev.v2"],
])("the preprint %s is known as %s in any version", (doi, key) => {
  const made = draft("T", { doi });
  expect(identityKeys(made).doi).toBe(key);
});

test("a DOI leads to the version it names", () => {
  expect(newRecord(draft("T", { doi: "10.21203/rs.3.rs-12345/v1" }), "a", now).url).toBe(
    "https://doi.org/10.21203/rs.3.rs-12345/v1",
  );
});
