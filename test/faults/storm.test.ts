import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { findRedis } from "@paperboy/harness/redis-server";
import { describe, expect, it } from "vitest";
import { noToll } from "../bench/storm-lives.ts";
import {
  brokenPromises,
  type RecordedDelivery,
  reconcileStorm,
  type StormFacts,
} from "../bench/storm-reconcile.ts";

const RUNNER = fileURLToPath(new URL("../bench/run.mjs", import.meta.url));
/** The machine may be busy with other suites. */
const TIMEOUT_MS = 240_000;

describe("a storm: workers, Postgres, Redis and connections killed at random", () => {
  it("breaks no promise", { timeout: TIMEOUT_MS }, async () => {
    const { code, stdout, stderr } = await storm([
      "--kills",
      "6",
      "--readers",
      "60",
      "--seed",
      "1",
      "--json",
    ]);
    expect(stderr).toMatch(/^storm: seed 1,/);
    const { rows, notes } = JSON.parse(stdout || "{}");
    expect({ code, last: notes?.at(-1), stderr }).toMatchObject({ code: 0, last: "As promised." });
    const value = (what: string) => rows.find((row: { what: string }) => row.what === what).value;
    expect(value("workers killed")).toBeGreaterThanOrEqual(6);
    expect(value("Postgres killed")).toBeGreaterThanOrEqual(1);
    if (findRedis()) expect(value("Redis killed / flushed")).toMatch(/^[1-9]\d* \/ [1-9]\d*$/);
  });
});

/** As `npm run storm` does. */
async function storm(args: readonly string[]) {
  const child = spawn(process.execPath, [RUNNER, "storm", ...args]);
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const [code] = (await once(child, "close")) as [number];
  return { code, stdout, stderr };
}

describe("the judge of a storm", () => {
  const facts: StormFacts = {
    ...{ ...noToll(), kills: 1 },
    ...{
      seed: 1,
      policy: "hold",
      queue: "redis",
      readers: 3,
      days: 1,
      inFlight: 2,
      workers: 2,
      inTime: true,
    },
  };
  const booked = (id: string, more: Partial<RecordedDelivery> = {}): RecordedDelivery => ({
    ...{ id, status: "submitted", email: `${id}@storm.example`, papers: 1, papersAgain: 0 },
    ...more,
  });
  const mail = (id: string, to = id) => ({ messageId: `<${id}@papers.test>`, to: `${to}@storm.example` });
  const unknown = { status: "unknown" };
  const THREE = [mail("a"), mail("b"), mail("c")];

  const judge = (
    deliveries: readonly RecordedDelivery[],
    taken = THREE,
    more: Partial<StormFacts> = {},
  ): string[] => {
    const all = { ...facts, ...more };
    return brokenPromises(reconcileStorm(deliveries, { taken, drops: {} }, all), all);
  };

  it("is content when all is well, and when what is unknown was in flight", () => {
    expect(judge([booked("a"), booked("b"), booked("c")])).toEqual([]);
    expect(judge([booked("a"), booked("b", unknown), booked("c", unknown)], [mail("a"), mail("b")])).toEqual(
      [],
    );
  });

  it("is content with an edition that was superseded when another one brings its paper", () => {
    const gone = { status: "skipped", papersAgain: 1 };
    expect(judge([booked("a"), booked("b"), booked("c", gone)], [mail("a"), mail("b")])).toEqual([]);
  });

  it("allows copies under one Message-ID when the policy is to retry", () => {
    const twice = [...THREE, mail("b")];
    const all = [booked("a"), booked("b"), booked("c")];
    expect(judge(all, twice)).toEqual(["nothing is sent twice"]);
    expect(judge(all, twice, { policy: "retry" })).toEqual([]);
  });

  it.each<[string, readonly RecordedDelivery[], ReturnType<typeof mail>[], Partial<StormFacts>]>([
    ["what is submitted was sent", [booked("a"), booked("b"), booked("c")], [mail("a"), mail("b")], {}],
    [
      "every delivery is submitted or unknown, or superseded",
      [booked("a"), booked("b", { status: "pending" }), booked("c")],
      THREE,
      {},
    ],
    ["one delivery for each reader and day", [booked("a"), booked("b")], [mail("a"), mail("b")], {}],
    [
      "unknown is only what was in flight",
      [booked("a", unknown), booked("b", unknown), booked("c", unknown)],
      [],
      {},
    ],
    ["nothing is unknown", [booked("a"), booked("b"), booked("c", unknown)], THREE, { policy: "retry" }],
    ["nothing is lost", [booked("a"), booked("b"), booked("c")], [mail("a"), mail("b")], { policy: "retry" }],
    [
      "every copy has the Message-ID of its delivery",
      [booked("a"), booked("b"), booked("c")],
      [...THREE, mail("d")],
      {},
    ],
    [
      "every copy has the Message-ID of its delivery",
      [booked("a"), booked("b"), booked("c")],
      [...THREE, mail("a", "b")],
      {},
    ],
    [
      "each edition brings its paper, and none twice",
      [booked("a"), booked("b"), booked("c", { papersAgain: 1 })],
      THREE,
      {},
    ],
    [
      "each edition brings its paper, and none twice",
      [booked("a"), booked("b"), booked("c", { papers: 0 })],
      THREE,
      {},
    ],
    [
      "each edition brings its paper, and none twice",
      [booked("a"), booked("b"), booked("c", { status: "skipped" })],
      [mail("a"), mail("b")],
      {},
    ],
    ["no worker ends by itself", [booked("a"), booked("b"), booked("c")], THREE, { crashes: 1 }],
    ["a worker that is told to end drains", [booked("a"), booked("b"), booked("c")], THREE, { badDrains: 1 }],
    ["it came to an end in time", [booked("a"), booked("b"), booked("c")], THREE, { inTime: false }],
  ])("sees when this is broken: %s", (promise, deliveries, taken, more) => {
    expect(judge(deliveries, taken, more)).toContain(promise);
  });
});
