import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  DELIVERY_STATUSES,
  type DeliveryEvent,
  isFinal,
  nextStatus,
  retryAt,
  statusesAllowing,
} from "../src/delivery.ts";

const EVENTS: DeliveryEvent[] = [
  "claim",
  "dot",
  "accept",
  "refuse",
  "defer",
  "suppress",
  "supersede",
  "expire",
  "lose",
  "settle-sent",
  "settle-retry",
];

describe("the states of a delivery", () => {
  it("reach submitted only past the dot, whatever happens", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...EVENTS), { maxLength: 40 }), (events) => {
        let status = nextStatus("pending", "claim");
        let dotted = false;
        for (const event of events) {
          const next = status && nextStatus(status, event);
          if (next === undefined) continue;
          if (next === "dotted") dotted = true;
          if (next === "submitted") expect(dotted).toBe(true);
          status = next;
        }
      }),
    );
  });

  it("never lead by themselves from a mail that may have gone out back to sending it", () => {
    const byItself = EVENTS.filter((event) => !event.startsWith("settle"));
    for (const from of ["dotted", "unknown", "submitted"] as const) {
      for (const event of byItself.filter((name) => name !== "defer")) {
        expect(["pending", "sending"]).not.toContain(nextStatus(from, event));
      }
    }
  });

  it("leave nothing that is final", () => {
    for (const status of DELIVERY_STATUSES.filter((name) => isFinal(name) && name !== "unknown")) {
      expect(EVENTS.filter((event) => nextStatus(status, event) !== undefined)).toEqual([]);
    }
  });

  it("allow a claim of waiting deliveries only", () => {
    expect(statusesAllowing("claim")).toEqual(["pending", "deferred"]);
    expect(statusesAllowing("dot")).toEqual(["sending"]);
  });
});

describe("retryAt", () => {
  const planned = new Date("2026-11-24T07:00:00Z");
  it("waits longer each time and gives up after three days", () => {
    const gaps = [1, 2, 3, 4, 5, 6, 7].map(
      (attempt) => (retryAt(attempt, planned, planned, 0) as Date).getTime() - planned.getTime(),
    );
    expect(gaps.map((gap) => gap / 60_000)).toEqual([5, 15, 30, 60, 120, 240, 240]);
    expect(retryAt(9, planned, new Date("2026-11-27T07:00:00Z"), 0)).toBeNull();
  });
});
