/** What the trending score of a paper is computed from. */
export interface TrendingSignals {
  /** Upvotes now; null when no source tells. */
  readonly upvotes: number | null;
  /** Upvotes a day before; null when it had not been seen then. */
  readonly upvotesBefore: number | null;
  readonly firstSeenAt: Date;
}

/** Papers first seen longer ago than this no longer trend. */
export const TRENDING_WINDOW_MS = 7 * 24 * 60 * 60 * 1000;

const HOUR_MS = 60 * 60 * 1000;
const GRAVITY = 1.4;

/**
 * How strongly a paper trends: what it gained in the last day counts in full, what it had before counts a
 * quarter, and both fade with the hours since it was first seen. A paper without signals scores below any
 * with one and is ranked by freshness.
 */
export function trendingScore(signals: TrendingSignals, now: Date): number {
  const hours = Math.max(0, now.getTime() - signals.firstSeenAt.getTime()) / HOUR_MS;
  if (signals.upvotes === null) return 1 / (1_000 + hours);
  const before = signals.upvotesBefore ?? 0;
  const gained = Math.max(0, signals.upvotes - before);
  return (1 + gained + before / 4) / (hours + 6) ** GRAVITY;
}

/** Why a paper trends, in the words the digest shows; null when no source tells its upvotes. */
export function trendingReason(signals: TrendingSignals): string | null {
  const { upvotes, upvotesBefore } = signals;
  if (upvotes === null || upvotes === 0) return null;
  const gained = upvotesBefore === null ? 0 : upvotes - upvotesBefore;
  return gained > 0 ? `▲ ${upvotes}, ${gained} since yesterday` : `▲ ${upvotes}`;
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
