import {
  isTimeZone,
  ORDER_DEFAULTS,
  ORDER_LIMITS,
  parseAddress,
  parseQuery,
  parseTimeOfDay,
  printQuery,
  type SubscriptionOrder,
  type TopicOrder,
} from "@paperboy/core";
import type { Store } from "@paperboy/db";
import { UsageError } from "../usage-error.ts";

export interface SubscribeOptions {
  readonly topic: readonly string[];
  readonly trending: boolean;
  readonly replacements: boolean;
  readonly noteWhenEmpty: boolean;
  readonly cadence: string;
  readonly weekday?: string;
  readonly time: string;
  readonly timezone: string;
  readonly maxPapers: string;
  readonly confirmed: boolean;
}

export interface SubscribeReport {
  readonly email: string;
  readonly requestId: string;
  /** Null when no mail asks the reader to confirm. */
  readonly deliveryId: string | null;
  /** Present when the operator vouched for the reader. */
  readonly subscriptionId: string | null;
}

/**
 * Orders a subscription as the form would: the reader is asked to confirm. With `confirmed` the operator
 * vouches that he has agreed, and nothing is mailed before the first digest.
 */
export async function subscribe(
  store: Store,
  email: string,
  options: SubscribeOptions,
  now: Date,
): Promise<SubscribeReport> {
  const address = parseAddress(email);
  if (!address.ok) throw new UsageError(`${email}: ${address.reason}`);
  const order = readOrder(options);
  const { requestId, deliveryId } = await store.subscriptions.request(address, order, now);
  const subscriptionId = options.confirmed ? await store.subscriptions.confirm(requestId, now) : null;
  return { email: address.address, requestId, deliveryId, subscriptionId };
}

function readOrder(options: SubscribeOptions): SubscriptionOrder {
  const topics = options.topic.map(readTopic);
  if (topics.length === 0 && !options.trending)
    throw new UsageError("give at least one --topic, or --trending");
  if (topics.length > ORDER_LIMITS.topics) throw new UsageError(`at most ${ORDER_LIMITS.topics} topics`);
  const { cadence, timezone } = options;
  if (cadence !== "daily" && cadence !== "weekdays" && cadence !== "weekly") {
    throw new UsageError(`--cadence is daily, weekdays or weekly, not '${cadence}'`);
  }
  if (!isTimeZone(timezone))
    throw new UsageError(`--timezone: '${timezone}' is not an IANA time zone such as Europe/Berlin`);
  const localMinute = parseTimeOfDay(options.time);
  if (localMinute === undefined)
    throw new UsageError(`--time is a time of day such as 07:00, not '${options.time}'`);
  const weekday = readNumber("--weekday", options.weekday ?? String(ORDER_DEFAULTS.weekday), 7);
  const maxPapers = readNumber("--max-papers", options.maxPapers, ORDER_LIMITS.maxPapers);
  const { trending, replacements, noteWhenEmpty } = options;
  return {
    topics,
    trending,
    replacements,
    noteWhenEmpty,
    cadence,
    weekday,
    localMinute,
    timezone,
    maxPapers,
  };
}

/** `name=query`, or a query that names itself; a field such as `title:x` has no `=` before its colon. */
function readTopic(text: string): TopicOrder {
  const named = /^([^=:"<>()]{1,80})=(.+)$/s.exec(text);
  const query = printQuery(parseQuery(named?.[2] ?? text));
  return { name: (named?.[1] ?? text).trim().slice(0, ORDER_LIMITS.topicName), query };
}

function readNumber(option: string, text: string, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw new UsageError(`${option} is a number from 1 to ${max}`);
  return value;
}
