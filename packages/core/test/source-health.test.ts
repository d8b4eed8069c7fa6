import { judgeHealth, lastAnnouncement, type RunFacts } from "@paperboy/core";
import { describe, expect, it } from "vitest";

const run = (at: string, created: number, outcome: RunFacts["outcome"] = "ok"): RunFacts => ({
  startedAt: new Date(at),
  outcome,
  reason: outcome === "failed" ? "the server answers 500" : null,
  created,
});
const judge = (at: string, runs: readonly RunFacts[], kind = "arxiv-rss") =>
  judgeHealth({ kind, everyMinutes: 60, runs, now: new Date(at) });

describe("arXiv's rhythm", () => {
  it.each([
    ["a Monday noon", "2026-11-23T17:00:00Z", "2026-11-23T01:00:00.000Z"],
    ["Sunday just before 20:00", "2026-11-23T00:59:00Z", "2026-11-20T01:00:00.000Z"],
    ["in summer time", "2026-07-01T12:00:00Z", "2026-07-01T00:00:00.000Z"],
    ["Thanksgiving", "2026-11-27T12:00:00Z", "2026-11-26T01:00:00.000Z"],
    ["Sunday after a Fourth of July that was a Friday", "2025-07-07T12:00:00Z", "2025-07-04T00:00:00.000Z"],
    ["Memorial Day, which arXiv does not keep", "2026-05-26T12:00:00Z", "2026-05-26T00:00:00.000Z"],
    ["Martin Luther King Day", "2026-01-20T12:00:00Z", "2026-01-19T01:00:00.000Z"],
    ["the last week of the year", "2026-12-29T12:00:00Z", "2026-12-24T01:00:00.000Z"],
  ])("%s", (_name, until, announced) => {
    expect(lastAnnouncement("arxiv-rss", new Date(until))?.toISOString()).toBe(announced);
  });
  it.each([
    ["Tuesday", "2026-11-24T05:00:00Z", "2026-11-24T00:00:00.000Z"],
    ["Sunday", "2026-11-22T12:00:00Z", "2026-11-20T00:00:00.000Z"],
  ])("is not Hugging Face's: %s", (_name, until, listed) => {
    expect(lastAnnouncement("hf", new Date(until))?.toISOString()).toBe(listed);
  });
  it("is not a feed's", () => expect(lastAnnouncement("feed", new Date())).toBeNull());
});

