import { domainOf, fasterGap, parsePaces, pauseUntil, RELAY, slowerGap, warmUpLimit } from "@paperboy/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("SMTP_PACE", () => {
  it("reads rates and connections, of the relay and of domains", () => {
    const paces = parsePaces(
      "50/s 20 connections, Gmail.com 5/s, example.org 100/min 2 connections, x.org 1 connection",
    );
    expect([...paces]).toEqual([
      [RELAY, { gapMs: 20, connections: 20 }],
      ["gmail.com", { gapMs: 200, connections: null }],
      ["example.org", { gapMs: 600, connections: 2 }],
      ["x.org", { gapMs: null, connections: 1 }],
    ]);
    expect(parsePaces("").size).toBe(0);
    expect(parsePaces("* 10/h").get(RELAY)).toEqual({ gapMs: 360_000, connections: null });
  });

  it.each([
    "fast",
    "gmail.com",
    "0/s",
    "5/day",
    "5/s 0 connections",
    "gmail.com 5/s, gmail.com 6/s",
    "5/s 9999 connections",
  ])("refuses '%s', naming the part", (text) => {
    expect(() => parsePaces(text)).toThrow(text.split(",").at(-1)?.trim());
  });
});

describe("a warm-up", () => {
  it("begins with 50 a day, doubles, and ends", () => {
    const most = (date: string) => warmUpLimit("2026-11-24", new Date(`${date}T12:00:00Z`));
    expect([most("2026-11-24"), most("2026-11-25"), most("2026-11-30")]).toEqual([50, 100, 3_200]);
    expect(most("2026-11-01")).toBe(50);
    expect(most("2026-12-06")).toBeNull();
  });
});

describe("a stream in trouble", () => {
  const now = new Date("2026-11-24T07:00:00Z");
  it("pauses longer each time, two hours at most", () => {
    const minutes = [1, 2, 3, 4, 5, 6, 50].map(
      (strikes) => (pauseUntil("refused", strikes, now).getTime() - now.getTime()) / 60_000,
    );
    expect(minutes).toEqual([5, 10, 20, 40, 80, 120, 120]);
    expect(pauseUntil("busy", 1, now).getTime() - now.getTime()).toBe(60_000);
  });

  it("slows down at once and comes back step by step, from anywhere to full speed", () => {
    expect([0, 250, 500].map(slowerGap)).toEqual([250, 500, 1_000]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (gap) => {
        expect(slowerGap(gap)).toBeGreaterThanOrEqual(Math.min(gap, 60_000));
        expect(slowerGap(gap)).toBeLessThanOrEqual(60_000);
        let faster = gap;
        for (let step = 0; step < 12; step++) faster = fasterGap(faster);
        expect(faster).toBe(0);
      }),
    );
  });
});

describe("domainOf", () => {
  it("is what stands behind the last @, in lower case", () => {
    expect([domainOf("Ada@Example.ORG"), domainOf('"a@b"@x.org')]).toEqual(["example.org", "x.org"]);
  });
});
