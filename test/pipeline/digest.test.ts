import { openLibrary, type Store } from "@paperboy/db";
import type { TestDatabase } from "@paperboy/harness/database";
import { addReaders, GATE_ORDER, gatePapers, publish } from "@paperboy/harness/readers";
import { SECRET_KEYS } from "@paperboy/harness/secret";
import { type SmtpSink, startSmtpSink } from "@paperboy/harness/smtp-sink";
import { openTestStore } from "@paperboy/harness/store";
import { TEMPLATES } from "@paperboy/harness/templates";
import { createWorkerContext, readWorkerConfig, runUntilDone, type WorkerContext } from "@paperboy/worker";
import type pg from "pg";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

const day = (n: number, time = "07:30:00") => new Date(`2026-11-${n}T${time}Z`);

let database: TestDatabase;
let store: Store;
let sql: pg.Pool;
let sink: SmtpSink;
let worker: WorkerContext;

beforeAll(async () => {
  const opened = await openTestStore();
  ({ database, store, sql } = opened);
  return opened.close;
});
beforeEach(async () => {
  await sql.query("TRUNCATE subscribers, papers, suppressions, throttles CASCADE");
  sink = await startSmtpSink();
  const config = readWorkerConfig({
    DATABASE_URL: database.url,
    SMTP_URL: sink.url,
    PUBLIC_URL: "https://papers.example.org",
    MAIL_FROM: "Paperboy <digest@papers.example.org>",
    SECRET_KEYS,
  });
  worker = await createWorkerContext(config, store, { ...TEMPLATES, library: openLibrary(store) });
});
afterEach(async () => {
  await worker.close();
  await sink.close();
});

const decoded = (raw: string) =>
  raw.replace(
    /Content-Transfer-Encoding: base64\r\n(?:.+\r\n)*\r\n([A-Za-z0-9+/=\r\n]+)/g,
    (_all, body: string) => Buffer.from(body, "base64").toString(),
  );
const titlesIn = (raw: string) =>
  [...new Set(decoded(raw).match(/Gated recurrence, part \d+/g) ?? [])].sort();

/** Drops the mails that ask to confirm, which are not what these tests look at. */
async function readers(count: number, at: Date, order = GATE_ORDER): Promise<string[]> {
  const ids = await addReaders(store, count, at, order);
  await sql.query("DELETE FROM deliveries");
  return ids;
}

describe("a day", () => {
  it("brings each reader what is new and matches, and the next day only what is new since", async () => {
    await readers(3, day(20));
    await publish(store, gatePapers(4), day(23));
    expect(await runUntilDone(worker, day(24))).toMatchObject({ planned: 3, submitted: 3, skipped: 0 });
    expect(sink.accepted.map(({ raw }) => titlesIn(raw).length)).toEqual([4, 4, 4]);
    await publish(store, gatePapers(2, 4), day(24, "12:00:00"));
    expect(await runUntilDone(worker, day(25))).toMatchObject({ planned: 3, submitted: 3 });
    const second = sink.accepted.slice(3).map(({ raw }) => titlesIn(raw));
    expect(second).toEqual(Array(3).fill(["Gated recurrence, part 4", "Gated recurrence, part 5"]));
  });

  it("leaves what found no room to the next editions, behind what is new, and none twice", async () => {
    await readers(1, day(20));
    await publish(store, gatePapers(45), day(23));
    await runUntilDone(worker, day(24));
    await publish(store, gatePapers(3, 45), day(24, "12:00:00"));
    await runUntilDone(worker, day(25));
    await runUntilDone(worker, day(26));
    expect(await runUntilDone(worker, day(27))).toMatchObject({ planned: 0, skipped: 1 });
    const editions = sink.accepted.map(({ raw }) => titlesIn(raw));
    expect(editions.map(({ length }) => length)).toEqual([20, 20, 8]);
    expect(editions[1]).toEqual(
      expect.arrayContaining([45, 46, 47].map((n) => `Gated recurrence, part ${n}`)),
    );
    expect(new Set(editions.flat()).size).toBe(48);
  });

  it("run twice mails nobody twice", async () => {
    await readers(3, day(20));
    await publish(store, gatePapers(4), day(23));
    await runUntilDone(worker, day(24));
    expect(await runUntilDone(worker, day(24, "09:00:00"))).toMatchObject({
      planned: 0,
      submitted: 0,
      skipped: 0,
    });
    expect(sink.accepted).toHaveLength(3);
  });

  it("without anything new mails nobody, and its row says so", async () => {
    await readers(2, day(20));
    expect(await runUntilDone(worker, day(24))).toMatchObject({ planned: 0, submitted: 0, skipped: 2 });
    const skipped = await store.deliveries.list({ status: "skipped", limit: 10 });
    expect(skipped.map(({ response }) => response)).toEqual(skipped.map(() => "nothing new for this reader"));
    expect(sink.accepted).toEqual([]);
  });

  it("after an outage brings one digest with everything, not one for each day", async () => {
    await readers(1, day(20));
    await publish(store, gatePapers(2), day(21));
    await publish(store, gatePapers(2, 2), day(23));
    expect(await runUntilDone(worker, day(24))).toMatchObject({ planned: 1, submitted: 1 });
    expect(titlesIn(sink.accepted[0]?.raw ?? "")).toHaveLength(4);
  });

  it("looks a week back for a new reader", async () => {
    await publish(store, gatePapers(1), day(10));
    await publish(store, gatePapers(1, 1), day(22));
    await readers(1, day(23));
    await runUntilDone(worker, day(24));
    expect(titlesIn(sink.accepted[0]?.raw ?? "")).toEqual(["Gated recurrence, part 1"]);
  });

  it("brings trending papers once, though they trend for days", async () => {
    await readers(1, day(20), { ...GATE_ORDER, topics: [], trending: true, maxPapers: 3 });
    await publish(store, gatePapers(5), day(23));
    await runUntilDone(worker, day(24));
    await runUntilDone(worker, day(25));
    expect(await runUntilDone(worker, day(26))).toMatchObject({ planned: 0, skipped: 1 });
    const titles = sink.accepted.flatMap(({ raw }) => titlesIn(raw));
    expect(titles).toHaveLength(5);
    expect(new Set(titles).size).toBe(5);
  });

  it("follows the reader's time zone", async () => {
    await readers(1, day(20), { ...GATE_ORDER, timezone: "Pacific/Auckland" });
    await publish(store, gatePapers(1), day(20, "20:00:00"));
    expect(await runUntilDone(worker, day(20, "17:59:59"))).toMatchObject({ planned: 0, skipped: 0 });
    expect(await runUntilDone(worker, day(20, "18:00:01"))).toMatchObject({ planned: 1, submitted: 1 });
    const { rows } = await sql.query("SELECT edition FROM deliveries");
    expect(rows).toEqual([{ edition: "2026-11-21" }]);
  });
});

