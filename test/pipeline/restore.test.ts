import { parseSigningKeys } from "@paperboy/core";
import { openLibrary, openStore } from "@paperboy/db";
import { copyTestDatabase, createTestDatabase, type TestDatabase } from "@paperboy/harness/database";
import { addReaders, GATE_ORDER, gatePapers, publish } from "@paperboy/harness/readers";
import { SECRET_KEYS } from "@paperboy/harness/secret";
import { type SmtpSink, startSmtpSink } from "@paperboy/harness/smtp-sink";
import { TEMPLATES } from "@paperboy/harness/templates";
import { ARXIV_POLICY } from "@paperboy/sources";
import {
  createWorkerContext,
  markSent,
  plan,
  readWorkerConfig,
  runUntilDone,
  type WorkerContext,
} from "@paperboy/worker";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const at = (day: number, time = "07:30:00") => new Date(`2026-11-${day}T${time}Z`);
const READERS = 3;

let sink: SmtpSink;
let live: TestDatabase;
let restored: TestDatabase;
beforeEach(async () => {
  sink = await startSmtpSink();
  live = await createTestDatabase();
});
afterEach(async () => {
  await sink.close();
  await live.close();
  await restored.close();
});

/** Does something with a worker of its own on a database, and lets go of it. */
async function using<Result>(
  { url }: TestDatabase,
  work: (worker: WorkerContext, sql: pg.Client) => Promise<Result>,
): Promise<Result> {
  const store = openStore({ arxivPolicy: ARXIV_POLICY, url, keys: parseSigningKeys(SECRET_KEYS) });
  const sql = new pg.Client({ connectionString: url });
  await sql.connect();
  const config = readWorkerConfig({
    DATABASE_URL: url,
    SMTP_URL: sink.url,
    PUBLIC_URL: "https://papers.example.org",
    MAIL_FROM: "Paperboy <digest@papers.example.org>",
    SECRET_KEYS,
  });
  const worker = await createWorkerContext(config, store, { ...TEMPLATES, library: openLibrary(store) });
  try {
    return await work(worker, sql);
  } finally {
    await worker.close();
    await sql.end();
    await store.close();
  }
}

const run = (database: TestDatabase, now: Date) => using(database, (worker) => runUntilDone(worker, now));
const mails = () => sink.accepted.map(({ to, messageId }) => `${to} ${messageId}`).sort();
const partsTo = (to: string) =>
  sink.accepted
    .filter((mail) => mail.to === to)
    .flatMap(({ raw }) => [...new Set(raw.match(/Gated recurrence, part \d+/g) ?? [])])
    .sort();

/** A backup of the night, the morning after it, and the backup in its place. */
async function losesTheMorning({ planned = false } = {}): Promise<void> {
  await using(live, async ({ store }) => {
    await publish(store, gatePapers(4), at(23));
    await addReaders(store, READERS, at(20), { ...GATE_ORDER, maxPapers: 3 });
  });
  await using(live, (_worker, sql) => sql.query("DELETE FROM deliveries"));
  if (planned) await using(live, ({ store, library }) => plan(store, library, at(24, "07:00:00")));
  restored = await copyTestDatabase(live);
  expect(await run(live, at(24))).toMatchObject({ submitted: READERS });
}

describe("a backup of before the morning, restored after it", () => {
  it.each([{ planned: false }, { planned: true }])(
    "mails nothing again when it is told until when mails had gone out, nor their papers (planned before: $planned)",
    async (how) => {
      await losesTheMorning(how);
      const sent = mails();
      const outcome = await using(restored, (worker) =>
        markSent(worker, at(24, "07:40:00"), at(24, "09:00:00")),
      );
      expect(outcome).toEqual({ planned: how.planned ? 0 : READERS, marked: READERS });
      expect(await run(restored, at(24, "09:00:00"))).toMatchObject({ planned: 0, submitted: 0 });
      expect(mails()).toEqual(sent);
      await using(restored, ({ store }) => publish(store, gatePapers(1, 4), at(24, "12:00:00")));
      expect(await run(restored, at(25))).toMatchObject({ submitted: READERS });
      for (let n = 0; n < READERS; n++) {
        expect(partsTo(`reader${n}@example.org`)).toEqual(
          [0, 1, 2, 3, 4].map((part) => `Gated recurrence, part ${part}`),
        );
      }
    },
  );

  it("mails the morning again under the Message-IDs it had when it is not told", async () => {
    await losesTheMorning();
    const sent = mails();
    expect(await run(restored, at(24, "09:00:00"))).toMatchObject({ submitted: READERS });
    expect(mails()).toEqual([...sent, ...sent].sort());
    expect(new Set(mails()).size).toBe(READERS);
  });

  it("says so of each mail, and leaves what was due later alone", async () => {
    await losesTheMorning({ planned: true });
    await using(restored, async (worker, sql) => {
      expect(await markSent(worker, at(24, "06:00:00"), at(24, "09:00:00"))).toEqual({
        planned: 0,
        marked: 0,
      });
      await markSent(worker, at(24, "08:00:00"), at(24, "09:00:00"));
      const { rows } = await sql.query("SELECT DISTINCT status, response FROM deliveries");
      expect(rows).toEqual([
        { status: "submitted", response: "taken as sent before the backup was restored" },
      ]);
    });
  });
});
