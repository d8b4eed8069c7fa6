import { CADENCES, formatTimeOfDay, type SubscriptionOrder } from "@paperboy/core";
import { z } from "zod";

/** An order as the API shows it: what `changeSchema` of core reads, with nothing left out. */
export const orderViewSchema = z.object({
  topics: z.array(z.object({ name: z.string(), query: z.string() })),
  trending: z.boolean(),
  forYou: z.boolean(),
  replacements: z.boolean(),
  noteWhenEmpty: z.boolean(),
  cadence: z.enum(CADENCES),
  weekday: z.int().min(1).max(7),
  time: z.string(),
  timezone: z.string(),
  maxPapers: z.int(),
});

export function toOrderView({ localMinute, ...order }: SubscriptionOrder): z.input<typeof orderViewSchema> {
  return {
    ...order,
    forYou: order.forYou ?? false,
    replacements: order.replacements ?? false,
    noteWhenEmpty: order.noteWhenEmpty ?? false,
    topics: order.topics.map(({ name, query }) => ({ name, query })),
    time: formatTimeOfDay(localMinute),
  };
}
