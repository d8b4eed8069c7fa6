import { openLibrary } from "@paperboy/db";
import { GATE_ORDER, gatePapers, publish } from "@paperboy/harness/readers";
import { tellReaderStory } from "@paperboy/worker";
import { describe, expect, it } from "vitest";
import {
  counts,
  day,
  open,
  openStories,
  READER,
  run,
  runWithFullMailbox,
  subscribe,
  why,
} from "./told-stories.ts";

openStories();

describe("when nothing came, the story says why:", () => {
  it("nothing new", async () => {
    await subscribe();
    await run(day(24));
    const story = await why();
    expect(story.outcome).toBe("skipped");
    expect(story.says[0]).toBe("The edition of 2026-11-24 was not mailed: nothing new for this reader.");
    expect(await counts()).toEqual({});
  });

  it("everything had been sent already", async () => {
    await subscribe();
    await publish(open.store, gatePapers(2), day(23));
    await run(day(24));
    await run(day(25));
    expect((await why("2026-11-25")).outcome).toBe("skipped");
    expect(await counts("2026-11-25")).toEqual({ "already-sent": 2 });
  });

  it("too late", async () => {
    await subscribe({ ...GATE_ORDER, cadence: "weekly", weekday: 2 });
    await publish(open.store, gatePapers(2), day(23));
    await run(day(29));
    expect((await why("2026-11-24")).says[0]).toMatch(/^The edition of 2026-11-24 was not mailed: too late/);
  });

  it("superseded by the next edition", async () => {
    await subscribe();
    await publish(open.store, gatePapers(1), day(23));
    await runWithFullMailbox(day(24));
    await publish(open.store, gatePapers(1, 1), day(24, "12:00:00"));
    await run(day(25));
    const { outcome, edition } = await why("2026-11-24");
    expect([outcome, edition?.delivery?.events.map(({ event }) => event)]).toEqual([
      "skipped",
      ["defer", "supersede"],
    ]);
    expect(await counts("2026-11-25")).toEqual({ shown: 2 });
  });

  it("not due yet, and what waits for it", async () => {
    await subscribe();
    await publish(open.store, gatePapers(2), day(20, "10:00:00"));
    const story = await why(undefined, day(20, "12:00:00"));
    expect(story).toMatchObject({ outcome: "not-due", edition: { date: "2026-11-21", delivery: null } });
    expect(story.says).toEqual(["The edition of 2026-11-21 is not due before 2026-11-21T07:00:00.000Z."]);
    expect(await counts()).toEqual({ waiting: 2 });
  });

  it("due, and nobody planned it", async () => {
    await subscribe();
    const story = await why(undefined, day(21, "09:00:00"));
    expect(story.outcome).toBe("not-planned");
    expect(story.says[0]).toMatch(/^The edition of 2026-11-21 has been due since .* and is not planned/);
    await publish(open.store, gatePapers(1), day(21));
    await run(day(21));
    const next = await why(undefined, day(22, "09:00:00"));
    expect(next.outcome).toBe("submitted");
    expect(next.says[1]).toBe(
      "The next edition, of 2026-11-22, has been due since 2026-11-22T07:00:00.000Z.",
    );
  });

  it("no edition on that day", async () => {
    await subscribe({ ...GATE_ORDER, cadence: "weekly", weekday: 2 });
    expect(await why("2026-11-25")).toMatchObject({
      outcome: "no-edition",
      says: ["No edition comes on 2026-11-25: the subscription is weekly, on Tuesday.", expect.anything()],
    });
    expect(await why("2026-11-17")).toMatchObject({
      outcome: "no-edition",
      says: [expect.stringContaining("was confirmed at 2026-11-20"), expect.anything()],
    });
  });

  it("not confirmed", async () => {
    const address = { address: READER, key: READER };
    await open.store.subscriptions.request(address, GATE_ORDER, day(23));
    await run(day(24));
    const story = await why();
    expect(story).toMatchObject({ outcome: "unconfirmed", status: "pending", edition: null, next: null });
    expect(story.confirmation).toMatchObject({ status: "submitted" });
    expect(story.says).toHaveLength(1);
    expect(story.says[0]).toMatch(/is not confirmed.*submitted at 2026-11-24T07:30:00/);
  });

  it("paused", async () => {
    const [id] = await subscribe();
    await open.store.subscriptions.pause(id as string, "2026-11-28", day(22));
    expect(await why("2026-11-24")).toMatchObject({ outcome: "paused", pausedUntil: "2026-11-28" });
    expect((await why("2026-11-24")).says[0]).toMatch(
      /paused the subscription: no edition comes before 2026-11-28/,
    );
  });

  it("unsubscribed", async () => {
    const [id] = await subscribe();
    await open.store.subscriptions.unsubscribe(id as string, day(22));
    const story = await why("2026-11-24");
    expect(story.outcome).toBe("unsubscribed");
    expect(story.says).toEqual([
      "The reader unsubscribed at 2026-11-22T07:30:00.000Z: nothing is planned for them.",
    ]);
  });

  it("suppressed", async () => {
    await subscribe();
    await publish(open.store, gatePapers(1), day(23));
    await open.store.suppressions.add(READER, "operator", "asked by telephone");
    await run(day(24));
    const story = await why();
    expect(story.outcome).toBe("suppressed");
    expect(story.says.join("\n")).toMatch(/operator: asked by telephone/);
  });

  it("sending is paused", async () => {
    await subscribe();
    await publish(open.store, gatePapers(1), day(23));
    await open.store.destinations.pause("*", "refused", "the relay refuses us: 535", day(24));
    await run(day(24));
    const story = await why(undefined, day(24));
    expect(story.outcome).toBe("pending");
    expect(story.says.join("\n")).toMatch(
      /Sending to the relay is paused until .*: the relay refuses us: 535/,
    );
  });
});

it("finds a reader by any spelling of the mailbox, and nobody by another", async () => {
  await subscribe();
  expect((await why(undefined, day(24), "Reader0+papers@Example.org")).email).toBe(READER);
  const other = tellReaderStory(open.store, openLibrary(open.store), "nobody@example.org", { now: day(24) });
  expect(await other).toBeNull();
});
