import type { BackendFactory, IQueueBackend } from "bullmq";

/** Where jobs are kept: a Redis of its own, or the PostgreSQL database that holds the rows. */
export type QueueBackend =
  | { readonly kind: "redis"; readonly url: string }
  | { readonly kind: "postgres"; readonly url: string };

/** What differs between the backends; everything above it is the same for both. */
export interface QueueConnection {
  readonly factory: BackendFactory<IQueueBackend, unknown>;
  /** Connection for adding and asking; fails within seconds when the server is unavailable. */
  readonly producer: unknown;
  /** Connection for consumers; waits for the server for as long as it takes. Opened at the first call. */
  consumer(): unknown;
  /** Seconds a consumer without work waits before it looks again, should a wake-up call have been lost. */
  readonly idleSeconds: number;
  ping(): Promise<void>;
  /** Why a call failed, in one sentence that names the server and the setting. */
  explain(error: unknown): string;
  close(): Promise<void>;
}
