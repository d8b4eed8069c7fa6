import { setTimeout as pause } from "node:timers/promises";
import { randomStream } from "./corpus.ts";
import type { Days } from "./storm-days.ts";
import type { Fleet, StormWorker } from "./storm-fleet.ts";
import type { Misfortune, Servers } from "./storm-servers.ts";

export const WORKERS = 2;
/** Milliseconds a worker lives at most, from when it is ready; some live long enough to see a server come back. */
const LIFE_MS = 1_500;
const LONG_LIFE_MS = 6_000;
const LONG_LIVED = 0.08;
const STUNNED = 0.03;
const DRAINED = 0.03;
/** Workers that begin from one misfortune of the servers to the next, on average. */
const LIVES_BETWEEN = 4;

/** What has happened so far. */
export interface Toll {
  /** Workers that were ready to work. */
  lives: number;
  kills: number;
  stuns: number;
  drains: number;
  badDrains: number;
  crashes: number;
  readonly struck: Record<Misfortune, number>;
}

export const noToll = (): Toll => ({
  ...{ lives: 0, kills: 0, stuns: 0, drains: 0, badDrains: 0, crashes: 0 },
  struck: { "postgres killed": 0, "Redis killed": 0, "Redis flushed": 0, "connections cut": 0 },
});

export const misfortunes = ({ struck }: Toll): number => Object.values(struck).reduce((sum, n) => sum + n, 0);

/** Lets one worker after the other live and die, until it is over. */
export async function liveAndDie(
  fleet: Fleet,
  days: Days,
  toll: Toll,
  seed: number,
  isOver: () => boolean,
): Promise<void> {
  const random = randomStream(seed);
  while (!isOver()) {
    const worker = fleet.start(days.clock());
    if (await worker.ready) await live(worker, toll, random);
    await worker.kill();
  }
}

async function live(worker: StormWorker, toll: Toll, random: () => number): Promise<void> {
  toll.lives++;
  const [length, fate] = [random(), random()];
  await pause(random() * (length < LONG_LIVED ? LONG_LIFE_MS : LIFE_MS));
  if (fate < STUNNED) {
    toll.stuns++;
    await worker.stun();
    await pause(random() * LIFE_MS);
  }
  if (worker.hasEnded()) toll.crashes++;
  else if (fate > 1 - DRAINED) {
    toll.drains++;
    if (!(await worker.drain())) toll.badDrains++;
  } else toll.kills++;
}

/** Lets misfortunes befall the servers while workers live, each as often as the others, until it is over. */
export async function strikeServers(
  servers: Servers,
  toll: Toll,
  seed: number,
  kills: number,
  isOver: () => boolean,
): Promise<void> {
  const random = randomStream(seed);
  const gap = Math.min(LIVES_BETWEEN, kills / servers.misfortunes.length);
  let deck: Misfortune[] = [];
  for (let due = 1; !isOver(); due = toll.lives + random() * 2 * gap) {
    while (toll.lives < due && !isOver()) await pause(50);
    await pause(random() * LIFE_MS);
    if (deck.length === 0) deck = shuffled(servers.misfortunes, random);
    const misfortune = deck.pop() as Misfortune;
    await servers.strike(misfortune, random);
    toll.struck[misfortune]++;
  }
}

const shuffled = <Item>(items: readonly Item[], random: () => number): Item[] =>
  items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
