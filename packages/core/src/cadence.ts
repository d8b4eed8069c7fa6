import { Temporal } from "temporal-polyfill";
import type { SubscriptionOrder } from "./order.ts";

/** When a subscription's digests come, and nothing else of it. */
export type Schedule = Pick<SubscriptionOrder, "cadence" | "weekday" | "localMinute" | "timezone">;

/** One edition: the local date that names it and the instant it is due. */
export interface Edition {
  /** ISO 8601, e.g. `2026-11-24`. */
  readonly date: string;
  readonly dueAt: Date;
}

/** Whether this is an IANA time zone the runtime knows. */
export function isTimeZone(text: string): boolean {
  try {
    return (
      /^[A-Za-z]/.test(text) &&
      Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId.length > 0
    );
  } catch {
    return false;
  }
}

/** The local date of an instant in a time zone, ISO 8601. */
export function localDate(instant: Date, timezone: string): string {
  return zoned(instant, timezone).toPlainDate().toString();
}

/**
 * The first edition of a schedule that is due after `after` and whose local date is later than `lastDate`.
 * A local time that daylight saving skips is due when the gap ends; one that comes twice, the first time
 * (RFC 5545, section 3.3.5).
 */
export function nextEdition(schedule: Schedule, after: Date, lastDate: string | null): Edition {
  let date = zoned(after, schedule.timezone).toPlainDate();
  if (lastDate !== null && Temporal.PlainDate.compare(date, lastDate) <= 0) {
    date = Temporal.PlainDate.from(lastDate).add({ days: 1 });
  }
  for (;;) {
    const edition = editionOn(schedule, date);
    if (edition !== undefined && edition.dueAt > after) return edition;
    date = date.add({ days: 1 });
  }
}

/**
 * The newest edition of a schedule that is due at `now`: after an outage one digest comes, named by the
 * latest date it could have come on, and not one for each date missed.
 *
 * @param due the oldest edition not planned yet.
 */
export function newestDueEdition(schedule: Schedule, due: Edition, now: Date): Edition {
  let date = zoned(now, schedule.timezone).toPlainDate();
  const oldest = Temporal.PlainDate.from(due.date);
  for (; Temporal.PlainDate.compare(date, oldest) > 0; date = date.subtract({ days: 1 })) {
    const edition = editionOn(schedule, date);
    if (edition !== undefined && edition.dueAt <= now) return edition;
  }
  return due;
}

function editionOn(schedule: Schedule, date: Temporal.PlainDate): Edition | undefined {
  if (schedule.cadence === "weekdays" && date.dayOfWeek > 5) return undefined;
  if (schedule.cadence === "weekly" && date.dayOfWeek !== schedule.weekday) return undefined;
  const time = { hour: Math.floor(schedule.localMinute / 60), minute: schedule.localMinute % 60 };
  const at = date.toPlainDateTime(time).toZonedDateTime(schedule.timezone, { disambiguation: "compatible" });
  return { date: date.toString(), dueAt: new Date(at.epochMilliseconds) };
}

const zoned = (instant: Date, timezone: string) =>
  Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timezone);
