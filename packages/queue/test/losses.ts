import type { QueueBackend } from "@paperboy/queue";
import { Redis } from "ioredis";
import pg from "pg";

/** Loses all jobs, schedules and settings, as FLUSHALL or a restored backup does. */
export function loseEverything(backend: QueueBackend): Promise<void> {
  return backend.kind === "redis"
    ? onRedis(backend.url, async (redis) => void (await redis.flushall()))
    : onPostgres(backend.url, "TRUNCATE bullmq.job, bullmq.scheduler, bullmq.meta, bullmq.event CASCADE");
}

/** Loses the jobs and keeps the schedules that point at them. */
export function loseJobs(backend: QueueBackend): Promise<void> {
  const loseInRedis = async (redis: Redis) => {
    const keys = [...(await redis.keys("bull:*:delayed")), ...(await redis.keys("bull:*:repeat:plan:*"))];
    if (keys.length > 0) await redis.del(...keys);
  };
  return backend.kind === "redis"
    ? onRedis(backend.url, loseInRedis)
    : onPostgres(backend.url, "TRUNCATE bullmq.job CASCADE");
}

/** Cuts every connection to the server, as a restarted proxy does. */
export function cutConnections(backend: QueueBackend): Promise<void> {
  const others = "datname = current_database() AND pid <> pg_backend_pid()";
  return backend.kind === "redis"
    ? onRedis(
        backend.url,
        async (redis) => void (await redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")),
      )
    : onPostgres(backend.url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${others}`);
}

async function onRedis(url: string, work: (redis: Redis) => Promise<void>): Promise<void> {
  const redis = new Redis(url);
  await work(redis).finally(() => redis.disconnect());
}

async function onPostgres(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
