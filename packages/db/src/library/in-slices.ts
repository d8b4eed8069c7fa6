import { setImmediate } from "node:timers/promises";

/** How long one piece of work may hold the thread before others get it, such as requests. */
const SLICE_MS = 8;

/**
 * Runs long work to its end, a few milliseconds at a time; others get the thread in between.
 *
 * @param work yields wherever it may be interrupted.
 * @param spent is told the milliseconds of each slice.
 */
export async function inSlices<Result>(
  work: Generator<void, Result>,
  spent: (milliseconds: number) => void = () => {},
  sliceMs: number = SLICE_MS,
): Promise<Result> {
  for (;;) {
    const since = performance.now();
    let step = work.next();
    while (!step.done && performance.now() - since < sliceMs) step = work.next();
    spent(performance.now() - since);
    if (step.done) return step.value;
    await setImmediate();
  }
}
