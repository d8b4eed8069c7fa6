import { setTimeout as pause } from "node:timers/promises";
import type { Claim, DeliveryResult, DeliveryWrite, Store } from "@paperboy/db";
import { createGroupCommit } from "./group-commit.ts";

/** What recording asks of the store. */
export interface RecordStore {
  readonly deliveries: Pick<Store["deliveries"], "write">;
}

/** Commits what happens to mails under way; marks and ends of several mails share a commit. */
export interface Recorder {
  /** Marks a mail as about to send its final dot; false when the claim was taken from this worker. Committed when it resolves. */
  dot(claim: Claim): Promise<boolean>;
  /**
   * Records how an attempt ended, in one group with the next marks, or an earlier one. So of each connection no more than one mail
   * is `dotted`: the next one's mark is not committed before this one's end is.
   */
  end(claim: Claim, result: DeliveryResult): Promise<void>;
  /** Resolves once no more than `most` ends are still to be recorded; rejects when one could not be. */
  recorded(most: number): Promise<void>;
}

/** A group waits so long for others. When all mails under way wait for it, it does not wait at all. */
const WINDOW_MS = 8;
const MOST_IN_GROUP = 128;

/** @param underWay how many mails are under way at present. */
export function createRecorder(
  store: RecordStore,
  options: { readonly now: () => Date; readonly leaseSeconds: number; readonly underWay: () => number },
): Recorder {
  const { now, leaseSeconds, underWay } = options;
  const write = (writes: readonly DeliveryWrite[]) =>
    store.deliveries.write(writes, { now: now(), leaseSeconds });
  const flush = async (
    writes: readonly DeliveryWrite[],
  ): Promise<readonly (boolean | Error | Promise<true>)[]> => {
    try {
      const changed = await write(writes);
      return writes.map(({ id }) => changed.has(id));
    } catch (error) {
      // A mark that may not have been made is refused at once, and its mail deferred: nothing of it has gone out.
      const ends = writes.filter(({ event }) => event !== "dot");
      const ended =
        ends.length === 0
          ? Promise.resolve(true as const)
          : insist(() => write(ends)).then(() => true as const);
      ended.catch(() => {}); // told to those who wait for it, if there are any
      return writes.map(({ event }) => (event === "dot" ? (error as Error) : ended));
    }
  };
  const isFull = (writes: readonly DeliveryWrite[]) =>
    writes.length >= MOST_IN_GROUP || writes.filter(({ event }) => event === "dot").length >= underWay();
  const commit = createGroupCommit(flush, { windowMs: WINDOW_MS, isFull });
  const unrecorded = new Set<Promise<void>>();
  return {
    dot: async ({ id, fence }) => {
      const marked = await commit({ id, fence, event: "dot" });
      if (marked instanceof Error) throw marked;
      return marked;
    },
    end: ({ id, fence }, result) => {
      const ended = commit({ id, fence, ...result }).then(() => void unrecorded.delete(ended));
      unrecorded.add(ended);
      ended.catch(() => {}); // it stays among those that are not recorded, which is where it is told
      return ended;
    },
    recorded: async (most) => {
      while (unrecorded.size > most) await Promise.race(unrecorded);
    },
  };
}

/** For so long an unavailable database is waited for, asked again after pauses that grow to the longest. */
const TIMEOUT_MS = 60_000;
const LONGEST_PAUSE_MS = 1_000;

/** What is known of a mail that went out would be lost with the write: a database that restarts is waited for. */
async function insist(write: () => Promise<unknown>): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (let delay = 100; ; delay = Math.min(2 * delay, LONGEST_PAUSE_MS)) {
    try {
      await write();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await pause(delay);
  }
}
