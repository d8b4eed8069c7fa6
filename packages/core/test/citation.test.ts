import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { citationOf } from "../src/citation.ts";
import { paperOf } from "./topic/paper.ts";

const URL = "https://arxiv.org/abs/2601.00001";
const gates = paperOf(7, {
  title: "Gates & $\\alpha_{1}$-attention: 100% of_it {now}",
  abstract: "It gates.",
  authors: ["Ada Lovelace", "Émile Bézier"],
  arxivId: "2601.00001",
  doi: "10.1000/x",
  categories: ["cs.CL"],
  publishedAt: new Date("2026-01-05T10:00:00Z"),
});

describe("a citation", () => {
  it("is BibTeX that TeX reads, with formulas as they are", () => {
    const { bibtex } = citationOf(gates, URL);
    expect(bibtex).toMatch(/^@misc\{lovelace2026gates,\n/);
    expect(bibtex).toContain("title = {{Gates \\& $\\alpha_{1}$-attention: 100\\% of\\_it \\{now\\}}}");
    expect(bibtex).toContain("author = {Ada Lovelace and Émile Bézier}");
    expect(bibtex).toContain("eprint = {2601.00001},\n  archivePrefix = {arXiv},\n  primaryClass = {cs.CL}");
  });

  it("is RIS and CSL-JSON of the same", () => {
    const { ris, csl } = citationOf(gates, URL);
    expect(ris).toMatch(
      /^TY {2}- UNPB\r\nTI {2}- Gates .*\r\nAU {2}- Ada Lovelace\r\nAU {2}- Émile Bézier\r\n/,
    );
    expect(ris).toMatch(/\r\nER {2}- \r\n$/);
    expect(JSON.parse(csl)).toMatchObject([
      { type: "article", DOI: "10.1000/x", issued: { "date-parts": [[2026, 1, 5]] }, URL },
    ]);
  });

  it("closes what it opens whatever a paper is called", () => {
    const text = fc.string({ unit: "binary", maxLength: 60 });
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 3 }), text, (title, authors, url) => {
        const { bibtex, ris, csl } = citationOf(paperOf(1, { title, authors }), url);
        let depth = 0;
        for (const [brace] of bibtex.matchAll(/(?<!\\)[{}]/g)) depth += brace === "{" ? 1 : -1;
        expect(depth).toBe(0);
        for (const line of ris.trimEnd().split("\r\n")) expect(line).toMatch(/^[A-Z][A-Z0-9] {2}- ?/);
        expect(JSON.parse(csl)).toHaveLength(1);
      }),
    );
  });
});