describe("a source", () => {
  it("does well when its papers came after the announcement", () => {
    expect(judge("2026-11-24T12:00:00Z", [run("2026-11-24T05:00:00Z", 100)])).toMatchObject({
      state: "ok",
      late: false,
    });
  });
  it("has a weekend, which is no failure", () => {
    const runs = [run("2026-11-22T12:00:00Z", 0, "unchanged"), run("2026-11-20T05:00:00Z", 90)];
    expect(judge("2026-11-22T13:00:00Z", runs)).toMatchObject({ late: false });
  });
  it("is stale when an announcement passed and nothing came", () => {
    const runs = [run("2026-11-24T12:00:00Z", 0, "unchanged"), run("2026-11-23T05:00:00Z", 90)];
    expect(judge("2026-11-24T12:30:00Z", runs)).toMatchObject({
      state: "stale",
      late: true,
      says: "nothing new since 2026-11-23",
    });
  });
  it("repeats yesterday's batch under today's date", () => {
    const runs = [run("2026-11-24T12:00:00Z", 0, "repeated"), run("2026-11-23T05:00:00Z", 90)];
    expect(judge("2026-11-24T12:30:00Z", runs)).toMatchObject({ state: "repeated", late: true });
  });
  it("brings far fewer than usual", () => {
    const days = ["23", "20", "19", "18", "17", "16", "13"].map((day) =>
      run(`2026-11-${day}T05:00:00Z`, 100),
    );
    expect(judge("2026-11-24T12:00:00Z", [run("2026-11-24T05:00:00Z", 9), ...days])).toMatchObject({
      state: "partial",
      late: true,
    });
  });
  it("fails, and is late only when something was due", () => {
    const failed = run("2026-11-24T12:00:00Z", 0, "failed");
    expect(judge("2026-11-24T12:30:00Z", [failed, run("2026-11-24T05:00:00Z", 90)])).toMatchObject({
      state: "failing",
      late: false,
    });
    expect(judge("2026-11-24T12:30:00Z", [failed, run("2026-11-23T05:00:00Z", 90)])).toMatchObject({
      state: "failing",
      late: true,
    });
  });
  it("is not late in the evening because all its papers came in the morning", () => {
    const day = (date: string, count: number) => [
      run(`${date}T20:00:00Z`, 0),
      run(`${date}T03:00:00Z`, count),
    ];
    const runs = [...day("2026-11-24", 20), ...day("2026-11-23", 22), ...day("2026-11-20", 25)];
    expect(judge("2026-11-24T21:00:00Z", runs, "hf")).toMatchObject({
      state: "ok",
      says: "20 new",
      late: false,
    });
    expect(judge("2026-11-25T07:00:00Z", [run("2026-11-25T06:30:00Z", 0), ...runs], "hf")).toMatchObject({
      state: "stale",
      late: true,
    });
  });
  it("that often has nothing is quiet when it has nothing", () => {
    const counts = { "24": 0, "23": 2, "20": 0, "19": 1, "18": 0, "17": 3 };
    const runs = Object.entries(counts).map(([day, count]) => run(`2026-11-${day}T12:00:00Z`, count));
    for (const kind of ["arxiv-api", "arxiv-rss"])
      expect(judge("2026-11-24T12:30:00Z", runs, kind)).toMatchObject({ state: "quiet", late: false });
  });
  it("that is a search shows its rhythm before anybody expects it", () => {
    const runs = [run("2026-11-24T12:00:00Z", 0), run("2026-11-23T05:00:00Z", 90)];
    expect(judge("2026-11-24T12:30:00Z", runs, "arxiv-api")).toMatchObject({ late: false });
    const more = [...runs, run("2026-11-20T05:00:00Z", 20), run("2026-11-19T05:00:00Z", 30)];
    expect(judge("2026-11-24T12:30:00Z", more, "arxiv-api")).toMatchObject({ state: "stale", late: true });
  });
  it("that never brought anything is stale, and nobody waits for it", () => {
    const runs = [run("2026-11-24T12:00:00Z", 0), run("2026-11-23T05:00:00Z", 0)];
    expect(judge("2026-11-24T12:30:00Z", runs)).toEqual({
      state: "stale",
      says: "nothing since it was added",
      late: false,
    });
  });
  it("of few papers is not partial with fewer", () => {
    const days = ["23", "20", "19", "18", "17", "16"].map((day) => run(`2026-11-${day}T05:00:00Z`, 4));
    expect(judge("2026-11-24T12:00:00Z", [run("2026-11-24T05:00:00Z", 1), ...days])).toMatchObject({
      state: "ok",
    });
  });
  it("of no known rhythm is stale when it has been silent for twice as long as ever", () => {
    const days = ["20", "18", "17", "15", "14", "12"].map((day) => run(`2026-11-${day}T05:00:00Z`, 2));
    expect(judge("2026-11-23T05:00:00Z", days, "feed")).toMatchObject({ state: "quiet" });
    expect(judge("2026-11-25T05:00:00Z", days, "feed")).toMatchObject({ state: "stale", late: false });
  });
  it("is new, or read by hand", () => {
    expect(judge("2026-11-24T12:30:00Z", [])).toMatchObject({ state: "new" });
    expect(judgeHealth({ kind: "file", everyMinutes: null, runs: [], now: new Date() })).toMatchObject({
      state: "off",
    });
  });
  it("of no known rhythm is quiet, not late", () => {
    expect(
      judge("2026-11-24T12:30:00Z", [run("2026-11-24T12:00:00Z", 0), run("2026-11-01T00:00:00Z", 3)], "feed"),
    ).toMatchObject({ state: "quiet", late: false });
  });
});
