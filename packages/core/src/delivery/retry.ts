/** Minutes before each further attempt after a transient failure; RFC 5321, section 4.5.4.1 asks for growing gaps. */
const RETRY_MINUTES = [5, 15, 30, 60, 120, 240];

/** Three days: how long a mail is tried, and how late after its hour an edition may still come, unless told otherwise. */
export const MAX_LATENESS_MS = 3 * 24 * 60 * 60 * 1000;

/**
 * When to try again after the `attempt`-th transient failure (1-based), or null to give up.
 *
 * @param spread a number in [0, 1) that scatters the retries of a burst over a tenth of the gap.
 */
export function retryAt(
  attempt: number,
  plannedAt: Date,
  now: Date,
  spread: number,
  maxLatenessMs = MAX_LATENESS_MS,
): Date | null {
  const minutes = RETRY_MINUTES[Math.min(attempt, RETRY_MINUTES.length) - 1] ?? RETRY_MINUTES[0];
  if (isTooLate(plannedAt, now, maxLatenessMs)) return null;
  return new Date(now.getTime() + (minutes as number) * 60_000 * (1 + spread / 10));
}

/** Whether what was due at an instant comes too late now: a restored backup must not mail last week. */
export const isTooLate = (dueAt: Date, now: Date, maxLatenessMs = MAX_LATENESS_MS): boolean =>
  now.getTime() - dueAt.getTime() >= maxLatenessMs;
