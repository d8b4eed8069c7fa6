import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isTimeZone, newestDueEdition, nextEdition, type Schedule } from "../src/cadence.ts";

const daily = (timezone: string, localMinute = 7 * 60): Schedule => ({
  cadence: "daily",
  weekday: 1,
  localMinute,
  timezone,
});

describe("nextEdition", () => {
  it("is today's when the hour has not come, else tomorrow's", () => {
    const berlin = daily("Europe/Berlin");
    const early = nextEdition(berlin, new Date("2026-11-24T05:00:00Z"), null);
    expect(early).toEqual({ date: "2026-11-24", dueAt: new Date("2026-11-24T06:00:00Z") });
    const late = nextEdition(berlin, new Date("2026-11-24T06:00:00Z"), null);
    expect(late).toEqual({ date: "2026-11-25", dueAt: new Date("2026-11-25T06:00:00Z") });
  });

  it("skips weekends for weekdays and waits for the weekday of a weekly one", () => {
    const friday = new Date("2026-11-27T12:00:00Z");
    expect(nextEdition({ ...daily("UTC"), cadence: "weekdays" }, friday, null).date).toBe("2026-11-30");
    expect(nextEdition({ ...daily("UTC"), cadence: "weekly", weekday: 3 }, friday, null).date).toBe(
      "2026-12-02",
    );
  });

  it.each([
    ["America/New_York", "2027-03-14", 2 * 60 + 30, "2027-03-14T07:30:00.000Z"], // 02:30 is skipped: 03:30 EDT
    ["America/New_York", "2027-11-07", 60 + 30, "2027-11-07T05:30:00.000Z"], // 01:30 comes twice: the first
    ["America/Santiago", "2027-09-05", 0, "2027-09-05T04:00:00.000Z"], // midnight is skipped: 01:00
    ["Australia/Lord_Howe", "2027-10-03", 2 * 60 + 15, "2027-10-02T15:45:00.000Z"], // a gap of half an hour
  ])("has an edition in %s on %s, when the clocks change", (timezone, date, minute, dueAt) => {
    const dayBefore = new Date(Date.parse(`${date}T00:00:00Z`) - 30 * 60 * 60 * 1000);
    const yesterday = new Date(Date.parse(date) - 86_400_000).toISOString().slice(0, 10);
    const edition = nextEdition(daily(timezone, minute), dayBefore, yesterday);
    expect([edition.date, edition.dueAt.toISOString()]).toEqual([date, dueAt]);
  });

  const schedules = fc.record({
    cadence: fc.constantFrom("daily" as const, "weekdays" as const, "weekly" as const),
    weekday: fc.integer({ min: 1, max: 7 }),
    localMinute: fc.integer({ min: 0, max: 1439 }),
    timezone: fc.constantFrom(
      "UTC",
      "America/New_York",
      "America/Santiago",
      "Australia/Lord_Howe",
      "Pacific/Apia",
      "Asia/Kathmandu",
    ),
  });
  const instants = fc.date({ min: new Date("2025-01-01"), max: new Date("2030-01-01"), noInvalidDate: true });

  it("walks strictly forward, one edition a local date, none of a daily one left out", () => {
    fc.assert(
      fc.property(schedules, instants, (schedule, start) => {
        let edition = nextEdition(schedule, start, null);
        for (let step = 0; step < 20; step++) {
          const next = nextEdition(schedule, edition.dueAt, edition.date);
          expect(next.date > edition.date).toBe(true);
          expect(next.dueAt > edition.dueAt).toBe(true);
          const days = (Date.parse(next.date) - Date.parse(edition.date)) / 86_400_000;
          expect(days).toBeLessThanOrEqual({ daily: 1, weekdays: 3, weekly: 7 }[schedule.cadence]);
          edition = next;
        }
      }),
    );
  });

  it("names the newest edition after an outage, never one in the future, never one before the oldest", () => {
    fc.assert(
      fc.property(schedules, instants, fc.integer({ min: 0, max: 30 * 24 }), (schedule, start, hours) => {
        const due = nextEdition(schedule, start, null);
        const now = new Date(due.dueAt.getTime() + hours * 3_600_000);
        const newest = newestDueEdition(schedule, due, now);
        expect(newest.dueAt <= now && newest.date >= due.date).toBe(true);
        expect(nextEdition(schedule, newest.dueAt, newest.date).dueAt > now).toBe(true);
      }),
    );
  });
});

describe("isTimeZone", () => {
  it.each(["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"])("knows %s", (name) => {
    expect(isTimeZone(name)).toBe(true);
  });
  it.each(["", "Mars/Olympus", "+02:00", "Europe/Berlin; DROP", "berlin"])("refuses '%s'", (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
});
