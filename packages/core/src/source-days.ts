import { announcedAt, announcementDay } from "./arxiv-calendar.ts";
import { type HealthFacts, type HealthState, judgeHealth, type SourceHealth } from "./source-health.ts";

/** What is kept of one category of an arXiv source and one announcement day, counted. */
export interface CategoryDay {
  readonly category: string;
  /** `YYYY-MM-DD`, as arXiv dates it. */
  readonly day: string;
  /** Papers the source itself showed for the first time. */
  readonly shown: number;
  /** Papers of earlier days that its newest answer of the day showed again. */
  readonly repeated: number;
  /** Papers that any of arXiv's services says were announced. */
  readonly announced: number;
  /** Of these, papers the source had not brought, which were fetched another way. */
  readonly filled: number;
  /** Ids that were announced and could not be fetched from anywhere. */
  readonly missing: readonly string[];
  /** What went wrong while it was read and compared: answers that failed, were cut off, or asked us to wait. */
  readonly faults: readonly string[];
  /** When all services were last compared; null while that has not been done in full. */
  readonly comparedAt: Date | null;
}

export const DAY_STATES = ["fresh", "quiet", "waiting", "repeated", "partial", "late", "missing"] as const;
export type DayState = (typeof DAY_STATES)[number];

/** How one category of a source does on its newest announcement day. */
export interface CategoryHealth {
  readonly category: string;
  readonly day: string;
  readonly state: DayState;
  /** One line for people. */
  readonly says: string;
  /** True when papers that should be here are not. */
  readonly late: boolean;
  readonly announced: number;
  readonly filled: number;
  readonly missing: readonly string[];
  readonly faults: readonly string[];
}

/** A source's health, and that of each of its categories where it has any. */
export interface JudgedHealth extends SourceHealth {
  readonly categories: readonly CategoryHealth[];
}

export interface DayHealthFacts extends HealthFacts {
  readonly days?: readonly CategoryDay[] | undefined;
}

/** Between an announcement and its papers in arXiv's feeds there may be this much. */
const GRACE_MS = 6 * 3_600_000;
/** Days of the past that tell what is usual, and how many it takes. */
const HISTORY = 10;
const LEAST_HISTORY = 5;
const LEAST_USUAL = 10;
/** Fewer than this share of what is usual is too few. */
const FEW = 0.3;
/** Ids that one line names. */
const NAMED = 20;

/**
 * How a source does, by its runs and by the announcement day of each of its categories: one of them may repeat yesterday
 * while the others are new. Gaps that were filled are told and make nobody late.
 */
export function judgeSource({ days = [], ...facts }: DayHealthFacts): JudgedHealth {
  const health = judgeHealth(facts);
  if (facts.everyMinutes === null) return { ...health, categories: [] };
  const categories = judgeCategories(facts.kind, days, facts.now);
  const known = categories.filter(({ state }) => state !== "waiting");
  if (known.length === 0) return { ...health, categories };
  const late = categories.some((category) => category.late);
  const worst = worstOf(known);
  if (health.state === "failing" || worst === undefined) {
    const isSettled = health.state === "stale" || health.state === "repeated" || health.state === "partial";
    return isSettled
      ? { state: "ok", says: known.map(inOneLine).join("; "), late, categories }
      : { ...health, late, categories };
  }
  return {
    state: STATE_OF[worst.state],
    says: known.filter(isTrouble).map(inOneLine).join("; "),
    late,
    categories,
  };
}

const STATE_OF: Readonly<Record<DayState, HealthState>> = {
  fresh: "ok",
  quiet: "quiet",
  waiting: "ok",
  partial: "partial",
  late: "stale",
  repeated: "repeated",
  missing: "missing",
};

const isTrouble = ({ state }: CategoryHealth) => SEVERITY.includes(state);
const SEVERITY: readonly DayState[] = ["partial", "late", "repeated", "missing"];
const worstOf = (categories: readonly CategoryHealth[]): CategoryHealth | undefined =>
  categories.filter(isTrouble).toSorted((a, b) => SEVERITY.indexOf(b.state) - SEVERITY.indexOf(a.state))[0];
