export interface GroupOptions<Item> {
  /** A group waits for others for so many milliseconds at most. */
  readonly windowMs: number;
  /** Whether a group waits no longer: it is large enough, or no other item can come before it is flushed. */
  readonly isFull: (items: readonly Item[]) => boolean;
}

/**
 * Collects calls for a few milliseconds, and while a flush is under way, and flushes them together, so that many small
 * writes share one commit.
 *
 * @param flush answers its items in order, some of them perhaps later; when it throws, each of their callers gets the error.
 */
export function createGroupCommit<Item, Result>(
  flush: (items: readonly Item[]) => Promise<readonly (Result | Promise<Result>)[]>,
  { windowMs, isFull }: GroupOptions<Item>,
): (item: Item) => Promise<Result> {
  let waiting: {
    item: Item;
    resolve: (result: Result | Promise<Result>) => void;
    reject: (error: unknown) => void;
  }[] = [];
  let timer: NodeJS.Timeout | undefined;
  let flushing = false;

  async function flushAll(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    flushing = true;
    const group = waiting;
    waiting = [];
    try {
      const results = await flush(group.map(({ item }) => item));
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result | Promise<Result>);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    flushing = false;
    consider();
  }

  function consider(): void {
    if (flushing || waiting.length === 0) return;
    if (isFull(waiting.map(({ item }) => item))) void flushAll();
    else timer ??= setTimeout(() => void flushAll(), windowMs);
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      queueMicrotask(consider);
    });
}
