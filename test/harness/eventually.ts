import { vi } from "vitest";

/** How long a busy machine may take; whoever waits for what never comes fails then. */
const TIMEOUT_MS = 120_000;

/** Waits until `check` passes, and gives what it gives; fails with what it last complained of. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: TIMEOUT_MS, interval: 50 });
}
