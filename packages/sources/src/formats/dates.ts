import { monthOf, type Offset, offsetOf } from "./date-words.ts";

/** Clocks disagree, and some feeds stamp tomorrow's batch today; past this a date is a mistake. */
const MAX_AHEAD_MS = 2 * 24 * 60 * 60 * 1000;
/** Longer than any date: `Wednesday, 30 September 2026 10:00:00.123456 GMT+0200 (Central European Summer Time)`. */
const MAX_LENGTH = 120;

/** A day, counted from 1 as people do. */
interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Milliseconds since midnight, and the zone they are told in. */
interface Clock {
  readonly ms: number;
  readonly offset: Offset;
}

/** What is left of a date once its day is read: the words of its time and zone. */
interface Dated {
  readonly date: Day;
  readonly rest: readonly string[];
}

/**
 * Reads a date a source wrote: ISO 8601 and its profiles down to a bare year; RFC 822, RFC 850 and RFC 5322 with zones as
 * numbers or names, weekdays and months short or in full, and years of two digits; asctime; the forms blog software has of its
 * own; or Unix time in seconds or milliseconds. Without a zone it is UTC, so that every machine reads the same instant.
 * Undefined when it can't be read, can be read as two different days, or lies more than two days after `now`: a paper is worth
 * more than its date.
 */
export function readDate(value: string | number | undefined, now: Date): Date | undefined {
  if (value === undefined) return undefined;
  const instant = typeof value === "number" ? unixTime(value) : instantOf(value);
  return instant <= now.getTime() + MAX_AHEAD_MS ? new Date(instant) : undefined;
}

const unixTime = (value: number): number => value * (Math.abs(value) < 1e11 ? 1000 : 1);

/** NaN when it can't be read. */
function instantOf(value: string): number {
  const text = value.trim();
  if (text === "" || text.length > MAX_LENGTH) return Number.NaN;
  // Seconds since 2001, or milliseconds; shorter numbers are days.
  if (/^[1-9]\d{9}(?:\d{3})?$/.test(text)) return unixTime(Number(text));
  const words = withoutWeekday(wordsOf(text));
  const found = numericDay(words) ?? dayInWords(words);
  if (found === null) return Number.NaN;
  const clock = found.rest.length === 0 ? { ms: 0, offset: () => 0 } : readClock(found.rest);
  return clock === null ? Number.NaN : toInstant(found.date, clock);
}

function toInstant({ year, month, day }: Day, { ms, offset }: Clock): number {
  const midnight = Date.UTC(year, month - 1, day);
  const date = new Date(midnight);
  // JavaScript rolls 30 February over into March; a day that does not exist is a mistake, not a date.
  if (year < 1000 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return Number.NaN;
  return midnight + ms - offset(midnight + ms) * 60_000;
}

/** Words in lower case, without accents, commas and comments; the `T` of ISO 8601 and the signs of CJK dates are spaces. */
function wordsOf(text: string): string[] {
  const bracket = text.indexOf("(");
  const bare = bracket > 0 && text.endsWith(")") ? text.slice(0, bracket) : text;
  return bare
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, "")
    .normalize("NFC")
    .replace(/[年月년월] ?/g, "-")
    .replace(/[日일]/g, " ")
    .replace(/(:\d\d),(?=\d)/g, "$1.")
    .replace(/(\d)t(?=\d)/g, "$1 ")
    .replace(/\b([ap])\.m\.?/g, "$1m")
    .replace(/(\d)([ap]m)\b/g, "$1 $2")
    .split(/[\s,]/)
    .filter((word) => word !== "" && word !== "-" && word !== "at");
}

/** A word in front of a day that is no month, or that stands beside one (`mar., 01 déc. 2020`), is the weekday in some language. */
function withoutWeekday(words: readonly string[]): readonly string[] {
  const [first = "", ...others] = words;
  if (!/^\p{L}{2,12}\.?$/u.test(first)) return words;
  // A year says nothing beside a word that may be anything.
  if (others.length === 1 && /^\d{4}$/.test(others[0] as string)) return words;
  const isMonth = monthOf(first) !== null && !others.some((word) => monthOf(word) !== null);
  return isMonth ? words : others;
}

/** `2026-06-05`, `2026-6-5`, `2026/06/05`, `2026-06`. */
const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2}|0\d\d)(?:\2(\d{1,2}))?$/;
/** `20260605`; also the ordinal `2026-156`. */
const BASIC = /^(\d{4})(\d\d)(\d\d)$/;
const ORDINAL = /^(\d{4})-?(\d{3})$/;
/** `30.10.2026`; with slashes nobody can tell the day from the month. */
const DAY_FIRST = /^(\d{1,2})\.(\d{1,2})\.(\d{4}|\d\d)$/;

