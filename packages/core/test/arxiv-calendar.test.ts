import {
  announcedAt,
  announcementDay,
  announcementDays,
  announcementDayUpTo,
  feedDay,
  firstAnnouncementDay,
  submittedFrom,
  submittedUntil,
} from "@paperboy/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("arXiv's announcement days", () => {
  it.each([
    ["a Monday, announced on Sunday evening", "2026-11-16", "2026-11-16T01:00:00.000Z"],
    ["in summer time", "2026-07-01", "2026-07-01T00:00:00.000Z"],
    ["the day on which summer time ended in the night", "2026-11-02", "2026-11-02T01:00:00.000Z"],
  ])("%s", (_name, day, instant) => expect(announcedAt(day).toISOString()).toBe(instant));

  it.each([
    ["a Saturday", "2026-11-21T12:00:00Z", "2026-11-20"],
    ["Sunday a second before 20:00", "2026-11-23T00:59:59Z", "2026-11-20"],
    ["Sunday at 20:00", "2026-11-23T01:00:00Z", "2026-11-23"],
    ["Sunday at 20:00 in summer", "2026-07-13T00:00:00Z", "2026-07-13"],
    ["the Friday after Thanksgiving", "2026-11-27T12:00:00Z", "2026-11-26"],
    ["New Year's Day", "2027-01-01T12:00:00Z", "2026-12-24"],
  ])("the newest one on %s", (_name, now, day) => expect(announcementDay(new Date(now))).toBe(day));

  it.each([
    ["before 14:00", "2026-11-17T18:59:59Z", "2026-11-18"],
    ["at 14:00", "2026-11-17T19:00:00Z", "2026-11-19"],
    ["on Friday after 14:00", "2026-11-20T20:00:00Z", "2026-11-24"],
    ["on Friday before 14:00", "2026-11-20T18:00:00Z", "2026-11-23"],
    ["on a Saturday", "2026-11-21T12:00:00Z", "2026-11-24"],
  ])("the first one of a paper submitted %s", (_name, submitted, day) =>
    expect(firstAnnouncementDay(new Date(submitted))).toBe(day),
  );

  it.each([
    ["its date", "2026-11-17T05:00:00Z", "2026-11-17T14:00:00Z", "2026-11-17"],
    ["its date, written in UTC", "2026-11-17T05:00:00Z", "2026-11-18T03:00:00Z", "2026-11-17"],
    ["a Saturday", "2026-11-21T05:00:00Z", "2026-11-21T14:00:00Z", "2026-11-20"],
    ["a date that has not come", "2027-11-17T05:00:00Z", "2026-11-17T14:00:00Z", "2026-11-17"],
  ])("a feed is of: %s", (_name, date, now, day) => expect(feedDay(new Date(date), new Date(now))).toBe(day));
  it("a feed without a date is of the newest one that feeds have followed", () => {
    expect(feedDay(null, new Date("2026-11-17T04:59:00Z"))).toBe("2026-11-16");
    expect(feedDay(null, new Date("2026-11-17T05:00:00Z"))).toBe("2026-11-17");
  });

  it("hold together for every instant of thirty years", () => {
    const instants = fc.date({
      min: new Date("2020-01-01"),
      max: new Date("2050-01-01"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, (at) => {
        const day = announcementDay(at);
        expect(announcedAt(day) <= at).toBe(true);
        expect(announcementDayUpTo(day)).toBe(day);
        const first = firstAnnouncementDay(at);
        expect(announcedAt(first) > at).toBe(true);
        expect(announcementDays(first, first)).toEqual([first]);
        expect(submittedFrom(first) <= at && at < submittedUntil(first)).toBe(true);
      }),
    );
  });
});
