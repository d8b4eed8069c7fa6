import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  DELIVERY_EVENTS,
  DELIVERY_STATUSES,
  type DeliveryEvent,
  FINAL_STATUSES,
  OPEN_STATUSES,
} from "../../src/delivery/events.ts";
import { retryAt } from "../../src/delivery/retry.ts";
import { nextStatus } from "./next-status.ts";

const EVENTS = Object.keys(DELIVERY_EVENTS) as DeliveryEvent[];
/** What an operator says, and the policy they chose, is their word. */
const BY_WORD: readonly DeliveryEvent[] = ["settleSent", "settleRetry", "restoreSent", "resend"];

describe("the states of a delivery", () => {
  it("reach submitted only past the dot, whatever happens by itself", () => {
    const byItself = EVENTS.filter((event) => !BY_WORD.includes(event));
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...byItself), { maxLength: 40 }), (events) => {
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
    for (const from of ["dotted", "unknown", "submitted"] as const) {
      for (const event of EVENTS.filter((name) => name !== "defer" && !BY_WORD.includes(name))) {
        expect(["pending", "sending"]).not.toContain(nextStatus(from, event));
      }
    }
  });

  it("are open, over, or wait for an operator", () => {
    expect([...OPEN_STATUSES, ...FINAL_STATUSES, "unknown"].sort()).toEqual([...DELIVERY_STATUSES].sort());
    expect(FINAL_STATUSES).toEqual(["submitted", "failed", "suppressed", "skipped"]);
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
