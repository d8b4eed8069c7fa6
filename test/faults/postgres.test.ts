import { eventually } from "@paperboy/harness/eventually";
import { MORNING, type Morning, openMorningAt, workerSettings } from "@paperboy/harness/morning";
import { type MortalPostgres, startMortalPostgres } from "@paperboy/harness/postgres-server";
import { type Relay, startRelay } from "@paperboy/harness/relay";
import { startTestWorker } from "@paperboy/harness/worker";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

const READERS = 60;
const ALL_ONCE = { submitted: READERS, readers: READERS, twice: 0 };
/** When it is killed: neither the first mail nor the last. */
const MIDDLE = 20;

let postgres: MortalPostgres;
let morning: Morning;
let relay: Relay;

beforeAll(async () => {
  postgres = await startMortalPostgres();
  morning = openMorningAt(postgres.url);
});
afterAll(async () => {
  await morning.close();
  await postgres.close();
});
beforeEach(async () => {
  await morning.begin(READERS);
  relay = await startRelay();
});
afterEach(() => relay.close());

/** Kills Postgres when the relay has taken some mails, before it answers the last of them. */
function killInTheMiddle(): Promise<void> {
  return new Promise((resolve, reject) => {
    relay.mood = async (point) => {
      if (point !== "answer" || relay.taken.length !== MIDDLE) return undefined;
      await postgres.kill().then(resolve, reject);
      return undefined;
    };
  });
}

describe("Postgres killed (SIGKILL of the postmaster) in the middle of a morning", () => {
  it("and brought back: the service resumes by itself, and every mail goes out once", async () => {
    let now = MORNING;
    const backend = { kind: "postgres", url: postgres.url } as const;
    const worker = await startTestWorker(
      { ...workerSettings(postgres.url, relay.url), LEASE_SECONDS: "30" },
      backend,
      () => now,
    );
    await killInTheMiddle();
    await postgres.revive();
    now = new Date(MORNING.getTime() + 10 * 60_000); // what could not be sent meanwhile was deferred for some minutes
    await eventually(async () => expect(await morning.reconcile(relay.taken)).toEqual(ALL_ONCE));
    await worker.close();
  });

  it("together with the worker: what was marked is unknown, the rest goes out, nothing twice", async () => {
    const command = morning.start(relay.url);
    await killInTheMiddle();
    command.process.kill("SIGKILL");
    await command.ended;
    await postgres.revive();
    await morning.run(relay.url);
    const { submitted = 0, unknown = 0, readers = 0, twice } = await morning.reconcile(relay.taken);
    expect(twice).toBe(0);
    expect(submitted + unknown).toBe(READERS);
    expect(readers).toBeGreaterThanOrEqual(submitted);
    expect(unknown).toBeGreaterThan(0);
    expect(unknown).toBeLessThanOrEqual(5);
  });
});
