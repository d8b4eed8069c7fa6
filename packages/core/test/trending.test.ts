import {
  rankTrending,
  type SignalReading,
  signalsOf,
  type TrendingSignals,
  trendingReason,
  trendingScore,
} from "@paperboy/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const now = new Date("2026-11-24T12:00:00Z");
const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
const reading = (
  hours: number,
  upvotes: number | null,
  more: Partial<SignalReading> = {},
): SignalReading => ({ upvotes, stars: null, comments: null, at: hoursAgo(hours), ...more });
const signals = (hours: number, ...readings: SignalReading[]): TrendingSignals =>
  signalsOf(readings, hoursAgo(hours));

describe("the trending score", () => {
  it("counts what was gained since yesterday before what was there", () => {
    const rising = signals(48, reading(2, 60), reading(26, 10));
    const resting = signals(48, reading(2, 61), reading(26, 60));
    expect(trendingScore(rising, now)).toBeGreaterThan(trendingScore(resting, now));
  });
  it("fades with age, and with the time since the last gain", () => {
    expect(trendingScore(signals(5, reading(1, 20)), now)).toBeGreaterThan(
      trendingScore(signals(100, reading(1, 20)), now),
    );
    expect(trendingScore(signals(100, reading(1, 20)), now)).toBeGreaterThan(
      trendingScore(signals(100, reading(60, 20)), now),
    );
  });
  it("counts stars by their gain only: an old repository is no news", () => {
    const old = signals(24, reading(1, 5, { stars: 50_000 }));
    expect(trendingScore(old, now)).toBe(trendingScore(signals(24, reading(1, 5)), now));
    const rising = signals(48, reading(1, 5, { stars: 50_400 }), reading(25, 5, { stars: 50_000 }));
    expect(trendingScore(rising, now)).toBeGreaterThan(
      trendingScore(signals(48, reading(1, 5), reading(25, 5)), now),
    );
  });
  it("takes 0 as not read", () => {
    expect(signals(48, reading(1, 0), reading(25, 30)).latest?.upvotes).toBe(30);
  });

  const count = fc.integer({ min: 1, max: 100_000 });
  const hours = fc.integer({ min: 0, max: 300 });
  it("is a number, above 0 with signals and below without", () => {
    fc.assert(
      fc.property(hours, fc.array(fc.tuple(hours, fc.option(count))), (age, list) => {
        const made = signals(age, ...list.map(([at, upvotes]) => reading(at, upvotes)));
        const score = trendingScore(made, now);
        expect(Number.isFinite(score)).toBe(true);
        expect(score > 0).toBe(made.latest !== null);
      }),
    );
  });
  it("never falls when more was gained", () => {
    fc.assert(
      fc.property(hours, hours, count, count, (age, at, upvotes, more) => {
        const base = signals(age, reading(at, upvotes), reading(at + 24, 1));
        const risen = signals(age, reading(at, upvotes + more), reading(at + 24, 1));
        expect(trendingScore(risen, now)).toBeGreaterThan(trendingScore(base, now));
      }),
    );
  });
});

describe("the ranking", () => {
  it("puts papers without signals last, the freshest first", () => {
    const candidates = [
      { id: 1, signals: signals(50) },
      { id: 2, signals: signals(2) },
      { id: 3, signals: signals(160, reading(150, 1)) },
    ];
    expect(rankTrending(candidates, now).map(({ id }) => id)).toEqual([3, 2, 1]);
  });
  it("breaks ties by first sight, then by id", () => {
    const candidates = [1, 2].map((id) => ({ id, signals: signals(5, reading(1, 3)) }));
    expect(rankTrending(candidates, now).map(({ id }) => id)).toEqual([2, 1]);
  });
});

describe("the reason", () => {
  it.each<[string | null, TrendingSignals]>([
    ["▲ 120, 35 since yesterday", signals(48, reading(1, 120), reading(25, 85))],
    ["▲ 120", signals(5, reading(1, 120))],
    ["▲ 120", signals(150, reading(1, 120), reading(145, 10))],
    [
      "★ 300, 40 since yesterday",
      signals(48, reading(1, null, { stars: 300 }), reading(25, null, { stars: 260 })),
    ],
    [null, signals(5)],
  ])("%s", (says, made) => expect(trendingReason(made)).toBe(says));
});
