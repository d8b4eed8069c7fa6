import { applyInput, CADENCES, changeSchema, ORDER_LIMITS, type SubscriptionOrder } from "@paperboy/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { orderViewSchema, toOrderView } from "../src/schemas/order.ts";

const order: fc.Arbitrary<SubscriptionOrder> = fc.record({
  topics: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom("Ice", "Löwen", "a b"),
      query: fc.constantFrom("ice", "sea OR lake", "title:x"),
    }),
    { selector: ({ query }) => query, maxLength: 3 },
  ),
  trending: fc.boolean(),
  forYou: fc.boolean(),
  replacements: fc.boolean(),
  noteWhenEmpty: fc.boolean(),
  cadence: fc.constantFrom(...CADENCES),
  weekday: fc.integer({ min: 1, max: 7 }),
  localMinute: fc.integer({ min: 0, max: 1439 }),
  timezone: fc.constantFrom("UTC", "Europe/Berlin", "America/New_York"),
  maxPapers: fc.integer({ min: 1, max: ORDER_LIMITS.maxPapers }),
});

it("what the API shows of an order is what it takes, so that a program may send it back as it came", () => {
  fc.assert(
    fc.property(order, (given) => {
      const view = orderViewSchema.strict().parse(toOrderView(given));
      expect(Object.keys(view).sort()).toEqual(Object.keys(changeSchema.omit(NOT_OF_AN_ORDER).shape).sort());
      const { status: _, pausedUntil: __, ...input } = changeSchema.parse(view);
      expect(applyInput(input)).toEqual(given);
    }),
  );
});

const NOT_OF_AN_ORDER = { status: true, pausedUntil: true } as const;
