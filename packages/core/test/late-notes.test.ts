import { type JudgedSource, lateNotes, parseQuery, sourcesWanted } from "@paperboy/core";
import { describe, expect, it, test } from "vitest";

describe("the sources a query wants", () => {
  it.each<[string, string[] | null]>([
    ["gate", null],
    ["source:hf", ["hf"]],
    ["gate source:hf", ["hf"]],
    ["source:HF (gate OR attention)", ["hf"]],
    ["source:hf OR source:arxiv", ["arxiv", "hf"]],
    ["gate (source:hf OR source:arxiv)", ["arxiv", "hf"]],
    ["source:hf OR gate", null],
    ["gate -source:hf", null],
    ["source:lab -source:hf", ["lab"]],
    ["gate (attention OR source:hf)", null],
  ])("%s", (text, names) => {
    const wanted = sourcesWanted(parseQuery(text));
    expect(wanted && [...wanted].sort()).toEqual(names);
  });
});

const now = new Date("2026-11-24T12:00:00Z");
/** Brought papers after the announcement before, and none after the last one. */
const late = (name: string, kind: string): JudgedSource => ({
  ...{ name, kind, everyMinutes: 60 },
  runs: ["2026-11-24T11:00:00Z", "2026-11-23T05:00:00Z"].map((at, place) => ({
    ...{ startedAt: new Date(at), outcome: "ok", reason: null, created: place * 50 },
  })),
});
const inTime = (name: string, kind: string): JudgedSource => ({
  ...late(name, kind),
  runs: [{ startedAt: new Date("2026-11-24T07:00:00Z"), outcome: "ok", reason: null, created: 50 }],
});
const ARXIV = "arXiv was late today; these papers will come tomorrow.";
const HF = "Hugging Face was late today; these papers will come tomorrow.";
const reader = (trending: boolean, ...queries: string[]) => ({
  trending,
  topics: queries.map((query) => ({ query })),
});

describe("a reader is told", () => {
  const notes = lateNotes([late("cl", "arxiv-rss"), late("hf", "hf"), inTime("oai", "arxiv-oai")], now);
  test.each<[string, ReturnType<typeof reader>, string[]]>([
    ["of every late source when a topic takes papers of any", reader(false, "gate"), [ARXIV, HF]],
    ["only of the source their topics are limited to", reader(false, "gate source:cl"), [ARXIV]],
    ["nothing when that one is in time", reader(false, "gate source:oai"), []],
    ["of all that their topics want together", reader(false, "source:oai gate", "source:hf gate"), [HF]],
    ["of those that carry signals when they read nothing but trending", reader(true), [HF]],
    [
      "of both when they read trending and a topic of one source",
      reader(true, "source:cl gate"),
      [ARXIV, HF],
    ],
    ["nothing for a topic that cannot be read any more", reader(false, "(gate"), []],
  ])("%s", (_name, who, says) => expect(notes(who)).toEqual(says));

  test("nothing when all are in time", () => {
    expect(lateNotes([inTime("cl", "arxiv-rss")], now)(reader(true, "gate"))).toEqual([]);
  });
  test("of arXiv once, however many of its sources are late", () => {
    expect(lateNotes([late("a", "arxiv-rss"), late("b", "arxiv-oai")], now)(reader(false, "gate"))).toEqual([
      ARXIV,
    ]);
  });
});
