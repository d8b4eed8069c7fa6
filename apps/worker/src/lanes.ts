/** Lanes draw from one buffer that is refilled while they work, so that no lane waits for the slowest mail. */
export async function runLanes<Item>(
  lanes: number,
  refill: () => Promise<Item[]>,
  work: (item: Item) => Promise<void>,
  signal: AbortSignal | undefined,
  giveBack: (left: Item[]) => Promise<void>,
): Promise<void> {
  const buffer: Item[] = [];
  let refilling: Promise<boolean> | undefined;
  const more = () => {
    refilling ??= refill().then((items) => {
      buffer.push(...items);
      refilling = undefined;
      return items.length > 0;
    });
    return refilling;
  };
  const lane = async () => {
    for (;;) {
      if (signal?.aborted) return;
      const item = buffer.shift();
      if (item !== undefined) await work(item);
      else if (!(await more())) return;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
  if (buffer.length > 0) await giveBack(buffer);
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
