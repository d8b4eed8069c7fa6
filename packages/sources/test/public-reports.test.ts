import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { page } from "./written-pages.ts";

// Inputs of public reports that are not part of the project; the other tests stand without them.
const CASES = fileURLToPath(new URL("../../../../shared/data/cases/", import.meta.url));

describe.skipIf(!existsSync(CASES))("inputs of public reports", () => {
  const drafts = (path: string) => {
    const { records } = page(readFileSync(CASES + path));
    return records.map(({ draft }) => draft);
  };
  const titles = (path: string) => drafts(path).map((each) => each?.title);

  it.each([
    [
      "01-blank-line-before-declaration/01-ws-before-decl.xml",
      ["Whitespace before the declaration of glaciers", "Second paper of the blank line feed"],
    ],
    [
      "02-bare-ampersand/02-bare-amp.xml",
      ["R&D spending and Q&A benchmarks for glaciers", "An innocent neighbour of the bare ampersand"],
    ],
    [
      "02-bare-ampersand/03-bare-amp-link.xml",
      ["A link with a bare ampersand", "Another innocent neighbour paper"],
    ],
    ["04-trailing-content/20-php-warning.xml", ["Behind a PHP warning glacier"]],
    ["04-trailing-content/z-trailing.xml", ["Whole feed with a script behind it, of glaciers"]],
    [
      "05-latin1-declared-utf8-sent/05-declared-latin1-is-utf8.xml",
      ["Schrödinger’s café: naïve Bayes revisited"],
    ],
    [
      "10-html-in-rss-title/09-html-in-title.xml",
      [
        "The Escherichia coli genome & CO2 uptake — a glacier study",
        "Thermo in situ imaging of glacier 13C",
        "AT&T and R&D: double-escaped glacier title “quoted”",
      ],
    ],
    [
      "17-dublin-core-and-atom03-dates/16-atom-title-missing-type-escaped.xml",
      ["Less is more & glaciers", "Old <Atom> 0.3 title glacier"],
    ],
    ["18-doctype-without-subset/13-doctype.xml", ["A paper behind a doctype of RSS 0.91"]],
  ])("%s: titles", (path, expected) => expect(titles(path)).toEqual(expected));

  it("have dates, authors and links", () => {
    const dates = drafts("08-other-date-forms/06-dates.xml").map((each) => each?.publishedAt);
    expect(dates).toHaveLength(24);
    expect(dates.filter((date) => date === undefined)).toEqual([]);
    expect(dates[0]).toEqual(new Date("2026-06-06T00:00:01Z"));
    expect(drafts("17-dublin-core-and-atom03-dates/21-dcterms.xml").every((each) => each?.publishedAt)).toBe(
      true,
    );
    const people = drafts("15-last-comma-first/24-dc-creator-inverted.xml").map((each) => each?.authors);
    expect(people.slice(0, 6)).toEqual([
      ["J. Kim", "S.-Y. Park", "H. Lee"],
      ["K. T. Smith"],
      ["M. A. Garcia-Lopez", "P. van der Berg", "T. J. O’Neil"],
      ["Jane Doe", "Richard Roe"],
      ["Jane Doe", "Richard Roe"],
      ["Jane Doe", "Richard Roe"],
    ]);
    expect(people.slice(8)).toEqual([
      ["Jürgen Müller"],
      ["X. Wang"],
      ["The LIGO Collaboration"],
      ["K. T. Smith Jr."],
    ]);
    expect(drafts("15-last-comma-first/24b-many-creators.xml")[0]?.authors).toEqual([
      "K. T. Smith",
      "Jane Doe",
      "Ana María García",
    ]);
    expect(drafts("16-xml-base-of-item/10-rel-link-xmlbase.xml")[0]?.url).toBe(
      "https://lab.example.org/papers/post/10",
    );
    expect(drafts("13-atom-inside-rss/11-atom-in-rss.xml")[0]).toMatchObject({
      url: "https://lab.example.org/11",
      authors: ["Ann Atom"],
      abstract: "An abstract in atom.",
      publishedAt: new Date("2026-06-05T10:00:00Z"),
    });
  });
});
