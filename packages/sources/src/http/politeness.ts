/** Runs calls one after the other, in the order they came. */
export type Pacer = <Result>(call: () => Promise<Result>) => Promise<Result>;

/**
 * Keeps the pace that a host asks for: one call at a time, and `minGapMs` between the end of one, however it ended,
 * and the start of the next (arXiv: three seconds).
 */
export function createPacer(
  { minGapMs }: { readonly minGapMs: number },
  now: () => Date,
  wait: (milliseconds: number) => Promise<void>,
): Pacer {
  let queue: Promise<unknown> = Promise.resolve();
  let endedAt: number | null = null;
  const paced = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    const passed = endedAt === null ? minGapMs : now().getTime() - endedAt;
    // A clock that was set back makes nobody wait longer than the gap.
    if (passed < minGapMs) await wait(minGapMs - Math.max(passed, 0));
    try {
      return await call();
    } finally {
      endedAt = now().getTime();
    }
  };
  return (call) => {
    const turn = queue.then(() => paced(call));
    queue = turn.catch(() => undefined);
    return turn;
  };
}
