import { DAY_MS } from "./durations.ts";
/** How fast one destination, or the relay as a whole, may be written to; null is unlimited. */
export interface Pace {
  /** Milliseconds between the starts of two mails. */
  readonly gapMs: number | null;
  /** Mails under way at once, over all workers. */
  readonly connections: number | null;
}

/** Paces by what they are of: {@link RELAY}, or a destination's domain in lower case. */
export type Paces = ReadonlyMap<string, Pace>;

/** The key of the relay as a whole, beside those of domains. */
export const RELAY = "*";

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, min: 60_000, h: 3_600_000 };
const PACE =
  /^(?:(\*|[a-z0-9-]+(?:\.[a-z0-9-]+)+)\s+)?(?:(\d+)\/(s|min|h)(?=\s|$)\s*)?(?:(\d+)\s+connections?)?$/i;
const MOST_CONNECTIONS = 1_000;

/**
 * Reads `SMTP_PACE`: paces separated by commas, each a rate, a number of connections or both, for the relay as a whole or
 * for the domain that stands before it: `50/s 20 connections, gmail.com 5/s, example.org 100/min 2 connections`.
 *
 * @throws Error naming the part that makes no sense.
 */
export function parsePaces(text: string): Paces {
  const paces = new Map<string, Pace>();
  for (const part of text
    .split(",")
    .map((each) => each.trim())
    .filter(Boolean)) {
    const [key, pace] = parsePace(part);
    if (paces.has(key)) throw new Error(`'${part}' is a second pace of ${key === RELAY ? "the relay" : key}`);
    paces.set(key, pace);
  }
  return paces;
}

function parsePace(part: string): [string, Pace] {
  const [, key = RELAY, count, unit, connections] = PACE.exec(part) ?? [];
  const most = connections === undefined ? null : Number(connections);
  const isNothing = count === undefined && most === null;
  if (isNothing || Number(count) === 0 || most === 0 || (most ?? 1) > MOST_CONNECTIONS) {
    throw new Error(`'${part}' is no pace such as '50/s', 'gmail.com 5/s' or '100/min 2 connections'`);
  }
  const gapMs = count === undefined ? null : (UNIT_MS[unit?.toLowerCase() ?? "s"] as number) / Number(count);
  return [key.toLowerCase(), { gapMs, connections: most }];
}

const FIRST_DAY = 50;
/** From here on nobody needs to be warmed up. */
const WARM = 200_000;

/**
 * The most mails of a day while a sender nobody knows yet warms up: 50 on the first day, and twice as many on each further
 * one; null once that is over.
 *
 * @param firstDay ISO 8601, UTC. Before it nothing is sent but what a first day would be.
 */
export function warmUpLimit(firstDay: string, now: Date): number | null {
  const days = Math.max(0, Math.floor((now.getTime() - Date.parse(`${firstDay}T00:00:00Z`)) / DAY_MS));
  const most = FIRST_DAY * 2 ** Math.min(days, 30);
  return most >= WARM ? null : most;
}
