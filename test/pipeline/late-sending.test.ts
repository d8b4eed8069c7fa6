import { addReaders, GATE_ORDER, gatePapers, publish } from "@paperboy/harness/readers";
import { runUntilDone } from "@paperboy/worker";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openSending, openWorker, readers, sink, sql, store } from "./sending-store.ts";
import { day, decoded, partsIn, refuse } from "./sent-parts.ts";

openSending();

const states = async () => {
  const { rows } = await sql.query("SELECT status, count(*)::int AS n FROM deliveries GROUP BY status");
  return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
};

/** The edition that a mail is of: its `Date` is when it was planned. */
const dateOf = (raw: string) => new Date(/^Date: (.+)$/im.exec(raw)?.[1] ?? "").toISOString().slice(0, 10);

describe("an edition that could not go out in time", () => {
  it("is superseded by the next one, which brings its papers, once", async () => {
    await readers(1);
    await publish(store, gatePapers(2), day(23));
    const worker = await openWorker();
    sink.script = { onRecipient: refuse(452, "4.2.2 mailbox full") };
    expect(await runUntilDone(worker, day(24))).toMatchObject({ deferred: 1 });
    sink.script = {};
    await publish(store, gatePapers(1, 2), day(24, "12:00:00"));
    expect(await runUntilDone(worker, day(25))).toMatchObject({ planned: 1, submitted: 1 });
    expect(await states()).toEqual({ skipped: 1, submitted: 1 });
    expect(partsIn(sink.accepted[0]?.raw ?? "").sort()).toEqual([0, 1, 2]);
    await publish(store, gatePapers(1, 3), day(25, "12:00:00"));
    await runUntilDone(worker, day(26));
    expect(partsIn(sink.accepted[1]?.raw ?? "")).toEqual([3]);
  });

  it("is not mailed from a backup of last week; its papers come at the reader's next hour", async () => {
    await readers(1, { ...GATE_ORDER, cadence: "weekly", weekday: 2 });
    await publish(store, gatePapers(2), day(23));
    const worker = await openWorker();
    sink.script = { onRecipient: refuse(451, "4.3.0 later") };
    await runUntilDone(worker, day(24));
    sink.script = {};
    expect(await runUntilDone(worker, day(28))).toMatchObject({ planned: 0, submitted: 0 });
    expect(sink.accepted).toEqual([]);
    expect(await states()).toEqual({ skipped: 1 });
    expect(await runUntilDone(worker, new Date("2026-12-01T07:30:00Z"))).toMatchObject({ submitted: 1 });
    expect(partsIn(sink.accepted[0]?.raw ?? "").sort()).toEqual([0, 1]);
  });

  it("after an outage longer than MAX_LATENESS_HOURS waits for the reader's hour", async () => {
    await readers(1);
    await publish(store, gatePapers(2), day(22));
    const worker = await openWorker({ MAX_LATENESS_HOURS: "6" });
    expect(await runUntilDone(worker, day(24, "03:00:00"))).toMatchObject({ planned: 0, skipped: 1 });
    expect(await runUntilDone(worker, day(24))).toMatchObject({ planned: 1, submitted: 1 });
    expect(partsIn(sink.accepted[0]?.raw ?? "").sort()).toEqual([0, 1]);
  });
});

