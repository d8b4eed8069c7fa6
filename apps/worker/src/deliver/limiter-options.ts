import type { Paces } from "@paperboy/core";
import type { Store } from "@paperboy/db";

/** What keeping the paces asks of the store. */
export interface LimiterStore {
  readonly destinations: Pick<
    Store["destinations"],
    "acquireSlots" | "releaseSlots" | "acquireConnections" | "releaseConnections"
  >;
  readonly throttles: Pick<Store["throttles"], "acquire" | "release">;
}

export interface LimiterOptions {
  /** Names this run among all workers; a UUID. */
  readonly holder: string;
  readonly paces: Paces;
  /** The first day of a warm-up, ISO 8601; none when absent. */
  readonly warmUpFrom: string | undefined;
  readonly leaseSeconds: number;
  readonly now: () => Date;
}
