import { openStore } from "@paperboy/db";
import { createTestDatabase, type TestDatabase } from "@paperboy/harness/database";
import { runCommand } from "@paperboy/harness/paperboy";
import { addReaders, gatePapers, publish } from "@paperboy/harness/readers";
import { type SmtpSink, startSmtpSink } from "@paperboy/harness/smtp-sink";
import { ARXIV_POLICY } from "@paperboy/sources";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const DAY_BEFORE = new Date("2026-11-23T07:30:00Z");
let database: TestDatabase;
let sink: SmtpSink;
beforeAll(async () => {
  database = await createTestDatabase();
  sink = await startSmtpSink();
  const store = openStore({ arxivPolicy: ARXIV_POLICY, url: database.url });
  await publish(store, gatePapers(2), DAY_BEFORE);
  await addReaders(store, 1, DAY_BEFORE);
  await store.close();
});
afterAll(async () => {
  await sink.close();
  await database.close();
});

const paperboy = (args: readonly string[], env: Record<string, string> = {}) =>
  runCommand(args, {
    DATABASE_URL: database.url,
    SMTP_URL: sink.url,
    SECRET_KEYS: "test:0123456789abcdef0123456789abcdef",
    ...env,
  });

describe("a run", () => {
  it("logs its stages and each mail when asked to, with ids that lead from one to the other, and no address", async () => {
    const run = await paperboy(["run", "--now", "2026-11-24T07:30:00Z", "--json"], { LOG_LEVEL: "info" });
    expect(JSON.parse(run.stdout)).toMatchObject({ planned: 1 });
    const lines = run.stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.every(({ msg }) => typeof msg === "string" && msg !== "")).toBe(true);
    expect(lines.find(({ stage }) => stage === "plan")).toMatchObject({
      planned: 1,
      editions: ["2026-11-24"],
      ms: expect.any(Number),
    });
    const mail = lines.find(({ digestId }) => digestId !== undefined);
    expect(mail).toMatchObject({ stage: "deliver", outcome: "submitted", edition: "2026-11-24" });
    expect(mail.messageId).toBe(sink.accepted.find(({ raw }) => raw.includes("Gated"))?.messageId);
    expect(mail.messageId).toContain(mail.deliveryId);
    expect(run.stderr).not.toContain("reader0");
    const quiet = await paperboy(["run", "--now", "2026-11-25T07:30:00Z", "--json"]);
    expect(quiet.stderr).toBe("");
  });
});

describe("paperboy why", () => {
  it("prints the story, for people and as one JSON object", async () => {
    const told = await paperboy(["why", "Reader0@example.org", "--date", "2026-11-24"]);
    expect(told.code).toBe(0);
    expect(told.stdout).toMatch(/^The edition of 2026-11-24 was submitted at 2026-11-24T07:30:00\.000Z: 250/);
    expect(told.stdout).toMatch(/Gates \(gate\): 2 shown/);
    expect(told.stdout).toMatch(/shown +Gated recurrence, part 1 \[.*gate.*\]/i);
    expect(told.stdout).toMatch(/claimed 1 time$/m);
    const asJson = await paperboy(["why", "reader0@example.org", "--json"]);
    expect(JSON.parse(asJson.stdout)).toMatchObject({
      outcome: "skipped",
      edition: { date: "2026-11-25", topics: [{ counts: { "already-sent": 2, shown: 0 } }] },
    });
  });

  it.each([
    [["nobody@example.org"], "nothing is kept about nobody@example.org"],
    [["nobody"], "nobody: "],
    [["reader0@example.org", "--date", "2026-02-30"], "--date: '2026-02-30' is not a date"],
  ])("%j is refused with a reason", async (args, reason) => {
    const { code, stdout, stderr } = await paperboy(["why", ...args]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`paperboy: ${reason}`);
  });
});
