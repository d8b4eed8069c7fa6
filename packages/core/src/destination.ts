import { MINUTE_MS } from "./durations.ts";
/** How sending to one side goes: the relay, or one destination. */
export interface DestinationState {
  /** Nothing is sent before this instant; null when sending is not paused. */
  readonly pausedUntil: Date | null;
  /** What the other side said when sending was paused. */
  readonly reason: string | null;
  /** Pauses since the last mail that went out. */
  readonly strikes: number;
  /** Milliseconds between two mails, while the other side throttles. */
  readonly gapMs: number;
}

/** Why sending stops for a while: the relay refuses us, throttles, or cannot be reached. */
export type Trouble = "refused" | "busy" | "unreachable";

/** The first pause after each kind of trouble; each further one is twice as long, up to {@link LONGEST_PAUSE_MS}. */
const FIRST_PAUSE_MS: Record<Trouble, number> = {
  refused: 5 * MINUTE_MS,
  busy: MINUTE_MS,
  unreachable: MINUTE_MS,
};
const LONGEST_PAUSE_MS = 120 * MINUTE_MS;

/** When a destination that is paused for the `strikes`-th time (1-based) in a row resumes. */
export function pauseUntil(trouble: Trouble, strikes: number, now: Date): Date {
  const pause = FIRST_PAUSE_MS[trouble] * 2 ** Math.min(Math.max(strikes, 1) - 1, 20);
  return new Date(now.getTime() + Math.min(pause, LONGEST_PAUSE_MS));
}

const FIRST_GAP_MS = 250;
const LONGEST_GAP_MS = 60_000;

/** The gap between two mails after the other side throttled once more. */
export const slowerGap = (gapMs: number): number =>
  Math.min(LONGEST_GAP_MS, Math.max(FIRST_GAP_MS, gapMs * 2));

/** The gap after a run of mails went out without a complaint; 0 is full speed again. */
export const fasterGap = (gapMs: number): number => (gapMs <= FIRST_GAP_MS ? 0 : Math.floor(gapMs / 2));
