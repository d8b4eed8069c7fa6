import { bounceAddress } from "@paperboy/core";
import { openLibrary } from "@paperboy/db";
import { addReaders, GATE_ORDER, gatePapers, publish } from "@paperboy/harness/readers";
import { BOUNCE_DOMAIN, keys, report } from "@paperboy/harness/returned-mail";
import { SECRET_KEYS } from "@paperboy/harness/secret";
import { type SmtpSink, startSmtpSink } from "@paperboy/harness/smtp-sink";
import { openTestStore, type TestStore } from "@paperboy/harness/store";
import { TEMPLATES } from "@paperboy/harness/templates";
import {
  createWorkerContext,
  type MatchState,
  readWorkerConfig,
  runUntilDone,
  takeBounce,
  tellReaderStory,
} from "@paperboy/worker";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

const day = (n: number, time = "07:30:00") => new Date(`2026-11-${n}T${time}Z`);

const READER = "reader0@example.org";

let open: TestStore;

let sink: SmtpSink;

beforeAll(async () => {
  open = await openTestStore();
  return open.close;
});

beforeEach(async () => {
  await open.sql.query("TRUNCATE subscribers, papers, suppressions, throttles, streams, markers CASCADE");
  sink = await startSmtpSink();
});

afterEach(() => sink.close());

const subscribe = (order = GATE_ORDER, confirmedAt = day(20)) =>
  addReaders(open.store, 1, confirmedAt, order);

const why = async (date?: string, now = day(24, "09:00:00"), address = READER) => {
  const story = await tellReaderStory(open.store, openLibrary(open.store), address, { date, now });
  if (story === null) throw new Error("nothing is kept");
  return story;
};

/** How many papers of the only topic are in each state. */
const counts = async (date?: string, now?: Date): Promise<Partial<Record<MatchState, number>>> => {
  const all: Partial<Record<MatchState, number>> = (await why(date, now)).edition?.topics[0]?.counts ?? {};
  return Object.fromEntries(Object.entries(all).filter(([, n]) => n > 0));
};

const run = async (now: Date) => {
  const config = readWorkerConfig({
    DATABASE_URL: open.database.url,
    SMTP_URL: sink.url,
    PUBLIC_URL: "https://papers.example.org",
    MAIL_FROM: "Paperboy <digest@papers.example.org>",
    SECRET_KEYS,
  });
  const worker = await createWorkerContext(config, open.store, {
    ...TEMPLATES,
    library: openLibrary(open.store),
  });
  return runUntilDone(worker, now).finally(() => worker.close());
};

/** Refuses every mail of a run for now. */
const runWithFullMailbox = async (now: Date) => {
  sink.script = {
    onRecipient: () => {
      throw Object.assign(new Error("4.2.2 mailbox full"), { responseCode: 452 });
    },
  };
  const outcome = await run(now);
  sink.script = {};
  return outcome;
};

describe("the story of an edition that went out", () => {
  it("names what each topic matched, what found no room, what came before, and what the relay said", async () => {
    await subscribe({ ...GATE_ORDER, maxPapers: 2 });
    await publish(open.store, gatePapers(3), day(23));
    await run(day(24));
    const first = await why();
    expect(first).toMatchObject({ outcome: "submitted", status: "active", suppressed: null });
    expect(first.edition).toMatchObject({
      date: "2026-11-24",
      dueAt: day(24, "07:00:00"),
      plannedAt: day(24),
      delivery: { status: "submitted", claims: 1, events: [], bounces: [] },
    });
    expect(first.edition?.delivery?.messageId).toBe(sink.accepted[0]?.messageId);
    expect(first.edition?.digestId).toBe(first.edition?.delivery?.id);
    expect(await counts("2026-11-24")).toEqual({ shown: 2, "held-back": 1 });
    const papers = first.edition?.topics[0]?.papers ?? [];
    expect(papers.map(({ state }) => state)).toEqual(["shown", "shown", "held-back"]);
    expect(papers[0]?.matched).toContain("gate");
    expect(papers[0]?.title).toMatch(/^Gated recurrence/);
    expect(papers[2]?.why).toBe("no room: an edition shows 2 papers at most; it waits for the next one");

    await publish(open.store, gatePapers(1, 3), day(24, "12:00:00"));
    await run(day(25));
    expect(await counts("2026-11-25")).toEqual({ shown: 2, "already-sent": 2 });
    const held = (await why("2026-11-24")).edition?.topics[0]?.papers[2];
    expect(held?.why).toBe(
      "no room: an edition shows 2 papers at most; it came with the edition of 2026-11-25",
    );
    const second = (await why("2026-11-25")).edition?.topics[0]?.papers ?? [];
    expect(second.at(-1)?.why).toBe("already sent with the edition of 2026-11-24");
  });

  it("tells each attempt before the last, and what came back", async () => {
    await subscribe();
    await publish(open.store, gatePapers(1), day(23));
    expect(await runWithFullMailbox(day(24))).toMatchObject({ deferred: 1 });
    const deferred = await why();
    expect(deferred.outcome).toBe("deferred");
    expect(deferred.says[0]).toMatch(/^The edition of 2026-11-24 was deferred; .*mailbox full$/);
    await run(day(24, "08:30:00"));
    const { outcome, edition } = await why();
    expect(outcome).toBe("submitted");
    expect(edition?.delivery).toMatchObject({
      claims: 2,
      events: [{ event: "defer", claim: 1, response: expect.stringContaining("4.2.2 mailbox full") }],
    });

    const returned = report(bounceAddress(edition?.delivery?.id ?? "", BOUNCE_DOMAIN, keys), "5.1.1");
    expect(await takeBounce(open.store, returned, keys, day(24, "09:00:00"))).toMatchObject({
      applied: true,
    });
    const after = await why();
    expect(after.suppressed).toMatchObject({ reason: "bounce" });
    expect(after.says.join("\n")).toMatch(/The mail came back \(hard 5\.1\.1\)/);
    expect(after.says.join("\n")).toMatch(/Nothing may be mailed to this address since/);
  });

  it("tells of a connection that broke after the dot, and of an operator who settled it", async () => {
    await subscribe();
    await publish(open.store, gatePapers(1), day(23));
    sink.script = { onDot: () => sink.drop() };
    expect(await run(day(24))).toMatchObject({ unknown: 1 });
    sink.script = {};
    const lost = await why();
    expect(lost.outcome).toBe("unknown");
    await open.store.deliveries.settle(lost.edition?.delivery?.id ?? "", "pending", day(24, "08:00:00"));
    await run(day(24, "08:30:00"));
    const { outcome, edition } = await why();
    expect([outcome, edition?.delivery?.events.map(({ event }) => event)]).toEqual([
      "submitted",
      ["lose", "settleRetry"],
    ]);
  });
});
