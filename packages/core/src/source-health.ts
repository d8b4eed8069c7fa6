import { Temporal } from "temporal-polyfill";

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
/** Between an announcement and its papers at the source there may be this much. */
const GRACE_MS = 6 * HOUR_MS;
/** Fewer than this share of what is usual is too few. */
const FEW = 0.3;
const LEAST_HISTORY = 5;

/**
 * Tells "nothing today" from trouble: a source that fails, that repeats yesterday's batch under today's date, that has
 * missed its rhythm, or brings far fewer papers than usual. Weekends and holidays of arXiv are not trouble.
 */
export function judgeHealth({ kind, everyMinutes, runs, now }: HealthFacts): SourceHealth {
  const [last] = runs;
  if (everyMinutes === null) return { state: "off", says: "read by hand", late: false };
  if (last === undefined) return { state: "new", says: "not read yet", late: false };
  const due = lastAnnouncement(kind, new Date(now.getTime() - GRACE_MS));
  const brought = runs.find(({ created }) => created > 0);
  const missed = due !== null && (brought === undefined || brought.startedAt < due);
  if (last.outcome === "failed" || last.outcome === "refused") {
    return { state: "failing", says: last.reason ?? "the last run failed", late: missed };
  }
  if (last.outcome === "repeated" && missed) {
    return { state: "repeated", says: "the batch of the day before came again under a new date", late: true };
  }
  if (missed && runs.some(({ startedAt }) => startedAt < due)) {
    return {
      state: "stale",
      says: `nothing new since ${brought ? dateOf(brought.startedAt) : "it was added"}`,
      late: true,
    };
  }
  return judgeAmount(kind, runs, due ?? new Date(now.getTime() - 24 * HOUR_MS));
}

function judgeAmount(kind: string, runs: readonly RunFacts[], since: Date): SourceHealth {
  const byDay = new Map<string, number>();
  for (const { startedAt, created } of runs) {
    if (startedAt < since && created > 0)
      byDay.set(dateOf(startedAt), (byDay.get(dateOf(startedAt)) ?? 0) + created);
  }
  const usual = [...byDay.values()].sort((a, b) => a - b)[byDay.size >> 1] ?? 0;
  const today = runs
    .filter(({ startedAt }) => startedAt >= since)
    .reduce((sum, { created }) => sum + created, 0);
  if (today === 0) return { state: "quiet", says: "nothing today", late: false };
  if (rhythmOf(kind) !== null && byDay.size >= LEAST_HISTORY && today < usual * FEW) {
    return { state: "partial", says: `${today} new, where about ${usual} are usual`, late: true };
  }
  return { state: "ok", says: `${today} new`, late: false };
}

const dateOf = (instant: Date) => instant.toISOString().slice(0, 10);

interface Rhythm {
  readonly timeZone: string;
  /** ISO 8601 days of the week, 1 Monday to 7 Sunday. */
  readonly days: readonly number[];
  readonly hour: number;
  readonly isHoliday: (date: Temporal.PlainDate) => boolean;
}

/** arXiv announces Sunday to Thursday at 20:00 US Eastern (info.arxiv.org/help/availability); Hugging Face lists on working days. */
function rhythmOf(kind: string): Rhythm | null {
  if (kind.startsWith("arxiv-")) return ARXIV;
  return kind === "hf" ? HUGGING_FACE : null;
}

const ARXIV: Rhythm = {
  timeZone: "America/New_York",
  days: [7, 1, 2, 3, 4],
  hour: 20,
  isHoliday: isArxivHoliday,
};
const HUGGING_FACE: Rhythm = { timeZone: "UTC", days: [1, 2, 3, 4, 5], hour: 12, isHoliday: () => false };

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

/**
 * Days without an announcement: US federal holidays that arXiv keeps, the day after Thanksgiving and the last week of
 * December. A day too many here only means that a late batch is called quiet instead.
 */
function isArxivHoliday(date: Temporal.PlainDate): boolean {
  const { month, day, dayOfWeek } = date;
  const nth = Math.ceil(day / 7);
  if ((month === 1 && day === 1) || (month === 6 && day === 19) || (month === 7 && day === 4)) return true;
  if (month === 12 && day >= 24) return true;
  if (dayOfWeek === 1) {
    return (month === 1 && nth === 3) || (month === 5 && day > 24) || (month === 9 && nth === 1);
  }
  return month === 11 && ((dayOfWeek === 4 && nth === 4) || (dayOfWeek === 5 && day >= 23 && day <= 29));
}
