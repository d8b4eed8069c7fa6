import { openPostgres } from "./postgres.ts";
import type { QueueBackend, QueueConnection } from "./queue-connection.ts";
import { openRedis } from "./redis.ts";

/** Connects; throws QueueUnavailable with one clear line when that fails or the server is set up wrongly. */
export function openConnection(
  backend: QueueBackend,
  onError: (error: Error) => void,
): Promise<QueueConnection> {
  return backend.kind === "redis" ? openRedis(backend.url, onError) : openPostgres(backend.url, onError);
}
