import { Temporal } from "temporal-polyfill";
import { ARXIV_ANNOUNCES, isArxivHoliday } from "./arxiv-calendar.ts";

/** One run of a source, as far as its health is judged by it. */
export interface RunFacts {
  readonly startedAt: Date;
  /** `repeated`: the batch of the run before, under a new date. */
  readonly outcome: "ok" | "unchanged" | "repeated" | "busy" | "failed" | "refused";
  readonly reason: string | null;
  /** Papers that this source had not shown before, whichever source was the first to. */
  readonly created: number;
}

export const HEALTH_STATES = [
  "ok",
  "quiet",
  "new",
  "off",
  "stale",
  "partial",
  "repeated",
  "missing",
  "failing",
] as const;
export type HealthState = (typeof HEALTH_STATES)[number];

export interface SourceHealth {
  readonly state: HealthState;
  /** One line for people. */
  readonly says: string;
  /** True when papers that should be here are not: readers are told. */
  readonly late: boolean;
}

export interface HealthFacts {
  readonly kind: string;
  /** Null for a source that is read by hand. */
  readonly everyMinutes: number | null;
  /** Newest first; a month is plenty. */
  readonly runs: readonly RunFacts[];
  readonly now: Date;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Between an announcement and its papers at the source there may be this much. */
const GRACE_MS = 6 * HOUR_MS;
/** Announcements of the past that are looked at. */
const HISTORY = 10;
/** A source that brought papers after so large a share of them is expected to do it again. */
const RELIABLE = 0.8;
/** A search may be so narrow that it finds something now and then only: it has to show its rhythm first. */
const LEAST_TO_EXPECT: Readonly<Record<string, number>> = { "arxiv-api": 3 };
/** Fewer than this share of what is usual is too few, where enough are usual to tell. */
const FEW = 0.3;
const LEAST_USUAL = 10;
const LEAST_HISTORY = 5;

/**
 * Tells "nothing today" from trouble: a source that fails, that repeats yesterday's batch under today's date, that has
 * missed its rhythm, or brings far fewer papers than usual. Weekends and holidays of arXiv are not trouble, nor is a
 * source that often has nothing.
 */
export function judgeHealth(facts: HealthFacts): SourceHealth {
  const health = judgeRuns(facts);
  // What was wrong with the last answer that could be read all the same, and that nothing has been read over since.
  const read = facts.runs.find(({ outcome }) => outcome !== "unchanged" && outcome !== "busy");
  const note = read?.outcome === "ok" || read?.outcome === "repeated" ? read.reason : null;
  return note === null || health.state === "off" ? health : { ...health, says: `${health.says}; ${note}` };
}

function judgeRuns({ kind, everyMinutes, runs, now }: HealthFacts): SourceHealth {
  const [last] = runs;
  if (everyMinutes === null) return { state: "off", says: "read by hand", late: false };
  if (last === undefined) return { state: "new", says: "not read yet", late: false };
  const due = lastAnnouncement(kind, new Date(now.getTime() - GRACE_MS));
  const isFailing = last.outcome === "failed" || last.outcome === "refused";
  const failing = { state: "failing", says: last.reason ?? "the last run failed" } as const;
  if (due === null) return isFailing ? { ...failing, late: false } : judgeSilence(runs, now);
  const past = pastAnnouncements(kind, due, runs);
  const isMissed = broughtSince(runs, due) === 0 && runs.some(({ startedAt }) => startedAt < due);
  const late = isMissed && isExpected(kind, past);
  if (isFailing) return { ...failing, late };
  if (last.outcome === "repeated" && late)
    return { state: "repeated", says: "the batch of the day before came again under a new date", late };
  const brought = runs.find(({ created }) => created > 0);
  if (late) return { state: "stale", says: `nothing new since ${dateOf(brought?.startedAt ?? due)}`, late };
  if (isMissed && brought === undefined) return { state: "stale", says: "nothing since it was added", late };
  return judgeAmount(broughtSince(runs, due), past);
}

const broughtSince = (runs: readonly RunFacts[], since: Date, until?: Date): number =>
  runs
    .filter(({ startedAt }) => startedAt >= since && (until === undefined || startedAt < until))
    .reduce((sum, { created }) => sum + created, 0);

/** What came after each of the announcements before the one that is due, as far as the source was read then. */
function pastAnnouncements(kind: string, due: Date, runs: readonly RunFacts[]): number[] {
  const brought: number[] = [];
  let until = due;
  for (let place = 0; place < HISTORY; place++) {
    const at = lastAnnouncement(kind, new Date(until.getTime() - 1));
    if (at === null) break;
    if (runs.some(({ startedAt }) => startedAt >= at && startedAt < until))
      brought.push(broughtSince(runs, at, until));
    until = at;
  }
  return brought;
}

function isExpected(kind: string, past: readonly number[]): boolean {
  const full = past.filter((count) => count > 0).length;
  return past.length >= (LEAST_TO_EXPECT[kind] ?? 1) && full >= past.length * RELIABLE;
}

function judgeAmount(today: number, past: readonly number[]): SourceHealth {
  const usual = past.toSorted((a, b) => a - b)[past.length >> 1] ?? 0;
  if (today === 0) return { state: "quiet", says: "nothing today", late: false };
  const isFew = past.length >= LEAST_HISTORY && usual >= LEAST_USUAL && today < usual * FEW;
  return isFew
    ? { state: "partial", says: `${today} new, where about ${usual} are usual`, late: true }
    : { state: "ok", says: `${today} new`, late: false };
}

/** A feed has no rhythm that anybody knows: it is stale when it has been silent for twice as long as it ever was. */
function judgeSilence(runs: readonly RunFacts[], now: Date): SourceHealth {
  const times = runs.filter(({ created }) => created > 0).map(({ startedAt }) => startedAt.getTime());
  const gaps = times.slice(1).map((time, place) => (times[place] as number) - time);
  const silence = now.getTime() - (times[0] ?? now.getTime());
  if (gaps.length >= LEAST_HISTORY && silence > Math.max(DAY_MS, 2 * Math.max(...gaps)))
    return { state: "stale", says: `nothing new since ${dateOf(new Date(times[0] as number))}`, late: false };
  const today = broughtSince(runs, new Date(now.getTime() - DAY_MS));
  return {
    state: today === 0 ? "quiet" : "ok",
    says: today === 0 ? "nothing today" : `${today} new`,
    late: false,
  };
}

const dateOf = (instant: Date) => instant.toISOString().slice(0, 10);

interface Rhythm {
  readonly timeZone: string;
  /** ISO 8601 days of the week, 1 Monday to 7 Sunday. */
  readonly days: readonly number[];
  readonly hour: number;
  readonly isHoliday: (date: Temporal.PlainDate) => boolean;
}

/**
 * arXiv announces Sunday to Thursday at 20:00 US Eastern (info.arxiv.org/help/availability); Hugging Face lists on working
 * days, the first papers within two hours after midnight UTC.
 */
function rhythmOf(kind: string): Rhythm | null {
  if (kind.startsWith("arxiv-")) return ARXIV;
  return kind === "hf" ? HUGGING_FACE : null;
}

const ARXIV: Rhythm = { ...ARXIV_ANNOUNCES, isHoliday: isArxivHoliday };
const HUGGING_FACE: Rhythm = { timeZone: "UTC", days: [1, 2, 3, 4, 5], hour: 0, isHoliday: () => false };

/** What readers call a source of this kind. */
export function sourceTitle(kind: string, name: string): string {
  if (kind.startsWith("arxiv-")) return "arXiv";
  return kind === "hf" ? "Hugging Face" : name;
}

/** The newest announcement a source of this kind was to make up to an instant; null for a source without rhythm. */
export function lastAnnouncement(kind: string, until: Date): Date | null {
  const rhythm = rhythmOf(kind);
  if (rhythm === null) return null;
  const local = Temporal.Instant.fromEpochMilliseconds(until.getTime()).toZonedDateTimeISO(rhythm.timeZone);
  for (let back = 0; back < 14; back++) {
    const date = local.toPlainDate().subtract({ days: back });
    const at = date.toZonedDateTime({ timeZone: rhythm.timeZone, plainTime: { hour: rhythm.hour } });
    const instant = new Date(at.epochMilliseconds);
    if (instant <= until && rhythm.days.includes(date.dayOfWeek) && !rhythm.isHoliday(date)) return instant;
  }
  return null;
}
