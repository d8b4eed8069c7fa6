import { setTimeout as pause } from "node:timers/promises";
import { openStore } from "@paperboy/db";
import { DELIVER_JOBS } from "@paperboy/worker";
import { randomStream } from "./corpus.ts";
import { progress } from "./frame.ts";
import type { BenchOptions, BenchResult } from "./main.ts";
import { scratchDirectory } from "./scratch.ts";
import { brokenPromises, readDeliveries, reportStorm, type StormFacts, settleBooks } from "./storm-books.ts";
import { type Days, startDays } from "./storm-days.ts";
import { CONNECTIONS, createFleet, type Fleet, type StormWorker } from "./storm-fleet.ts";
import { type Misfortune, type Servers, startServers } from "./storm-servers.ts";

const WORKERS = 2;
/** Milliseconds a worker lives at most, from when it is ready; some live long enough to see a server come back. */
const LIFE_MS = 1_500;
const LONG_LIFE_MS = 6_000;
const LONG_LIVED = 0.08;
const STUNNED = 0.03;
const DRAINED = 0.03;
/** Workers that begin from one misfortune of the servers to the next, on average. */
const LIVES_BETWEEN = 4;
const MS_FOR_A_KILL = 4_000;
const MS_FOR_THE_END = 120_000;

/**
 * Days of editions for many readers through the service's own workers and queue, while workers are killed or stopped
 * past their lease, Postgres and Redis are killed, Redis is emptied, and connections break; all at random from a seed.
 * At the end every delivery is compared with what the relay got.
 */
export async function benchStorm(options: BenchOptions): Promise<BenchResult> {
  const { seed, readers, policy, kills } = options;
  const servers = await startServers(seed, options.queue);
  const { databaseUrl, smtpUrl, queue } = servers;
  process.stderr.write(`storm: seed ${seed}, ${kills} kills, policy ${policy}, queue on ${queue.kind}\n`);
  const fleet = createFleet({ databaseUrl, smtpUrl, queue, policy, directory: scratchDirectory() });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
  const store = openStore({ url: databaseUrl, onIdleError: () => {} });
  try {
    const days = await startDays(databaseUrl, store, readers);
    const storm = createStorm(options, servers, fleet, days);
    await storm.rage();
    const inTime = await calmDown(servers, fleet, days);
    const facts: StormFacts = {
      ...{ seed, policy, readers, queue: queue.kind, days: days.count, inTime },
      ...{ inFlight: DELIVER_JOBS * CONNECTIONS, workers: WORKERS },
      ...storm.tally(),
    };
    return await conclude(servers, fleet, facts);
  } finally {
    fleet.killAll();
    await store.close().catch(() => {});
    await servers.close();
  }
}

function createStorm({ seed, kills }: BenchOptions, servers: Servers, fleet: Fleet, days: Days) {
  const counts = { kills: 0, stuns: 0, drains: 0, badDrains: 0, crashes: 0 };
  const struck: Record<Misfortune, number> = {
    "postgres killed": 0,
    "Redis killed": 0,
    "Redis flushed": 0,
    "connections cut": 0,
  };
  const deadline = performance.now() + kills * MS_FOR_A_KILL + MS_FOR_THE_END;
  let dealt = 0;
  let lives = 0;
  const isOver = () =>
    performance.now() > deadline || (counts.kills >= kills && dealt >= servers.misfortunes.length);

  const worker = async (random: () => number) => {
    while (!isOver()) {
      const one = fleet.start(days.now());
      if (await one.ready) await live(one, random);
      await one.kill();
    }
  };
  const live = async (one: StormWorker, random: () => number) => {
    lives++;
    const fate = random();
    const isStunned = fate < STUNNED;
    await pause(random() * (fate > 1 - LONG_LIVED ? LONG_LIFE_MS : LIFE_MS));
    if (isStunned) {
      await one.stun();
      counts.stuns++;
      await pause(random() * LIFE_MS);
    }
    if (one.hasEnded()) counts.crashes++;
    else if (!isStunned && random() < DRAINED) {
      counts.drains++;
      if (!(await one.drain())) counts.badDrains++;
    } else counts.kills++;
  };
  const weather = async (random: () => number) => {
    const gap = Math.min(LIVES_BETWEEN, kills / servers.misfortunes.length);
    let due = 1;
    for (let deck: Misfortune[] = []; !isOver(); due = lives + random() * 2 * gap) {
      while (lives < due && !isOver()) await pause(50);
      await pause(random() * LIFE_MS);
      if (deck.length === 0) deck = shuffled(servers.misfortunes, random);
      const misfortune = deck.pop() as Misfortune;
      await servers.strike(misfortune, random);
      struck[misfortune]++;
      dealt++;
    }
  };
  const calendar = async () => {
    while (!isOver()) {
      await days.look().catch(() => {}); // Postgres is away
      progress(`${counts.kills} kills, ${dealt} misfortunes, day ${days.count}`);
    }
  };
  return {
    rage: async () => {
      const streams = Array.from({ length: WORKERS }, (_, n) => randomStream(seed * 1_000 + n + 1));
      await Promise.all([...streams.map(worker), weather(randomStream(seed * 1_000)), calendar()]);
    },
    tally: () => ({
      ...counts,
      postgresKills: struck["postgres killed"],
      redisKills: struck["Redis killed"],
      redisFlushes: struck["Redis flushed"],
      cuts: struck["connections cut"],
    }),
  };
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** Lets everything that can still be sent go out, undisturbed; whether it did in the time there is. */
async function calmDown(servers: Servers, fleet: Fleet, days: Days): Promise<boolean> {
  const deadline = performance.now() + MS_FOR_THE_END;
  await servers.calmRelay();
  days.skip();
  while (performance.now() < deadline) {
    const worker = fleet.start(days.now());
    await worker.ready;
    while (!worker.hasEnded() && performance.now() < deadline && !(await days.areSettled())) await pause(100);
    await worker.drain();
    if (await days.areSettled()) return true;
  }
  return false;
}

async function conclude(servers: Servers, fleet: Fleet, facts: StormFacts): Promise<BenchResult> {
  const deliveries = await readDeliveries(servers.databaseUrl);
  const books = settleBooks(deliveries, await servers.relayBooks(), facts);
  if (brokenPromises(books, facts).length > 0) {
    process.exitCode = 1;
    const open = deliveries.filter(
      ({ status }) => status !== "submitted" && status !== "unknown" && status !== "skipped",
    );
    const lines = open.slice(0, 10).map(({ id, status, story }) => `${id} ${status}: ${story}`);
    process.stderr.write(`\n${[...lines, "the workers' last words:", ...fleet.lastWords()].join("\n")}\n`);
  }
  return reportStorm(books, facts);
}
