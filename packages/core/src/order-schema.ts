import { z } from "zod";
import { parseAddress } from "./address.ts";
import { isTimeZone } from "./cadence.ts";
import { cleanLine, cutAtWord } from "./clean-text.ts";
import {
  type Cadence,
  ORDER_DEFAULTS,
  ORDER_LIMITS,
  parseTimeOfDay,
  type SubscriptionOrder,
  type TopicOrder,
} from "./order.ts";
import { querySchema } from "./topic/query-schema.ts";

// The one schema of an order: API, pages, command line and import read theirs with it.

export const WEEKDAYS = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;

export const CADENCES = ["daily", "weekdays", "weekly"] as const satisfies readonly Cadence[];

/** Longer than any address; the precise limits are `parseAddress`'s. */
const MAX_ADDRESS = 512;

export const emailSchema = z
  .string()
  .max(MAX_ADDRESS)
  .transform((text, ctx) => {
    const parsed = parseAddress(text.trim());
    if (parsed.ok) return { address: parsed.address, key: parsed.key };
    ctx.addIssue({ code: "custom", message: `is not an address we can write to: ${parsed.reason}` });
    return z.NEVER;
  })
  .meta({ description: "One bare e-mail address.", examples: ["ada@example.org"] });

const topicSchema = z.strictObject({
  name: z
    .string()
    .max(ORDER_LIMITS.topicName, `has more than ${ORDER_LIMITS.topicName} characters`)
    .transform((text) => cleanLine(text, ORDER_LIMITS.topicName))
    .optional()
    .meta({ description: "Shown above its papers; the query itself when absent." }),
  query: querySchema,
});

const weekdaySchema = z
  .union([z.int().min(1).max(7), z.enum(WEEKDAYS)], "must be 1 (Monday) to 7 (Sunday) or a day's name")
  .transform((day) => (typeof day === "number" ? day : WEEKDAYS.indexOf(day) + 1))
  .meta({ description: "Day of a weekly digest: 1 (Monday) to 7 (Sunday), or its name." });

const timeSchema = z
  .string()
  .transform((text, ctx) => {
    const minutes = parseTimeOfDay(text);
    if (minutes !== undefined) return minutes;
    ctx.addIssue({ code: "custom", message: "must be a time of day such as 07:00" });
    return z.NEVER;
  })
  .meta({ description: "Local time of day.", examples: ["07:00"] });

const timezoneSchema = z
  .string()
  .max(64, "is not a time zone we know")
  .refine(isTimeZone, "is not a time zone we know, such as Europe/Berlin")
  .meta({ description: "IANA time zone.", examples: ["Europe/Berlin"] });

const MAX_PAPERS = `must be a whole number from 1 to ${ORDER_LIMITS.maxPapers}`;

/** The fields of an order as people and programs write them; what is absent has a default. */
export const orderFields = {
  topics: z
    .array(topicSchema)
    .max(ORDER_LIMITS.topics, `has more than ${ORDER_LIMITS.topics} topics`)
    .optional(),
  trending: z.boolean().optional().meta({ description: "Whether the day's trending papers come too." }),
  forYou: z
    .boolean()
    .optional()
    .meta({ description: "Whether new papers come that are like those the reader marked." }),
  replacements: z
    .boolean()
    .optional()
    .meta({ description: "Whether new versions of papers that match come too." }),
  noteWhenEmpty: z
    .boolean()
    .optional()
    .meta({ description: "Whether a day without anything new brings a short note instead of no mail." }),
  cadence: z.enum(CADENCES, `must be ${CADENCES.join(", ")}`).optional(),
  weekday: weekdaySchema.optional(),
  time: timeSchema.optional(),
  timezone: timezoneSchema.optional(),
  maxPapers: z
    .int(MAX_PAPERS)
    .min(1, MAX_PAPERS)
    .max(ORDER_LIMITS.maxPapers, MAX_PAPERS)
    .optional()
    .meta({ description: "The most papers one digest shows." }),
};

/** Whether something would ever come of what was written. */
export const bringsSomething = (order: {
  trending?: boolean | undefined;
  forYou?: boolean | undefined;
  topics?: readonly unknown[] | undefined;
}): boolean => order.trending === true || order.forYou === true || (order.topics?.length ?? 0) > 0;

/** Why an order of which nothing would come is refused. */
export const BRINGS_NOTHING = {
  path: ["topics"],
  message: "needs at least one topic, unless trending or forYou is true",
};

/** What a reader orders, and the address it goes to. */
export const subscribeSchema = z
  .strictObject({ email: emailSchema, ...orderFields })
  .refine(bringsSomething, BRINGS_NOTHING);

/** The first local date on which digests come again; the calendar has no year 0. */
export const pauseSchema = z.iso
  .date("must be a date such as 2026-11-24")
  .refine((date) => date >= "0001-01-01", "must be a date after the year 0");

/** A change of an order: what is absent stays; `status: "active"` undoes an unsubscribing. */
export const changeSchema = z.strictObject({
  ...orderFields,
  status: z.literal("active").optional(),
  pausedUntil: pauseSchema
    .nullable()
    .optional()
    .meta({ description: "No digest before this local date; null ends the pause." }),
});

export type OrderInput = Omit<z.output<typeof changeSchema>, "status" | "pausedUntil">;

/** An order with the given parts in place of those it has. Topics with equal queries become one. */
export function applyInput(
  input: OrderInput,
  base: SubscriptionOrder = { topics: [], ...ORDER_DEFAULTS },
): SubscriptionOrder {
  return {
    topics: input.topics === undefined ? base.topics : toTopics(input.topics),
    trending: input.trending ?? base.trending,
    forYou: input.forYou ?? base.forYou ?? false,
    replacements: input.replacements ?? base.replacements ?? false,
    noteWhenEmpty: input.noteWhenEmpty ?? base.noteWhenEmpty ?? false,
    cadence: input.cadence ?? base.cadence,
    weekday: input.weekday ?? base.weekday,
    localMinute: input.time ?? base.localMinute,
    timezone: input.timezone ?? base.timezone,
    maxPapers: input.maxPapers ?? base.maxPapers,
  };
}

function toTopics(topics: NonNullable<OrderInput["topics"]>): TopicOrder[] {
  const byQuery = new Map<string, TopicOrder>();
  for (const { name, query } of topics) {
    if (!byQuery.has(query))
      byQuery.set(query, { name: name || cutAtWord(query, ORDER_LIMITS.topicName), query });
  }
  return [...byQuery.values()];
}

/** Whether anything could ever come of an order. */
export function isEmptyOrder(order: SubscriptionOrder): boolean {
  return order.topics.length === 0 && !order.trending && !order.forYou;
}