describe("a mail", () => {
  it("goes to nobody who left after it was planned", async () => {
    const [id] = await readers(2, day(20));
    await publish(store, gatePapers(1), day(23));
    await store.planPage({ now: day(24), limit: 10, seenFromSeq: 1 }, (due) =>
      due.map((subscription) => ({
        subscriptionId: subscription.id,
        date: subscription.nextDate,
        status: "pending",
        paperIds: [],
        sections: [],
        toSeq: 1,
        watermark: 1,
        nextDueAt: day(25),
        nextDate: "2026-11-25",
      })),
    );
    await store.subscriptions.unsubscribe(id as string, day(24));
    expect(await runUntilDone(worker, day(24))).toMatchObject({ submitted: 1, suppressed: 1 });
  });

  it("is refused for good, deferred, or lost, as the relay says", async () => {
    await readers(3, day(20));
    await publish(store, gatePapers(1), day(23));
    const answers: Record<string, number> = { "reader0@example.org": 550, "reader1@example.org": 451 };
    sink.script = {
      onRecipient: (to) => {
        const responseCode = answers[to];
        if (responseCode !== undefined) throw Object.assign(new Error("no"), { responseCode });
      },
    };
    expect(await runUntilDone(worker, day(24))).toMatchObject({
      submitted: 1,
      failed: 1,
      deferred: 1,
      unknown: 0,
    });
    sink.script = {};
    expect(await runUntilDone(worker, day(24, "08:00:00"))).toMatchObject({
      planned: 0,
      submitted: 1,
      failed: 0,
    });
    expect(sink.accepted.map(({ to }) => to).sort()).toEqual(["reader1@example.org", "reader2@example.org"]);
  });

  it("whose connection breaks after the dot is held, or sent again under the same name, as the policy says", async () => {
    await readers(1, day(20));
    await publish(store, gatePapers(1), day(23));
    const names: string[] = [];
    sink.script = {
      onDot: () => {
        sink.drop();
        throw new Error("gone");
      },
    };
    expect(await runUntilDone(worker, day(24))).toMatchObject({ submitted: 0, deferred: 0, unknown: 1 });
    await publish(store, gatePapers(1, 1), day(24, "12:00:00"));
    const retrying = { ...worker, config: { ...worker.config, unknownPolicy: "retry" as const } };
    expect(await runUntilDone(retrying, day(25))).toMatchObject({ submitted: 0, deferred: 1, unknown: 0 });
    const kept = await sql.query("SELECT id FROM deliveries WHERE status = 'deferred'");
    sink.script = { onAccepted: () => names.push(sink.accepted.at(-1)?.messageId ?? "") };
    expect(await runUntilDone(retrying, day(25, "09:00:00"))).toMatchObject({ submitted: 1, unknown: 0 });
    expect(names).toEqual([`<${kept.rows[0].id}@papers.example.org>`]);
  });

  it("carries what a mail program needs to offer a way out", async () => {
    await readers(1, day(20));
    await publish(store, gatePapers(1), day(23));
    await runUntilDone(worker, day(24));
    const unfolded = (sink.accepted[0]?.raw ?? "").replace(/\r\n[ \t]+/g, " ");
    const header = (name: string) =>
      [...unfolded.matchAll(new RegExp(`^${name}: (.*)$`, "gim"))].map((found) => found[1]?.trim());
    expect(header("List-Unsubscribe")).toEqual([
      expect.stringMatching(
        /^<https:\/\/papers\.example\.org\/unsubscribe\?token=[\w.-]+>, ?<mailto:digest@papers\.example\.org\?subject=.+>$/,
      ),
    ]);
    expect(header("List-Unsubscribe-Post")).toEqual(["List-Unsubscribe=One-Click"]);
    expect(header("List-Id")).toEqual([expect.stringContaining("<digest.papers.example.org>")]);
    expect(header("Auto-Submitted")).toEqual(["auto-generated"]);
    expect(header("Message-ID")).toEqual([expect.stringMatching(/^<[0-9a-f-]{36}@papers\.example\.org>$/)]);
  });
});
