import { randomUUID } from "node:crypto";
import { JobFailed, openQueue, type Queue, type QueueBackend, type QueueOptions } from "@paperboy/queue";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/harness/database.ts";
import { startRedis, type TestRedis } from "../../../test/harness/redis.ts";

export interface Server {
  readonly backend: QueueBackend;
  stop(): Promise<void>;
}

export const onPostgres = async (): Promise<Server> => {
  const database: TestDatabase = await createTestDatabase();
  return { backend: { kind: "postgres", url: database.url }, stop: database.close };
};

export const onRedis = async (): Promise<Server> => {
  const redis: TestRedis = await startRedis();
  return { backend: { kind: "redis", url: redis.url }, stop: redis.stop };
};

/** Opens queues of one backend within a suite, and closes them again; no test leaves an error behind. */
export function queuesOn(start: () => Promise<Server>) {
  let server: Server;
  const opened: Queue[] = [];
  const errors: Error[] = [];

  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server?.stop());
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((queue) => queue.close()));
    expect(errors.splice(0).filter((error) => !(error instanceof JobFailed))).toEqual([]);
  });

  const open = async (name: string, options: Partial<QueueOptions> = {}): Promise<Queue> => {
    const retry = { attempts: 3, delayMs: 5 };
    const onError = (error: Error) => void errors.push(error);
    const queue = await openQueue({ backend: server.backend, name, onError, retry, ...options });
    opened.push(queue);
    return queue;
  };
  const openOne = (options?: Partial<QueueOptions>) => open(`t-${randomUUID()}`, options);

  return { open, openOne, server: () => server, errors };
}
