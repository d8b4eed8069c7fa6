/** What the workers of a pool work on, and how it comes. */
export interface PoolWork<Item> {
  /** Gives more to do; nothing for now, and until when, or that nothing is left (`againAt` is null). */
  readonly refill: () => Promise<{ readonly items: readonly Item[]; readonly againAt: number | null }>;
  /** When an item may begin, in milliseconds of `performance.now()`; Infinity while something else has to end first. */
  readonly readyAt: (item: Item) => number;
  readonly work: (item: Item) => Promise<void>;
  /** Takes what was not begun when the pool was told to stop, or one of its workers failed. */
  readonly release: (left: readonly Item[]) => Promise<void>;
}

/** Items that wait their turn are held in memory up to so many for each worker. */
const HELD_PER_WORKER = 16;

/**
 * Workers draw from one buffer that is refilled while they work, so that none waits for the slowest mail. An item whose
 * turn has not come lets those behind it pass. A limit on what runs at once (p-limit) would not do: items become ready at
 * instants of their own, and are refilled and released while others run.
 */
export async function runPool<Item>(
  workers: number,
  { refill, readyAt, work, release }: PoolWork<Item>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const buffer: Item[] = [];
  const alarm = createAlarm(signal);
  let refilling: Promise<number> | undefined;
  let againAt: number | null = 0;
  const more = (): Promise<number> => {
    refilling ??= refill()
      .then((found) => {
        buffer.push(...found.items);
        againAt = found.items.length > 0 ? 0 : found.againAt;
        return found.items.length;
      })
      .finally(() => {
        refilling = undefined;
        alarm.ring();
      });
    return refilling;
  };
  const takeReady = (): Item | undefined => {
    const now = performance.now();
    const place = buffer.findIndex((item) => readyAt(item) <= now);
    return place < 0 ? undefined : buffer.splice(place, 1)[0];
  };
  const mayRefill = () =>
    againAt !== null && againAt <= performance.now() && buffer.length < workers * HELD_PER_WORKER;
  const worker = async () => {
    while (!signal?.aborted) {
      const item = takeReady();
      if (item !== undefined) {
        await work(item);
        alarm.ring();
      } else if (mayRefill()) await more();
      else if (buffer.length === 0 && againAt === null) return;
      else await alarm.wait(Math.min(...buffer.map(readyAt), againAt ?? Number.POSITIVE_INFINITY));
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: workers }, worker));
  if (buffer.length > 0) await release(buffer);
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** Wakes all that wait: each at its time, when something has changed, or when all is to stop. */
function createAlarm(signal: AbortSignal | undefined) {
  let waiting = new Set<() => void>();
  const ring = () => {
    const woken = waiting;
    waiting = new Set();
    for (const wake of woken) wake();
  };
  signal?.addEventListener("abort", ring);
  return {
    ring,
    wait: (until: number): Promise<void> =>
      new Promise((resolve) => {
        const milliseconds = Math.max(1, until - performance.now());
        const timer = Number.isFinite(until) ? setTimeout(() => done(), milliseconds) : undefined;
        const done = () => {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        };
        waiting.add(done);
      }),
  };
}
