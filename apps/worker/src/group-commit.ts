/**
 * Collects calls while a flush is under way and makes the next flush of all of them, so that many small
 * writes share one commit and none waits longer than one flush before its own.
 *
 * @param flush answers its items in order; when it throws, each of their callers gets the error.
 */
export function createGroupCommit<Item, Result>(
  flush: (items: readonly Item[]) => Promise<readonly Result[]>,
): (item: Item) => Promise<Result> {
  let waiting: { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];
  let flushing = false;

  async function drain(): Promise<void> {
    flushing = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      try {
        const results = await flush(group.map(({ item }) => item));
        for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    flushing = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!flushing) queueMicrotask(() => flushing || void drain());
    });
}
