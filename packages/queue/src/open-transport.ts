import { openPostgres } from "./postgres.ts";
import { openRedis } from "./redis.ts";
import type { QueueBackend, Transport } from "./transport.ts";

/** Connects; throws QueueUnavailable with one clear line when that fails or the server is set up wrongly. */
export function openTransport(backend: QueueBackend, onError: (error: Error) => void): Promise<Transport> {
  return backend.kind === "redis" ? openRedis(backend.url, onError) : openPostgres(backend.url, onError);
}
