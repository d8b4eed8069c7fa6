import { DAY_MS } from "./durations.ts";
/** How many papers of a topic were listed on a day. */
export interface DayCount {
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly count: number;
}

/** What a topic would bring, judged by the last days. */
export interface Forecast {
  /** Papers a day, over the days anything is known of. */
  readonly perDay: number;
  /** For people: `about 4 a day`. */
  readonly text: string;
  /** Set when the topic brings nothing, or more than anybody reads. */
  readonly warning: string | null;
}

/** A day brings too much past this: no digest shows that many. */
const FLOOD_PER_DAY = 50;

/**
 * Judges a topic by its matches on the last days.
 *
 * @param daysKnown for how many of these days papers are known at all: a service that began last week must
 *   not call a busy topic quiet.
 */
export function forecast(days: readonly DayCount[], daysKnown: number): Forecast {
  const total = days.reduce((sum, { count }) => sum + count, 0);
  const perDay = total / Math.max(1, Math.min(days.length, daysKnown));
  return { perDay, text: inWords(perDay), warning: warn(total, perDay, days.length) };
}

function inWords(perDay: number): string {
  if (perDay === 0) return "nothing lately";
  if (perDay >= 0.75) return `about ${Math.round(perDay)} a day`;
  if (perDay * 7 >= 0.75) return `about ${Math.round(perDay * 7)} a week`;
  return `about ${Math.max(1, Math.round(perDay * 30))} a month`;
}

function warn(total: number, perDay: number, days: number): string | null {
  if (total === 0)
    return `No paper of the last ${days} days matches. Check the spelling, or ask for less at once.`;
  if (perDay <= FLOOD_PER_DAY) return null;
  return `That is ${Math.round(perDay)} papers a day, more than a digest shows. Narrow it with another word or a field.`;
}

/** The `count` days up to and including the one of `now`, oldest first, with the given counts and zeros. */
export function lastDays(counts: ReadonlyMap<string, number>, count: number, now: Date): DayCount[] {
  return Array.from({ length: count }, (_, index) => {
    const date = new Date(now.getTime() - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    return { date, count: counts.get(date) ?? 0 };
  });
}
