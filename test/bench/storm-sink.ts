import { setTimeout as pause } from "node:timers/promises";
import { type Misdeed, type Point, startRelay, type TakenMail } from "../harness/relay.ts";
import { randomStream } from "./corpus.ts";

/** What the relay of a storm tells when it is asked. */
export interface RelayRecords {
  /** Every mail whose final dot came, in order, as often as it came. */
  readonly taken: readonly TakenMail[];
  /** Connections it broke, by the point of the conversation. */
  readonly drops: Readonly<Partial<Record<Point, number>>>;
}

/** How often, of what it sees, the relay does what relays do on a bad day. */
const DROP: Readonly<Partial<Record<Point, number>>> = {
  EHLO: 0.005,
  MAIL: 0.005,
  RCPT: 0.005,
  body: 0.005,
  dot: 0.003,
  answer: 0.003,
};
const BUSY: Readonly<Partial<Record<Point, readonly [chance: number, answer: Misdeed]>>> = {
  greeting: [0.01, "421 4.3.2 too busy"],
  RCPT: [0.003, "451 4.7.1 come again"],
};
const SLOW = 0.05;
const SLOW_MS = 300;

const random = randomStream(Number(process.argv[2] ?? 1));
const drops: Partial<Record<Point, number>> = {};
const relay = await startRelay(async (point) => {
  if (random() < (DROP[point] ?? 0)) {
    drops[point] = (drops[point] ?? 0) + 1;
    return "drop";
  }
  const [chance, answer] = BUSY[point] ?? [0, undefined];
  if (random() < chance) return answer;
  if (point === "answer" && random() < SLOW) await pause(random() * SLOW_MS);
  return undefined;
});
process.on("message", (what) => {
  if (what === "calm") relay.mood = () => undefined;
  process.send?.({ taken: relay.taken, drops } satisfies RelayRecords);
});
process.on("disconnect", () => process.exit(0));
process.send?.({ url: relay.url });
