import { GATE_ORDER, gatePapers, publish } from "@paperboy/harness/readers";
import { deliverDue, planDue, runUntilDone } from "@paperboy/worker";
import { describe, expect, it } from "vitest";
import { openSending, openWorker, readers, sink, sql, store } from "./sending-store.ts";
import { day, partsIn, refuse } from "./sent-parts.ts";

openSending();

describe("a relay that refuses us", () => {
  it("pauses sending to all readers after a few tries, says why, and suppresses nobody", async () => {
    await readers(40);
    await publish(store, gatePapers(1), day(23));
    const worker = await openWorker();
    sink.script = { onRecipient: refuse(550, "5.7.1 we do not know you") };
    const outcome = await runUntilDone(worker, day(24));
    expect(outcome.heldUp).toMatch(/the relay refuses us: .*5\.7\.1 we do not know you/);
    expect(outcome.deferred).toBeLessThanOrEqual(10);
    expect(outcome.open).toBe(40 - outcome.deferred);
    expect(await store.suppressions.list(10)).toEqual([]);
    const asked: string[] = [];
    sink.script = { onRecipient: (to) => void asked.push(to) };
    expect(await runUntilDone(await openWorker(), day(24, "07:31:00"))).toMatchObject({ submitted: 0 });
    expect(asked).toEqual([]);
    expect(await runUntilDone(worker, day(24, "07:50:00"))).toMatchObject({ submitted: 40, heldUp: null });
  });

  it("that cannot be reached is not tried on every reader either", async () => {
    await readers(40);
    await publish(store, gatePapers(1), day(23));
    const worker = await openWorker({ SMTP_URL: "smtp://127.0.0.1:1" });
    const outcome = await runUntilDone(worker, day(24));
    expect(outcome.heldUp).toMatch(/the relay cannot be reached/);
    expect(outcome.open).toBeGreaterThan(25);
  });

  it("and is resumed by an operator", async () => {
    await readers(20);
    await publish(store, gatePapers(1), day(23));
    const worker = await openWorker();
    sink.script = { onRecipient: refuse(550, "5.7.1 no") };
    await runUntilDone(worker, day(24));
    sink.script = {};
    await store.destinations.resume("*");
    expect((await runUntilDone(worker, day(24))).submitted).toBeGreaterThan(0);
  });
});

describe("a destination that throttles", () => {
  it("is written to more slowly, and no other is", async () => {
    await readers(4);
    await publish(store, gatePapers(1), day(23));
    let first = true;
    sink.script = {
      onRecipient: () => {
        if (!first) return;
        first = false;
        refuse(452, "4.3.1 not now")();
      },
    };
    await runUntilDone(await openWorker({ SMTP_CONNECTIONS: "1" }), day(24));
    const slowed = await sql.query("SELECT key, reason FROM streams WHERE reason IS NOT NULL");
    expect(slowed.rows).toEqual([{ key: "example.org", reason: expect.stringContaining("4.3.1 not now") }]);
  });

  it("a full mailbox with code 452 is not such a one", async () => {
    await readers(1);
    await publish(store, gatePapers(1), day(23));
    sink.script = { onRecipient: refuse(452, "4.2.2 mailbox full") };
    expect(await runUntilDone(await openWorker(), day(24))).toMatchObject({ deferred: 1, heldUp: null });
    expect(await store.destinations.list(day(24))).toEqual([]);
  });
});

describe("a pace", () => {
  it("is kept by all workers together, by slots of the database", async () => {
    await readers(12);
    await publish(store, gatePapers(1), day(23));
    const pace = { SMTP_PACE: "20/s", SMTP_CONNECTIONS: "4" };
    const [one, other] = [await openWorker(pace), await openWorker(pace)];
    const before = (await sql.query("SELECT clock_timestamp() AS at")).rows[0].at as Date;
    const outcomes = await Promise.all([runUntilDone(one, day(24)), runUntilDone(other, day(24))]);
    expect(outcomes.map(({ open }) => open)).toEqual([0, 0]);
    expect(sink.accepted).toHaveLength(12);
    // Twelve slots of 50 ms have been taken since the beginning, whoever took them.
    const { rows } = await sql.query("SELECT next_at FROM streams WHERE key = '*'");
    expect(rows[0].next_at.getTime() - before.getTime()).toBeGreaterThanOrEqual(600);
  });

  it("of a domain lets others pass", async () => {
    await readers(3);
    const address = "slow@gmail.com";
    for (const spelling of [address, "slow2@gmail.com", "slow3@gmail.com"]) {
      const { requestId } = await store.subscriptions.request(
        { address: spelling, key: spelling },
        GATE_ORDER,
        day(20),
      );
      await store.subscriptions.confirm(requestId, day(20));
    }
    await sql.query("DELETE FROM deliveries");
    await publish(store, gatePapers(1), day(23));
    const worker = await openWorker({ SMTP_PACE: "gmail.com 3/s", SMTP_CONNECTIONS: "1" });
    expect(await runUntilDone(worker, day(24))).toMatchObject({ submitted: 6 });
    const order = sink.accepted.map(({ to }) => to.split("@")[1]);
    // One may go at once wherever it stands; the two behind it wait, and nobody waits for them.
    expect(order.slice(-2)).toEqual(["gmail.com", "gmail.com"]);
  });

  it("in connections is shared", async () => {
    // More than one claim takes, so that both find some.
    await readers(40);
    await publish(store, gatePapers(1), day(23));
    let now = 0;
    let most = 0;
    let held = 0;
    let resolve = () => {};
    const allThere = new Promise<void>((done) => {
      resolve = done;
    });
    // The first mails wait for each other: three are under way together, or none ends.
    sink.script = {
      onRecipient: async () => {
        now++;
        most = Math.max(most, now);
        if (now === 3) {
          const { rows } = await sql.query("SELECT sum(connections)::int AS n FROM stream_shares");
          held = Math.max(held, rows[0].n); // later ones may find a worker that is done
          resolve();
        }
        await allThere;
      },
      onAccepted: () => now--,
    };
    const pace = { SMTP_PACE: "3 connections", SMTP_CONNECTIONS: "2" };
    const [one, other] = [await openWorker(pace), await openWorker(pace)];
    // Planned before, so that neither finds nothing to do and leaves the other alone.
    await planDue(one, day(24));
    await Promise.all([one, other].map((worker) => deliverDue(worker, day(24))));
    expect(sink.accepted).toHaveLength(40);
    expect([most, held]).toEqual([3, 3]);
  });

  it("of a warm-up sends so many a day; the others get the next edition with the papers of both", async () => {
    await readers(60);
    await publish(store, gatePapers(1), day(23));
    const worker = await openWorker({ SMTP_WARM_UP_FROM: "2026-11-24" });
    const first = await runUntilDone(worker, day(24));
    expect(first).toMatchObject({ submitted: 50, open: 10 });
    expect(first.heldUp).toMatch(/warm-up/);
    await publish(store, gatePapers(1, 1), day(24, "12:00:00"));
    expect(await runUntilDone(worker, day(25))).toMatchObject({ submitted: 60, heldUp: null });
    const perReader = new Map<string, number[]>();
    for (const { to, raw } of sink.accepted)
      perReader.set(to, [...(perReader.get(to) ?? []), ...partsIn(raw)]);
    expect([...perReader.values()].map((parts) => parts.sort())).toEqual(Array(60).fill([0, 1]));
  });
});