const inOneLine = ({ category, state, says }: CategoryHealth) => `${category} ${state}: ${says}`;

/** Judges the newest announcement day of each category that the days of a source know, and whatever is still missing of older ones. */
export function judgeCategories(kind: string, days: readonly CategoryDay[], now: Date): CategoryHealth[] {
  const today = announcementDay(now);
  const names = [...new Set(days.map(({ category }) => category))].sort();
  return names.map((category) => {
    const mine = days.filter((day) => day.category === category && day.day <= today);
    const current = mine.find(({ day }) => day === today) ?? emptyDay(category, today);
    const past = mine.filter(({ day }) => day < today).toSorted((a, b) => b.day.localeCompare(a.day));
    return judgeDay(kind, current, past, now);
  });
}

/** A category and day of which nothing is known yet. */
export const emptyDay = (category: string, day: string): CategoryDay => ({
  category,
  day,
  shown: 0,
  repeated: 0,
  announced: 0,
  filled: 0,
  missing: [],
  faults: [],
  comparedAt: null,
});

/** Judges one day of one category; `past` are the days before it, newest first. */
export function judgeDay(
  kind: string,
  day: CategoryDay,
  past: readonly CategoryDay[],
  now: Date,
): CategoryHealth {
  const missing = [...new Set([day, ...past].flatMap((each) => each.missing))];
  const { category, announced, filled, faults } = day;
  const of = (state: DayState, says: string, late: boolean): CategoryHealth => {
    const facts = { category, day: day.day, announced, filled, missing, faults };
    return { ...facts, state, says: withFaults(says, faults), late };
  };
  if (missing.length > 0) return of("missing", missingIn(missing), true);
  const isComplete = day.comparedAt !== null;
  const rest = filled > 0 ? `, ${filled} fetched another way` : "";
  const isLate = !isComplete;
  const usual = usualOf(past);
  if (day.shown === 0 && day.repeated > 0)
    return of("repeated", `the papers of an earlier day came again${rest}`, isLate);
  const brought = kind === "arxiv-rss" ? day.shown : announced - filled;
  if (brought === 0) {
    if (announced > 0) return of("late", `none of ${announced} announced papers came from it${rest}`, isLate);
    if (isComplete) return of("quiet", "arXiv announced nothing", false);
    const isDue = now.getTime() - announcedAt(day.day).getTime() >= GRACE_MS;
    if (!isDue) return of("waiting", "nothing yet", false);
    return isUsual(past) ? of("late", "nothing came", true) : of("quiet", "nothing today", false);
  }
  if (filled > 0) return of("partial", `${brought} of ${announced} came from it${rest}`, isLate);
  if (day.repeated > 0)
    return of("partial", `${day.repeated} of an earlier day came again beside ${day.shown} new`, isLate);
  if (!isComplete && usual !== null && brought < usual * FEW)
    return of("partial", `${brought} new, where about ${usual} are usual`, true);
  return of("fresh", `${Math.max(brought, announced)} announced`, false);
}

function missingIn(ids: readonly string[]): string {
  const more = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : "";
  const papers = ids.length === 1 ? "1 announced paper" : `${ids.length} announced papers`;
  return `${papers} could not be fetched from anywhere: ${ids.slice(0, NAMED).join(", ")}${more}`;
}

const withFaults = (says: string, faults: readonly string[]) =>
  faults.length === 0 ? says : `${says} (${faults.slice(-3).join("; ")})`;

const sizeOf = ({ shown, announced }: CategoryDay) => Math.max(shown, announced);

/** What a day of this category brings, if enough are known to tell. */
function usualOf(past: readonly CategoryDay[]): number | null {
  const sizes = past
    .slice(0, HISTORY)
    .map(sizeOf)
    .toSorted((a, b) => a - b);
  const usual = sizes[sizes.length >> 1] ?? 0;
  return sizes.length >= LEAST_HISTORY && usual >= LEAST_USUAL ? usual : null;
}

/** Whether papers come on most days. */
function isUsual(past: readonly CategoryDay[]): boolean {
  const recent = past.slice(0, HISTORY);
  return recent.length > 0 && recent.filter((day) => sizeOf(day) > 0).length >= recent.length * 0.8;
}