describe("the clock", () => {
  it("set back two hours brings no second digest for the date", async () => {
    await readers(1);
    await publish(store, gatePapers(1), day(23));
    const worker = await openWorker();
    await runUntilDone(worker, day(24));
    await publish(store, gatePapers(1, 1), day(24, "05:40:00"));
    await runUntilDone(worker, day(24, "05:30:00"));
    await runUntilDone(worker, day(24));
    expect(sink.accepted).toHaveLength(1);
    await runUntilDone(worker, day(25));
    expect(sink.accepted.map(({ raw }) => partsIn(raw))).toEqual([[0], [1]]);
  });

  it("that ran three days ahead and was put right brings no edition of an earlier date, and their papers with the next", async () => {
    await readers(1);
    await publish(store, gatePapers(1), day(23));
    const worker = await openWorker();
    await runUntilDone(worker, day(24));
    await publish(store, gatePapers(1, 1), day(24, "09:00:00"));
    await runUntilDone(worker, day(27)); // wrong
    for (const date of [25, 26, 27, 28]) {
      await publish(store, gatePapers(1, date), day(date - 1, "12:00:00"));
      await runUntilDone(worker, day(date));
    }
    const { rows } = await sql.query("SELECT edition, status, response FROM deliveries ORDER BY 1");
    const superseded = expect.stringMatching(/^an edition of a later date has gone out/);
    expect(rows).toMatchObject([
      { edition: "2026-11-24", status: "submitted" },
      { edition: "2026-11-25", status: "skipped", response: superseded },
      { edition: "2026-11-26", status: "skipped", response: superseded },
      { edition: "2026-11-27", status: "submitted" },
      { edition: "2026-11-28", status: "submitted" },
    ]);
    expect(sink.accepted.map(({ raw }) => partsIn(raw).sort())).toEqual([[0], [1], [25, 26, 27, 28]]);
  });

  it("whatever it says, editions go out in the order of their dates, and each paper once", async () => {
    const leap = fc.record({ to: fc.integer({ min: 2, max: 12 }), papers: fc.integer({ min: 0, max: 2 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(leap, { minLength: 2, maxLength: 7 }), async (leaps) => {
        await sql.query("TRUNCATE subscribers, papers, sources, throttles, streams, markers CASCADE");
        sink.accepted.length = 0;
        await addReaders(store, 1, new Date("2026-11-01T05:00:00Z"), GATE_ORDER);
        await sql.query("DELETE FROM deliveries");
        const worker = await openWorker();
        let published = 0;
        const morning = async ({ to, papers }: { to: number; papers: number }) => {
          const at = new Date(Date.UTC(2026, 10, to, 7, 30));
          await publish(store, gatePapers(papers, published), new Date(at.getTime() - 3_600_000));
          published += papers;
          await runUntilDone(worker, at);
        };
        for (const each of leaps) await morning(each);
        for (const to of [13, 14, 15]) await morning({ to, papers: 0 });
        const dates = sink.accepted.map(({ raw }) => dateOf(raw));
        expect(dates).toEqual([...new Set(dates)].sort());
        const brought = sink.accepted.flatMap(({ raw }) => partsIn(raw)).sort((a, b) => a - b);
        expect(brought).toEqual(Array.from({ length: published }, (_, n) => n));
      }),
      { numRuns: 12 },
    );
  });

  it("of a reader who moves to another zone after the day's mail brings one a local date", async () => {
    const [id] = await addReaders(store, 1, day(20), { ...GATE_ORDER, timezone: "Pacific/Auckland" });
    await sql.query("DELETE FROM deliveries");
    await publish(store, gatePapers(1), day(23));
    const worker = await openWorker();
    await runUntilDone(worker, day(23, "18:30:00")); // 24 November in Auckland
    await store.subscriptions.change(
      id as string,
      { ...GATE_ORDER, timezone: "Pacific/Honolulu" },
      day(23, "19:00:00"),
    );
    await publish(store, gatePapers(1, 1), day(23, "20:00:00"));
    for (const [date, time] of [
      [24, "17:30:00"],
      [25, "17:30:00"],
      [26, "17:30:00"],
    ] as const)
      await runUntilDone(worker, day(date, time));
    const { rows } = await sql.query("SELECT edition FROM deliveries WHERE status = 'submitted' ORDER BY 1");
    expect(rows).toEqual([{ edition: "2026-11-24" }, { edition: "2026-11-25" }]);
  });
});

describe("a day without anything new", () => {
  it("brings a short note to a reader who asked for one, and silence to the others", async () => {
    await readers(1);
    const { requestId } = await store.subscriptions.request(
      { address: "note@example.org", key: "note@example.org" },
      { ...GATE_ORDER, noteWhenEmpty: true },
      day(20),
    );
    await store.subscriptions.confirm(requestId, day(20));
    await sql.query("DELETE FROM deliveries");
    expect(await runUntilDone(await openWorker(), day(24))).toMatchObject({
      planned: 1,
      submitted: 1,
      skipped: 1,
    });
    const [note] = sink.accepted;
    expect(note?.to).toBe("note@example.org");
    expect(note?.raw).toMatch(/^Subject: .*nothing[ _]new/im);
    expect(decoded(note?.raw ?? "").replace(/=\r\n/g, "")).toContain("No new paper for you today");
    expect(note?.raw).toMatch(/^List-Unsubscribe:/im);
  });
});
