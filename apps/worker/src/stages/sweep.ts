import type { UnknownPolicy } from "@paperboy/core";
import type { Store } from "@paperboy/db";

export interface SweepStore {
  readonly deliveries: Pick<Store["deliveries"], "expireLeases" | "claimable">;
}

export interface SweepOutcome {
  /** Deliveries taken back from workers that ended before the final dot. */
  readonly pending: number;
  /** Deliveries whose worker ended after it. */
  readonly unknown: number;
  /** Deliveries that wait for a worker, whether a job in the queue knows them or not. */
  readonly claimable: readonly string[];
}

const SWEEP_LIMIT = 5_000;

/** Finds what was left behind: expired leases, pending deliveries no job knows, deferred ones that are due. */
export async function sweep(store: SweepStore, policy: UnknownPolicy, now: Date): Promise<SweepOutcome> {
  const { pending, unknown } = await store.deliveries.expireLeases(policy);
  return { pending, unknown, claimable: await store.deliveries.claimable(now, SWEEP_LIMIT) };
}
