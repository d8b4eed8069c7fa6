import { applyInput, type FieldError, fieldErrors, subscribeSchema } from "@paperboy/core";
import type { Store } from "@paperboy/db";
import { UsageError } from "../usage-error.ts";

export interface SubscribeOptions {
  readonly topic: readonly string[];
  readonly trending: boolean;
  readonly forYou: boolean;
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
 * vouches that they have agreed, and nothing is mailed before the first digest.
 */
export async function subscribe(
  store: Store,
  email: string,
  options: SubscribeOptions,
  now: Date,
): Promise<SubscribeReport> {
  const { address, order } = readOrder(email, options);
  const { request, requestSilently } = store.subscriptions;
  const { requestId, deliveryId } = await (options.confirmed ? requestSilently : request)(
    address,
    order,
    now,
  );
  const subscriptionId = options.confirmed ? await store.subscriptions.confirm(requestId, now) : null;
  return { email: address.address, requestId, deliveryId, subscriptionId };
}

/** Reads the options by the schema of an order. @throws UsageError naming the option that is wrong. */
function readOrder(email: string, options: SubscribeOptions) {
  const { trending, forYou, replacements, noteWhenEmpty, cadence, time, timezone } = options;
  const input = {
    email,
    topics: options.topic.map(readTopic),
    trending,
    forYou,
    replacements,
    noteWhenEmpty,
    cadence,
    time,
    timezone,
    weekday: numberOrWord(options.weekday),
    maxPapers: numberOrWord(options.maxPapers),
  };
  const parsed = subscribeSchema.safeParse(input, { reportInput: true });
  if (!parsed.success) throw new UsageError(describeFault(fieldErrors(parsed.error)[0], input));
  const { email: address, ...order } = parsed.data;
  return { address, order: applyInput(order) };
}

/** `name=query`, or a query that names itself; a field such as `title:x` has no `=` before its colon. */
function readTopic(text: string): { name?: string; query: string } {
  const named = /^([^=:"<>()]{1,80})=(.+)$/s.exec(text);
  return named === null ? { query: text } : { name: named[1] as string, query: named[2] as string };
}

const numberOrWord = (text: string | undefined) =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : text;

const OPTIONS: Readonly<Record<string, string>> = {
  topics: "--topic",
  cadence: "--cadence",
  weekday: "--weekday",
  time: "--time",
  timezone: "--timezone",
  maxPapers: "--max-papers",
};

/** `--timezone 'Mars': is not a time zone we know, such as Europe/Berlin` */
function describeFault(fault: FieldError | undefined, input: { readonly email: string } & object): string {
  const { field = "", message = "the order cannot be read" } = fault ?? {};
  const [name = "", place] = field.split(/[[\].]+/);
  if (name === "email") return `${input.email}: ${message}`;
  const given = (input as Record<string, unknown>)[name];
  const value = Array.isArray(given)
    ? (given[Number(place)] as { query?: string } | undefined)?.query
    : given;
  return `${OPTIONS[name] ?? name}${value === undefined ? "" : ` '${value}'`}: ${message}`;
}
