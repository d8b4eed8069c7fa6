import {
  announcedAt,
  announcementDay,
  announcementDayBefore,
  announcementDays,
  announcementDayUpTo,
} from "@paperboy/core";
import type { ComparedDay, KnownDay } from "@paperboy/db";
import type { Announced, ArxivScope, DaySpan } from "@paperboy/sources";
import { lookBackFrom } from "./source-days.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** How long after an announcement its day is compared: when arXiv's services have followed, and again while they may not have. */
const COMPARED_AFTER_HOURS = [6, 10, 14, 22];
/** A day that has been compared in full so long after its announcement, with nothing missing, is over. */
const OVER_AFTER_MS = 47 * HOUR_MS;
/** A service that failed is asked again after this; one that asked for a pause without saying how long, too. */
const AGAIN_MS = 60 * MINUTE_MS;

/** The days that are to be compared, and the first one that a source is watched on. */
export interface ComparedSpan extends DaySpan {
  readonly days: readonly string[];
  readonly watchedFrom: string;
}

/** The days of a source that are not over, of the last thirty at most; null when there are none. */
export function openDays(
  scope: ArxivScope,
  known: readonly KnownDay[],
  watchedSince: Date,
  now: Date,
): ComparedSpan | null {
  const watchedFrom = announcementDay(watchedSince);
  const oldest = [announcementDayUpTo(lookBackFrom(now)), watchedFrom].toSorted()[1] as string;
  const closed = new Set(known.filter((day) => day.closed).map(({ day, category }) => `${day} ${category}`));
  const days = announcementDays(oldest, announcementDay(now)).filter((day) =>
    scope.categories.some((category) => !closed.has(`${day} ${category}`)),
  );
  return spanOf(days, watchedFrom);
}

/** The announcement days of a span that was asked for by hand, whether they are over or not; null when there are none. */
export const askedDays = ({ from, to }: DaySpan, now: Date): ComparedSpan | null => {
  const days = announcementDays(from, [to, announcementDay(now)].toSorted()[0] as string);
  return spanOf(days, days[0] ?? from);
};

function spanOf(days: readonly string[], watchedFrom: string): ComparedSpan | null {
  const [from] = days;
  const to = days.at(-1);
  return from === undefined || to === undefined ? null : { from, to, days, watchedFrom };
}

/** The day each id is known to be of: the earliest it was announced or shown on. */
export function knownDaysOf(known: readonly KnownDay[]): Map<string, string> {
  const dayOf = new Map<string, string>();
  for (const { day, shown, announced } of known)
    for (const id of [...announced, ...shown]) if (!dayOf.has(id)) dayOf.set(id, day);
  return dayOf;
}

/** What a comparison came to. */
export interface Compared {
  readonly announced: readonly Announced[];
  readonly filled: ReadonlySet<string>;
  readonly missing: ReadonlySet<string>;
  readonly faults: readonly string[];
  /** False when a service did not answer in full. */
  readonly complete: boolean;
}

/** The rows of the days compared: what was announced, filled and is missing of each category. */
export function dayRows(
  scope: ArxivScope,
  { days, to }: ComparedSpan,
  { announced, filled, missing, faults, complete }: Compared,
  now: Date,
): ComparedDay[] {
  return days.flatMap((day) => {
    // Of days that are over only what was filled now is left to be noted, on the newest one.
    const mine = announced.filter(
      (each) => each.day === day || (day === to && !days.includes(each.day) && filled.has(each.id)),
    );
    const isOver = complete && now.getTime() - announcedAt(day).getTime() >= OVER_AFTER_MS;
    return scope.categories.map((category): ComparedDay => {
      const ids = mine.filter(({ categories }) => categories.includes(category)).map(({ id }) => id);
      const lost = ids.filter((id) => missing.has(id));
      return {
        category,
        day,
        announced: ids,
        filled: ids.filter((id) => filled.has(id)),
        missing: lost,
        faults: day === to ? faults : [],
        complete,
        closed: isOver && lost.length === 0,
      };
    });
  });
}

/** When a source is compared next. */
export function nextComparison(retryAt: Date | null, complete: boolean, now: Date): Date {
  if (retryAt !== null && retryAt > now) return retryAt;
  const today = announcementDay(now);
  const days = [announcementDayBefore(today), ...announcementDays(today, laterDate(now))];
  const times = days.flatMap((day) =>
    COMPARED_AFTER_HOURS.map((hours) => announcedAt(day).getTime() + hours * HOUR_MS),
  );
  const usual = times.filter((time) => time > now.getTime()).toSorted((a, b) => a - b)[0];
  const again = now.getTime() + AGAIN_MS;
  const fallback = now.getTime() + 24 * HOUR_MS;
  return new Date(complete ? (usual ?? fallback) : Math.min(again, usual ?? again));
}

/** The next announcement may be behind a weekend. */
const laterDate = (now: Date) => new Date(now.getTime() + 4 * 24 * HOUR_MS).toISOString().slice(0, 10);
