import { createHash } from "node:crypto";

/** How often a digest comes. */
export type Cadence = "daily" | "weekdays" | "weekly";

/** A name and a query in the topic language. */
export interface TopicOrder {
  readonly name: string;
  /** Canonical text of the query. */
  readonly query: string;
}

/** What a reader orders: topics, cadence, local hour, time zone, cap. */
export interface SubscriptionOrder {
  readonly topics: readonly TopicOrder[];
  /** Whether the day's trending papers come too. */
  readonly trending: boolean;
  /** Whether papers come that are like those the reader marked; absent is false. */
  readonly forYou?: boolean;
  /** Whether new versions of papers that match come too; absent is false. */
  readonly replacements?: boolean;
  /** Whether a day without anything new brings a short note instead of no mail; absent is false. */
  readonly noteWhenEmpty?: boolean;
  readonly cadence: Cadence;
  /** ISO 8601 day of the week, 1 Monday to 7 Sunday; read when the cadence is weekly. */
  readonly weekday: number;
  /** Local time of day, minutes after midnight. */
  readonly localMinute: number;
  /** IANA time zone, e.g. `Europe/Berlin`. */
  readonly timezone: string;
  /** The most papers one digest shows, over all sections. */
  readonly maxPapers: number;
}

/** Bounds of an order; a form that exceeds them is refused, naming the field. */
export const ORDER_LIMITS = { topics: 20, topicName: 80, maxPapers: 50 } as const;

export const ORDER_DEFAULTS = {
  trending: false,
  forYou: false,
  replacements: false,
  noteWhenEmpty: false,
  cadence: "daily",
  weekday: 1,
  localMinute: 7 * 60,
  timezone: "UTC",
  maxPapers: 20,
} as const satisfies Omit<SubscriptionOrder, "topics">;

/** `"07:05"` → 425; undefined when it is not a time of day. */
export function parseTimeOfDay(text: string): number | undefined {
  const found = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return found ? Number(found[1]) * 60 + Number(found[2]) : undefined;
}

/** 425 → `"07:05"`. */
export function formatTimeOfDay(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

/**
 * A name of what is ordered, 22 URL-safe characters: equal for equal orders, and for no others. A confirmation's token
 * carries it, so that its button confirms this order only.
 */
export function orderHash(order: SubscriptionOrder): string {
  const parts = [
    order.topics.map(({ name, query }) => [name, query]),
    order.trending,
    order.replacements ?? false,
    order.noteWhenEmpty ?? false,
    order.cadence,
    order.weekday,
    order.localMinute,
    order.timezone,
    order.maxPapers,
    // Absent where it says nothing, so that links mailed before there was such a choice still confirm their order.
    ...(order.forYou ? ["for you"] : []),
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, 16).toString("base64url");
}
