import { DAY_MS } from "./durations.ts";
/** What sightings of a paper say at one time; null where no source tells. */
export interface SignalReading {
  readonly upvotes: number | null;
  readonly stars: number | null;
  readonly comments: number | null;
  readonly at: Date;
}

/** What the trending score of a paper is computed from; docs/trending.md explains each part. */
export interface TrendingSignals {
  /** The newest sighting that shows any signal; null when none does. */
  readonly latest: SignalReading | null;
  /** The newest one that is at least {@link BASELINE_GAP_MS} older than that. */
  readonly before: SignalReading | null;
  /** When a source first listed it with signals; when it was first seen where none has. */
  readonly firstSeenAt: Date;
}

/** Papers first listed longer ago than this no longer trend. */
export const TRENDING_WINDOW_MS = 7 * DAY_MS;
/** A gain is measured over about a day: sources are read at odd hours. */
export const BASELINE_GAP_MS = 20 * 60 * 60 * 1000;

/** How much the gain since yesterday counts beside the average since the paper appeared. */
const GAIN_WEIGHT = 0.7;
const STARS_PER_UPVOTE = 10;
/** A paper that is not seen to gain any more fades by half in this time. */
const HALF_LIFE_MS = 6 * 60 * 60 * 1000;
/** Keeps the order of papers that gain nothing by their age. */
const FLOOR = 0.5;

/**
 * How strongly a paper trends, always above 0: what it gains a day, fading with its age and, faster, with the time
 * since it was last seen to gain. A paper without signals scores below 0 and is ranked by freshness.
 */
export function trendingScore({ latest, before, firstSeenAt }: TrendingSignals, now: Date): number {
  const age = daysBetween(firstSeenAt, now);
  if (latest === null) return -age - 1;
  const speed = speedOf(latest, before, firstSeenAt);
  const rest = Math.max(0, now.getTime() - latest.at.getTime());
  return ((speed + FLOOR) / (age + 1)) * 0.5 ** (rest / HALF_LIFE_MS);
}

/** Upvotes a day, comments counted as upvotes; stars count by what they gained, since a repository may be old. */
function speedOf(latest: SignalReading, before: SignalReading | null, firstSeenAt: Date): number {
  const average = points(latest) / (daysBetween(firstSeenAt, latest.at) + 1);
  if (before === null) return average;
  const days = Math.max(daysBetween(before.at, latest.at), BASELINE_GAP_MS / DAY_MS);
  const stars = latest.stars === null || before.stars === null ? 0 : latest.stars - before.stars;
  const gained = Math.max(0, points(latest) - points(before)) + Math.max(0, stars) / STARS_PER_UPVOTE;
  return GAIN_WEIGHT * (gained / days) + (1 - GAIN_WEIGHT) * average;
}

const points = ({ upvotes, comments }: SignalReading): number => (upvotes ?? 0) + (comments ?? 0);

const daysBetween = (from: Date, to: Date): number => Math.max(0, to.getTime() - from.getTime()) / DAY_MS;

/** A baseline older than this is not "yesterday". */
const YESTERDAY_MS = 2 * DAY_MS;

/** Why a paper trends, in the words the digest shows: `▲ 120, 35 since yesterday`; null without signals. */
export function trendingReason({ latest, before }: TrendingSignals): string | null {
  if (latest === null) return null;
  const near = before !== null && latest.at.getTime() - before.at.getTime() <= YESTERDAY_MS ? before : null;
  if (latest.upvotes) return reason("▲", latest.upvotes, near?.upvotes ?? null);
  return latest.stars ? reason("★", latest.stars, near?.stars ?? null) : null;
}

function reason(mark: string, count: number, before: number | null): string {
  const gained = before === null ? 0 : count - before;
  return gained > 0 ? `${mark} ${count}, ${gained} since yesterday` : `${mark} ${count}`;
}

/** The two readings that count, out of all sightings of a paper up to some time, in any order. */
export function signalsOf(readings: readonly SignalReading[], firstSeenAt: Date): TrendingSignals {
  const telling = readings
    .filter(({ upvotes, stars, comments }) => Boolean(upvotes || stars || comments))
    .sort((a, b) => b.at.getTime() - a.at.getTime());
  const [latest = null] = telling;
  const limit = (latest?.at.getTime() ?? 0) - BASELINE_GAP_MS;
  const before = telling.find(({ at }) => at.getTime() <= limit) ?? null;
  return { latest, before, firstSeenAt };
}

/** Ranks candidates, strongest first; ties go to the one first seen last, then to the higher id. */
export function rankTrending<Candidate extends { readonly id: number; readonly signals: TrendingSignals }>(
  candidates: readonly Candidate[],
  now: Date,
): Candidate[] {
  const scored = candidates.map((candidate) => ({ candidate, score: trendingScore(candidate.signals, now) }));
  scored.sort(
    (a, b) =>
      b.score - a.score ||
      b.candidate.signals.firstSeenAt.getTime() - a.candidate.signals.firstSeenAt.getTime() ||
      b.candidate.id - a.candidate.id,
  );
  return scored.map(({ candidate }) => candidate);
}
