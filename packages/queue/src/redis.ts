import { setTimeout as pause } from "node:timers/promises";
import { reachFailure } from "@paperboy/core";
import type { BackendFactory, IQueueBackend } from "bullmq";
import type { Redis, RedisOptions } from "ioredis";
import { QueueUnavailable, reason } from "./errors.ts";
import { readEvictionPolicy } from "./eviction.ts";
import type { QueueConnection } from "./queue-connection.ts";

type Connect = (options: Omit<RedisOptions, "replyMapping">) => Redis;

const TIMEOUT_MS = 4000;
const RETRY_MS = 200;

/**
 * Connects to the Redis at `url` (redis:// or rediss://). Throws QueueUnavailable, naming REDIS_URL, when it does
 * not answer within about four seconds, or may evict keys; later outages are reported to `onError` and waited out.
 */
export async function openRedis(url: string, onError: (error: Error) => void): Promise<QueueConnection> {
  const where = address(url);
  const [{ Redis: Client }, { createRedisBackend }] = await Promise.all([
    import("ioredis"),
    import("bullmq"),
  ]);
  /** Why there is no connection; a command that waits for one says only that it has waited. */
  let trouble: unknown;
  const connect: Connect = (options) => {
    const client = new Client(url, { connectTimeout: TIMEOUT_MS, keepAlive: 10_000, ...options });
    client.on("ready", () => {
      trouble = undefined;
    });
    return client.on("error", (error) => {
      trouble = error;
      onError(error);
    });
  };
  const producer = await connectOrFail(connect, where);
  await refuseEviction(producer, where, onError).catch((error) => {
    producer.disconnect();
    throw error;
  });
  let consumer: Redis | undefined;
  return {
    factory: createRedisBackend as unknown as BackendFactory<IQueueBackend, unknown>,
    producer,
    consumer: () => {
      consumer ??= connect({ maxRetriesPerRequest: null, retryStrategy: backoff });
      return consumer;
    },
    idleSeconds: 10,
    ping: async () => void (await producer.ping()),
    explain: (error) => {
      const isGone = producer.status !== "ready";
      return describe(isGone ? (trouble ?? error) : error, where);
    },
    close: async () => {
      producer.disconnect();
      consumer?.disconnect();
    },
  };
}

/** Connects; a server that took the connection and cut it may be restarting, and gets its four seconds to come back. */
async function connectOrFail(connect: Connect, where: string): Promise<Redis> {
  const deadline = performance.now() + TIMEOUT_MS;
  let isThere = false;
  for (;;) {
    const attempt = await tryToConnect(connect);
    if ("client" in attempt) return attempt.client;
    isThere ||= attempt.wasCut;
    if (!isThere || performance.now() > deadline) {
      const { error } = attempt;
      throw new QueueUnavailable(describe(error, where), { cause: error });
    }
    await pause(RETRY_MS);
  }
}

/** What ioredis says of a server that does not answer names its own options, which nobody has set. */
const NO_ANSWER = /^(?:Reached the max retries|Command timed out|Connection is closed|connect ETIMEDOUT$)/;

/** `REDIS_URL: Redis at 127.0.0.1:6379 refuses connections; is it running?` */
function describe(error: unknown, where: string): string {
  const server = `Redis at ${where}`;
  const says = reachFailure(error, server);
  if (says !== null) return `REDIS_URL: ${says}`;
  const text = reason(error);
  return `REDIS_URL: ${server} ${NO_ANSWER.test(text) ? "does not answer" : `says: ${text}`}`;
}

type Attempt = { readonly client: Redis } | { readonly error: unknown; readonly wasCut: boolean };

async function tryToConnect(connect: Connect): Promise<Attempt> {
  let ready = false;
  let accepted = false;
  let lastError: unknown;
  const client = connect({
    lazyConnect: true,
    maxRetriesPerRequest: 1,
    commandTimeout: TIMEOUT_MS,
    retryStrategy: (attempt) => (ready ? backoff(attempt) : null),
  });
  client.once("connect", () => {
    accepted = true;
  });
  client.on("error", (error) => {
    lastError = error;
  });
  try {
    await client.connect();
    await client.ping();
    ready = true;
    return { client };
  } catch (thrown) {
    const error = lastError ?? thrown;
    const refused = error instanceof Error && error.name === "ReplyError"; // such as a wrong password
    const wasCut = accepted && !refused && client.status !== "ready";
    client.disconnect();
    return { error, wasCut };
  }
}

async function refuseEviction(client: Redis, where: string, onError: (error: Error) => void): Promise<void> {
  const policy = await readEvictionPolicy(client);
  if (policy === "noeviction") return;
  if (policy === null) {
    onError(
      new Error(`Redis at ${where} does not tell its maxmemory-policy; make sure that it is noeviction`),
    );
    return;
  }
  throw new QueueUnavailable(
    `Redis at ${where} (REDIS_URL) has maxmemory-policy ${policy}, which may drop jobs; set it to noeviction`,
  );
}

/** Host, port and database only: a password in the address must not reach a log. */
function address(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^rediss?:$/.test(parsed.protocol) || !parsed.hostname) {
    throw new QueueUnavailable(
      "REDIS_URL must look like redis://host:6379 or rediss://user:password@host:6379",
    );
  }
  return `${parsed.hostname}:${parsed.port || "6379"}${parsed.pathname.replace(/\/$/, "")}`;
}

const backoff = (attempt: number): number => Math.min(attempt * 200, 3000);
