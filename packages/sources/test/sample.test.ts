import { DAY_MS, identityKeys, normaliseDraft } from "@paperboy/core";
import { expect, test } from "vitest";
import { samplePapers } from "../src/index.ts";

const now = new Date("2026-06-15T07:00:00Z");
const papers = samplePapers(now);

test("about sixty different papers, each with authors, a date and two sentences", () => {
  expect(papers.length).toBeGreaterThanOrEqual(60);
  expect(new Set(papers.map((paper) => identityKeys(paper).arxivId)).size).toBe(papers.length);
  expect(new Set(papers.map((paper) => identityKeys(paper).titleKey)).size).toBe(papers.length);
  for (const paper of papers) {
    expect(paper).toEqual(normaliseDraft(paper));
    expect(paper.authors.length, paper.title).toBeGreaterThan(0);
    expect(paper.publishedAt, paper.title).toBeInstanceOf(Date);
    expect(paper.abstract.match(/[.?](?= [A-Z]|$)/g), paper.title).toHaveLength(2);
    expect(paper.keywords?.length, paper.title).toBeGreaterThan(1);
  }
});

test("there is something for readers of gating, linear attention, code and other fields", () => {
  const text = papers.map((paper) => `${paper.title} ${paper.abstract} ${paper.keywords?.join(" ")}`);
  expect(text.filter((each) => /\bgat(?:e|es|ed|ing)\b/i.test(each)).length).toBeGreaterThanOrEqual(5);
  expect(text.filter((each) => /linear[ -]attention/i.test(each)).length).toBeGreaterThanOrEqual(2);
  expect(papers.filter((paper) => paper.codeUrl).length).toBeGreaterThanOrEqual(20);
  for (const field of [
    /robot/i,
    /speech/i,
    /CRISPR|gene/i,
    /physics/i,
    /security/i,
    /astro/i,
    /theorem/i,
    /driv/i,
  ]) {
    expect(
      text.some((each) => field.test(each)),
      String(field),
    ).toBe(true);
  }
});

test("listing days are the ones before now, in the order of publication, never in the future", () => {
  const listed = papers.map((paper) => paper.observedAt?.getTime() ?? Number.NaN);
  expect(listed).toEqual([...listed].sort((a, b) => a - b));
  expect(Math.max(...listed)).toBeLessThan(now.getTime());
  expect(Math.max(...listed)).toBeGreaterThan(now.getTime() - DAY_MS);
  const days = new Set(listed.map((instant) => Math.floor((now.getTime() - instant) / DAY_MS)));
  expect(days.size).toBeGreaterThanOrEqual(10);
});

test("dates of publication are facts: they do not move with the clock", () => {
  const later = samplePapers(new Date("2030-01-01T00:00:00Z"));
  expect(later.map((paper) => paper.publishedAt)).toEqual(papers.map((paper) => paper.publishedAt));
  expect(later.map((paper) => paper.observedAt)).not.toEqual(papers.map((paper) => paper.observedAt));
});