function numericDay([word = "", ...rest]: readonly string[]): Dated | null {
  if (/^\d{4}$/.test(word)) return rest.length === 0 ? dated(Number(word), 1, 1, rest) : null;
  const ordinal = ORDINAL.exec(word);
  if (ordinal !== null) return ordinalDay(Number(ordinal[1]), Number(ordinal[2]), rest);
  const [, year, , month, day] = YEAR_FIRST.exec(word) ?? [];
  // `2026-06 10:00` is no time of any day.
  if (year !== undefined && (day !== undefined || rest.length === 0))
    return dated(Number(year), Number(month), Number(day ?? 1), rest);
  const basic = BASIC.exec(word);
  if (basic !== null) return dated(Number(basic[1]), Number(basic[2]), Number(basic[3]), rest);
  const [found, first, second, written = ""] = DAY_FIRST.exec(word) ?? [];
  const lastYear = yearOf(written);
  return found === undefined || lastYear === null
    ? null
    : dated(lastYear, Number(second), Number(first), rest);
}

const dated = (year: number, month: number, day: number, rest: readonly string[]): Dated => ({
  date: { year, month, day },
  rest,
});

function ordinalDay(year: number, place: number, rest: readonly string[]): Dated | null {
  const date = new Date(Date.UTC(year, 0, place));
  if (place === 0 || date.getUTCFullYear() !== year) return null;
  return dated(year, date.getUTCMonth() + 1, date.getUTCDate(), rest);
}

/** `5 June 2026`, `5-Jun-26`, `June 5 2026`, `June 2026`, and asctime's `Jun 5 10:00:00 2026`. */
function dayInWords(words: readonly string[]): Dated | null {
  const [head = "", ...tail] = words;
  const parts = head.split("-");
  const spread = parts.length === 3 ? [...parts, ...tail] : words;
  const [first = "", second = "", third = "", ...rest] = spread;
  if (monthOf(second) !== null) return composed(third, second, first, rest);
  if (monthOf(first) === null) return null;
  if (third === "") return /^\d{4}$/.test(second) ? composed(second, first, "1", rest) : null;
  if (!third.includes(":")) return composed(third, first, second, rest);
  const year = rest.at(-1) ?? "";
  return /^\d{4}$/.test(year) ? composed(year, first, second, [third, ...rest.slice(0, -1)]) : null;
}

function composed(
  yearWord: string,
  monthWord: string,
  dayWord: string,
  rest: readonly string[],
): Dated | null {
  const year = yearOf(yearWord);
  const month = monthOf(monthWord);
  const [, day] = /^(\d{1,2})(?:st|nd|rd|th|\.)?$/.exec(dayWord) ?? [];
  return year === null || month === null || day === undefined ? null : dated(year, month, Number(day), rest);
}

/** Years of two digits are of this century up to 49, and of the last one from 50 on (RFC 5322, section 4.3). */
function yearOf(digits: string): number | null {
  if (/^\d{4}$/.test(digits)) return Number(digits);
  if (!/^\d\d$/.test(digits)) return null;
  return Number(digits) + (Number(digits) < 50 ? 2000 : 1900);
}

/** Hours and minutes, seconds and their fraction, and the zone where no space parts it from them. */
const TIME = /^(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?((?:gmt|utc)?[-+z].*)?$/;
/** `101500` and `1015`, the basic form of ISO 8601. */
const BASIC_TIME = /^(\d\d)(\d\d)(?:(\d\d)(?:\.(\d{1,9}))?)?([-+z].*)?$/;
/** `10 PM`. */
const HOUR = /^\d{1,2}$/;

function readClock([word = "", ...rest]: readonly string[]): Clock | null {
  const half = rest[0] === "am" || rest[0] === "pm" ? rest[0] : null;
  const zoneWords = half === null ? rest : rest.slice(1);
  const found = TIME.exec(word) ?? BASIC_TIME.exec(word);
  // A zone and no time: `26 Sep 2026 GMT`.
  if (found === null && half === null) return zoneOnly([word, ...rest]);
  if (found === null && !HOUR.test(word)) return null;
  const [, hour = word, minute = "0", second = "0", fraction = "", zone = ""] = found ?? [];
  const ms = sinceMidnight(hourOfDay(Number(hour), half), Number(minute), Number(second), fraction);
  const offset = offsetOf([zone, ...zoneWords].join(""));
  return ms === null || offset === null ? null : { ms, offset };
}

function zoneOnly(words: readonly string[]): Clock | null {
  const zone = words.join("");
  const offset = /^[a-z]/.test(zone) ? offsetOf(zone) : null;
  return offset && { ms: 0, offset };
}

function hourOfDay(hour: number, half: "am" | "pm" | null): number {
  if (half === null || hour > 12) return hour;
  return (hour % 12) + (half === "pm" ? 12 : 0);
}

/** Null for a time that does not exist; `24:00` is the end of the day, and a leap second the second after it. */
function sinceMidnight(hour: number, minute: number, second: number, fraction: string): number | null {
  const isEndOfDay = hour === 24 && minute === 0 && second === 0;
  if ((hour > 23 && !isEndOfDay) || minute > 59 || second > 60) return null;
  return ((hour * 60 + minute) * 60 + second) * 1000 + Number(fraction.padEnd(3, "0").slice(0, 3));
}
