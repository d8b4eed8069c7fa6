import { Temporal } from "temporal-polyfill";

/** arXiv announces Sunday to Thursday at 20:00 US Eastern (info.arxiv.org/help/availability); ISO 8601 days of the week. */
export const ARXIV_ANNOUNCES = {
  timeZone: "America/New_York",
  days: [7, 1, 2, 3, 4] as readonly number[],
  hour: 20,
} as const;

/** What is submitted by this hour, US Eastern, of a working day is announced in its evening, Friday's on Sunday. */
const SUBMITTED_BY_HOUR = 14;
/** More than any run of holidays and weekends. */
const MOST_DAYS_APART = 14;

const inNewYork = (instant: Date) =>
  Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(ARXIV_ANNOUNCES.timeZone);

const atHour = (date: Temporal.PlainDate, hour: number): Date =>
  new Date(
    date.toZonedDateTime({ timeZone: ARXIV_ANNOUNCES.timeZone, plainTime: { hour } }).epochMilliseconds,
  );

const announces = (evening: Temporal.PlainDate): boolean =>
  ARXIV_ANNOUNCES.days.includes(evening.dayOfWeek) && !isArxivHoliday(evening);

/**
 * When the papers of an announcement day are announced: 20:00 US Eastern of the evening before. A day is named as arXiv's
 * feeds and its OAI-PMH datestamps name it: by the date that begins that night, Monday to Friday, ISO 8601.
 */
export const announcedAt = (day: string): Date => new Date(announcedMs(day));

/** Days are asked about for each of thousands of papers, and reckoning with time zones is slow. */
function remembered<Result>(reckon: (key: string) => Result): (key: string) => Result {
  const known = new Map<string, Result>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    if (known.size >= MOST_REMEMBERED) known.clear();
    const result = reckon(key);
    known.set(key, result);
    return result;
  };
}

const MOST_REMEMBERED = 5_000;

const announcedMs = remembered((day) =>
  atHour(Temporal.PlainDate.from(day).subtract({ days: 1 }), ARXIV_ANNOUNCES.hour).getTime(),
);

/** The newest announcement day that is not after a date. */
export function announcementDayUpTo(date: string): string {
  const last = Temporal.PlainDate.from(date);
  for (let back = 0; back < MOST_DAYS_APART; back++) {
    const day = last.subtract({ days: back });
    if (announces(day.subtract({ days: 1 }))) return day.toString();
  }
  return date;
}

/** The newest announcement day whose papers have been announced by an instant. */
export function announcementDay(instant: Date): string {
  const local = inNewYork(instant);
  const tomorrow = local.toPlainDate().add({ days: 1 });
  const isEvening = instant >= atHour(local.toPlainDate(), ARXIV_ANNOUNCES.hour);
  return announcementDayUpTo((isEvening ? tomorrow : local.toPlainDate()).toString());
}

/** The announcement day before another. */
export const announcementDayBefore = (day: string): string =>
  announcementDayUpTo(Temporal.PlainDate.from(day).subtract({ days: 1 }).toString());

/** The announcement days of a span of dates, both ends included, oldest first. */
export function announcementDays(from: string, to: string): string[] {
  const days: string[] = [];
  for (let day = announcementDayUpTo(to); day >= from; day = announcementDayBefore(day)) days.push(day);
  return days.reverse();
}

/** The instant before which papers of an evening are submitted: 14:00 US Eastern, on Friday for Sunday evening. */
function cutoff(evening: Temporal.PlainDate): Date {
  const isSunday = evening.dayOfWeek === 7;
  return atHour(isSunday ? evening.subtract({ days: 2 }) : evening, SUBMITTED_BY_HOUR);
}

const eveningOf = (day: string) => Temporal.PlainDate.from(day).subtract({ days: 1 });

/** The first day on which a paper submitted at an instant can be announced; moderation may hold it longer. */
export function firstAnnouncementDay(submitted: Date): string {
  const local = inNewYork(submitted).toPlainDate().toString();
  const next = cutoffsFrom(local).find(({ before }) => submitted.getTime() < before);
  return next?.day ?? local;
}

/** The announcement days of the evenings from a date on, and before when their papers were submitted. */
const cutoffsFrom = remembered((date) => {
  const first = Temporal.PlainDate.from(date);
  return Array.from({ length: MOST_DAYS_APART }, (_, ahead) => first.add({ days: ahead }))
    .filter(announces)
    .map((evening) => ({ day: evening.add({ days: 1 }).toString(), before: cutoff(evening).getTime() }));
});

/** From when on papers were submitted that can be announced on a day at the earliest. */
export const submittedFrom = (day: string): Date => cutoff(eveningOf(announcementDayBefore(day)));

/** Before when papers were submitted that are announced on a day. */
export const submittedUntil = (day: string): Date => cutoff(eveningOf(day));

/**
 * The announcement day that a feed of arXiv is of: by its own date where it has one (midnight US Eastern), else by the
 * clock, four hours after which the feeds follow an announcement. A date that has not come yet is not believed.
 */
export function feedDay(feedDate: Date | null, now: Date): string {
  const newest = announcementDay(now);
  const shown = feedDate ?? new Date(now.getTime() - FEEDS_FOLLOW_MS);
  const dated =
    feedDate === null
      ? announcementDay(shown)
      : announcementDayUpTo(inNewYork(shown).toPlainDate().toString());
  return [dated, newest].toSorted()[0] as string;
}

const FEEDS_FOLLOW_MS = 4 * 3_600_000;

/**
 * Evenings without an announcement (info.arxiv.org/help/availability, "deferred mailings", of several years): New Year, Martin
 * Luther King Day, Juneteenth, Independence Day, Labor Day, Thanksgiving and some of the last days of December. A day too
 * many here only means that a late batch is called quiet instead.
 */
export function isArxivHoliday(date: Temporal.PlainDate): boolean {
  const { month, day, dayOfWeek } = date;
  const nth = Math.ceil(day / 7);
  if ((month === 1 && day === 1) || (month === 6 && day === 19) || (month === 12 && day >= 24)) return true;
  // On a Friday or Saturday nothing is announced anyway; the Sunday after goes with it.
  if (month === 7 && (day === 4 || (dayOfWeek === 7 && (day === 5 || day === 6)))) return true;
  if (dayOfWeek === 1) return (month === 1 && nth === 3) || (month === 9 && nth === 1);
  return month === 11 && dayOfWeek === 4 && nth === 4;
}
