import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { QueueBackend } from "@paperboy/queue";
import pg from "pg";
import { type MortalPostgres, startMortalPostgres } from "../harness/postgres-server.ts";
import { findRedis, startRedis, type TestRedis } from "../harness/redis-server.ts";
import type { RelayRecords } from "./storm-sink.ts";

/** What can befall the servers. */
export type Misfortune = "postgres killed" | "Redis killed" | "Redis flushed" | "connections cut";

/** The servers a storm is about: the database, the queue's Redis if there is one, and the relay. */
export interface Servers {
  readonly databaseUrl: string;
  readonly smtpUrl: string;
  readonly queue: QueueBackend;
  /** What can happen here, in the proportion in which it shall. */
  readonly misfortunes: readonly Misfortune[];
  /** Lets it happen, and resolves when everything answers again. */
  strike(misfortune: Misfortune, random: () => number): Promise<void>;
  /** From here on the relay does what it should. */
  calmRelay(): Promise<void>;
  relayRecords(): Promise<RelayRecords>;
  close(): Promise<void>;
}

const REDIS_DOWN_MS = 1_500;
const POSTGRES_DOWN_MS = 1_000;

/** Starts them; `queue` says where jobs lie, and Redis is taken when it says nothing and there is one. */
export async function startServers(seed: number, queue?: "redis" | "postgres"): Promise<Servers> {
  const postgres = await startMortalPostgres();
  const onRedis = queue === undefined ? findRedis() !== null : queue === "redis";
  let redis = onRedis ? await startRedis() : undefined;
  const relay = await startRelay(seed);
  const strike: Record<Misfortune, (random: () => number) => Promise<void>> = {
    "postgres killed": (random) => killPostgres(postgres, random),
    "Redis killed": async (random) => {
      const port = Number(new URL(redis?.url ?? "").port);
      await redis?.kill();
      await pause(random() * REDIS_DOWN_MS);
      redis = await startRedis({ port });
    },
    "Redis flushed": async () => void (await redis?.command("FLUSHALL")),
    "connections cut": () => cutConnections(postgres.url, redis),
  };
  return {
    databaseUrl: postgres.url,
    smtpUrl: relay.url,
    queue: redis ? { kind: "redis", url: redis.url } : { kind: "postgres", url: postgres.url },
    misfortunes: redis ? WITH_REDIS : WITHOUT_REDIS,
    strike: (misfortune, random) => strike[misfortune](random),
    calmRelay: async () => void (await relay.ask("calm")),
    relayRecords: () => relay.ask("records"),
    close: async () => {
      relay.process.kill();
      await redis?.kill();
      await postgres.close();
    },
  };
}

const WITHOUT_REDIS: readonly Misfortune[] = ["postgres killed", "connections cut"];
const WITH_REDIS: readonly Misfortune[] = [
  ...WITHOUT_REDIS,
  "Redis killed",
  "Redis killed",
  "Redis flushed",
  "Redis flushed",
];

async function killPostgres(postgres: MortalPostgres, random: () => number): Promise<void> {
  await postgres.kill();
  await pause(random() * POSTGRES_DOWN_MS);
  await postgres.revive();
}

/** Every connection there is, as a proxy does that restarts. */
async function cutConnections(databaseUrl: string, redis: TestRedis | undefined): Promise<void> {
  const sql = new pg.Client({ connectionString: databaseUrl });
  await sql.connect();
  await sql.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
  );
  await sql.end();
  await redis?.command("CLIENT KILL TYPE normal");
}

async function startRelay(seed: number) {
  const program = fileURLToPath(new URL("./storm-sink.js", import.meta.url));
  const child = fork(program, [String(seed)], { serialization: "advanced" });
  const answer = async <Answer>() => (await once(child, "message"))[0] as Answer;
  const { url } = await answer<{ url: string }>();
  const ask = (what: "calm" | "records") => {
    child.send(what);
    return answer<RelayRecords>();
  };
  return { process: child, url, ask };
}
