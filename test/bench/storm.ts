import { setTimeout as pause } from "node:timers/promises";
import { openStore } from "@paperboy/db";
import { ARXIV_POLICY } from "@paperboy/sources";
import { DELIVER_JOBS } from "@paperboy/worker";
import { type BenchOptions, type BenchResult, progress } from "./frame.ts";
import { scratchDirectory } from "./scratch.ts";
import { type Days, startDays } from "./storm-days.ts";
import { CONNECTIONS, createFleet, type Fleet } from "./storm-fleet.ts";
import { liveAndDie, misfortunes, noToll, strikeServers, type Toll, WORKERS } from "./storm-lives.ts";
import {
  brokenPromises,
  readDeliveries,
  reconcileStorm,
  reportStorm,
  type StormFacts,
} from "./storm-reconcile.ts";
import { type Servers, startServers } from "./storm-servers.ts";

const LOOK_MS = 200;
const MS_FOR_A_KILL = 5_000;
const MS_FOR_THE_END = 120_000;

/**
 * Days of editions for many readers through the service's own workers and queue, while workers are killed or stopped
 * past their lease, Postgres and Redis are killed, Redis is emptied, and connections break; all at random from a seed.
 * At the end every delivery is compared with what the relay got.
 */
export async function benchStorm(options: BenchOptions): Promise<BenchResult> {
  const { seed, readers, policy, kills } = options;
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
  const servers = await startServers(seed, options.queue);
  const { databaseUrl, smtpUrl, queue } = servers;
  process.stderr.write(`storm: seed ${seed}, ${kills} kills, policy ${policy}, queue on ${queue.kind}\n`);
  const fleet = createFleet({ databaseUrl, smtpUrl, queue, policy, directory: scratchDirectory() });
  const store = openStore({ arxivPolicy: ARXIV_POLICY, url: databaseUrl, onIdleError: () => {} });
  try {
    const days = await startDays(databaseUrl, store, readers);
    const toll = await rage(options, servers, fleet, days);
    const inTime = await calmDown(servers, fleet, days);
    const facts = { seed, policy, readers, queue: queue.kind, days: days.count, inTime };
    const limits = { inFlight: DELIVER_JOBS * CONNECTIONS, workers: WORKERS };
    return await conclude(servers, fleet, { ...facts, ...limits, ...toll });
  } finally {
    fleet.killAll();
    await store.close().catch(() => {});
    await servers.close();
  }
}

/** Until enough workers were killed and everything has befallen the servers, or the time there is for it is up. */
async function rage(
  { seed, kills }: BenchOptions,
  servers: Servers,
  fleet: Fleet,
  days: Days,
): Promise<Toll> {
  const toll = noToll();
  const deadline = performance.now() + kills * MS_FOR_A_KILL + MS_FOR_THE_END;
  const isOver = () =>
    performance.now() > deadline || (toll.kills >= kills && misfortunes(toll) >= servers.misfortunes.length);
  const turnDays = async () => {
    while (!isOver()) {
      await pause(LOOK_MS);
      await days.turn().catch(() => {}); // Postgres is unavailable
      progress(`${toll.kills} kills, ${misfortunes(toll)} misfortunes, day ${days.count}`);
    }
  };
  const streams = Array.from({ length: WORKERS }, (_, n) => seed * 1_000 + n + 1);
  await Promise.all([
    ...streams.map((stream) => liveAndDie(fleet, days, toll, stream, isOver)),
    strikeServers(servers, toll, seed * 1_000, kills, isOver),
    turnDays(),
  ]);
  return toll;
}

/** Lets everything that can still be sent go out, undisturbed; whether it did in the time there is. */
async function calmDown(servers: Servers, fleet: Fleet, days: Days): Promise<boolean> {
  const deadline = performance.now() + MS_FOR_THE_END;
  await servers.calmRelay();
  days.lengthen();
  while (performance.now() < deadline) {
    const worker = fleet.start(days.clock());
    await worker.ready;
    while (!worker.hasEnded() && performance.now() < deadline && !(await days.areSettled())) await pause(100);
    await worker.drain();
    if (await days.areSettled()) return true;
  }
  return false;
}

async function conclude(servers: Servers, fleet: Fleet, facts: StormFacts): Promise<BenchResult> {
  const deliveries = await readDeliveries(servers.databaseUrl);
  const found = reconcileStorm(deliveries, await servers.relayRecords(), facts);
  if (brokenPromises(found, facts).length > 0) {
    process.exitCode = 1;
    const open = deliveries.filter(
      ({ status }) => status !== "submitted" && status !== "unknown" && status !== "skipped",
    );
    const lines = open.slice(0, 10).map(({ id, status, story }) => `${id} ${status}: ${story}`);
    process.stderr.write(`\n${[...lines, "the workers' last words:", ...fleet.lastWords()].join("\n")}\n`);
  }
  return reportStorm(found, facts);
}
