import { pino } from "pino";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { outcomeOf } from "../src/deliver/outcome.ts";
import { workerMetrics } from "../src/telemetry/metrics.ts";
import { mailReport, REPORTS } from "../src/telemetry/reports.ts";
import { runStage, SILENT, type StageReport } from "../src/telemetry/telemetry.ts";

/** A log and metrics of this test alone. */
async function telemetry() {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const registry = new Registry();
  return { lines, registry, told: { log, metrics: await workerMetrics(registry) } };
}

describe("a stage", () => {
  it("logs one line of what it did, with a message and how long it took, and nothing when it did nothing", async () => {
    const { lines, told } = await telemetry();
    const announced = (n: number) => runStage(told, "announce", async () => n, REPORTS.announce);
    expect([await announced(0), await announced(62)]).toEqual([0, 62]);
    expect(lines).toEqual([
      expect.objectContaining({
        level: 30,
        stage: "announce",
        announced: 62,
        ms: expect.any(Number),
        msg: "Announced 62 papers",
      }),
    ]);
  });

  it("is measured each time, and counted when it fails; the error is its caller's to log", async () => {
    const { lines, registry, told } = await telemetry();
    const fail = async () => {
      throw new Error("the database is unavailable");
    };
    await expect(runStage(told, "plan", fail, () => null)).rejects.toThrow("unavailable");
    await runStage(
      told,
      "plan",
      async () => 1,
      () => null,
    );
    expect(lines).toEqual([]);
    const text = await registry.metrics();
    expect(text).toContain('paperboy_stage_duration_seconds_count{stage="plan"} 2');
    expect(text).toContain('paperboy_stage_failures_total{stage="plan"} 1');
  });
});

describe("what a stage says", () => {
  const counts = { read: 5, new: 3, updated: 1, unchanged: 1, refused: 0 };
  const run = { source: "arxiv", outcome: "ok", reason: null, refusals: [], ...counts } as const;
  const nothing = { submitted: 0, deferred: 0, failed: 0, suppressed: 0, skipped: 0, unknown: 0, fenced: 0 };
  const forgotten = { digests: 0, deliveries: 0, requests: 0, unsubscribed: 0, runs: 0 };
  const compared = {
    source: "arxiv",
    from: "2026-11-23",
    to: "2026-11-24",
    days: [],
    gaps: 2,
    filled: 2,
    faults: [],
  };

  it.each<[string, StageReport | null, object | null]>([
    ["a source that brought papers", REPORTS.source(run), { fields: { source: "arxiv", new: 3 } }],
    ["a source that failed", REPORTS.source({ ...run, outcome: "failed", reason: "404" }), { level: "warn" }],
    ["a source that has nothing new", REPORTS.source({ ...run, outcome: "unchanged" }), { level: "debug" }],
    ["no source that is due", REPORTS.source(null), null],
    [
      "days that are complete",
      REPORTS.reconcile({ ...compared, missing: [], complete: true }),
      { level: "info", fields: { filled: 2, missing: 0 } },
    ],
    [
      "papers that nobody gives",
      REPORTS.reconcile({ ...compared, missing: ["2601.00001"], complete: true }),
      { level: "warn" },
    ],
    [
      "no day that is open",
      REPORTS.reconcile({ ...compared, from: null, missing: [], complete: true }),
      null,
    ],
    [
      "editions",
      REPORTS.plan({
        planned: 2,
        skipped: 1,
        deliveryIds: ["a", "b"],
        editions: ["2026-11-24"],
        busyMs: { match: 0, rank: 0 },
      }),
      { message: "Planned 2 editions, skipped 1", fields: { editions: ["2026-11-24"] } },
    ],
    ["mails", REPORTS.deliver({ ...nothing, submitted: 9, heldUp: null }), { fields: { submitted: 9 } }],
    ["no mail", REPORTS.deliver({ ...nothing, heldUp: "the relay refuses us" }), null],
    ["leases that ran out", REPORTS.sweep({ pending: 1, unknown: 2, claimable: [] }), { level: "warn" }],
    ["leases that did not", REPORTS.sweep({ pending: 0, unknown: 0, claimable: ["a"] }), null],
    ["what is old", REPORTS.forget({ ...forgotten, digests: 4 }), { fields: { digests: 4 } }],
    ["nothing old", REPORTS.forget(forgotten), null],
  ])("of %s", (_what, said, expected) => {
    if (expected === null) expect(said).toBeNull();
    else expect(said).toMatchObject(expected);
    if (said !== null) expect(said.message).not.toBe("");
  });

  it("of a mail leads from its subscription to its message, and names no address", () => {
    const delivery = {
      id: "0b0f2c1e-4a55-8d11-8a2b-0123456789ab",
      kind: "digest",
      edition: "2026-11-24",
      fence: 2,
      subscriptionId: "7f6b0c54-64a3-4a68-9f3c-0123456789ab",
      email: "ada@example.org",
    } as unknown as Parameters<typeof mailReport>[0];
    const messageId = `<${delivery.id}@papers.example.org>`;
    const sent = { event: "accept", response: "250 ok for ada@example.org", messageId } as const;
    const said = mailReport(delivery, sent);
    expect(said.fields).toMatchObject({
      subscriptionId: delivery.subscriptionId,
      digestId: delivery.id,
      deliveryId: delivery.id,
      messageId,
      edition: "2026-11-24",
      outcome: "submitted",
      claim: 2,
    });
    expect(JSON.stringify(said)).not.toContain("ada@");
    const confirmation = mailReport({ ...delivery, kind: "confirmation", edition: "a-request" }, "fenced");
    expect(confirmation.fields).toMatchObject({ requestId: "a-request", outcome: "fenced" });
    expect(confirmation.fields).not.toHaveProperty("digestId");
  });
});

describe("mails", () => {
  it("are counted by outcome, and those that reached the relay are measured", async () => {
    const { registry, told } = await telemetry();
    told.metrics.mailEnded("digest", outcomeOf({ event: "accept", response: "", messageId: "" }), 0.2);
    told.metrics.mailEnded("digest", outcomeOf({ event: "suppress", response: "" }), 0.001);
    told.metrics.mailEnded("confirmation", outcomeOf("fenced"), 0.1);
    const text = await registry.metrics();
    expect(text).toContain('paperboy_mails_total{kind="digest",outcome="submitted"} 1');
    expect(text).toContain('paperboy_mails_total{kind="digest",outcome="suppressed"} 1');
    expect(text).toContain('paperboy_mails_total{kind="confirmation",outcome="fenced"} 1');
    expect(text).toContain('paperboy_mail_send_duration_seconds_count{outcome="submitted"} 1');
    expect(text).not.toContain('paperboy_mail_send_duration_seconds_count{outcome="suppressed"}');
  });

  it("can be sent without anybody listening", async () => {
    expect(await runStage(SILENT, "announce", async () => 3, REPORTS.announce)).toBe(3);
  });
});
