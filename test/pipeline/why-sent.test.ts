import { bounceAddress } from "@paperboy/core";
import { GATE_ORDER, gatePapers, publish } from "@paperboy/harness/readers";
import { BOUNCE_DOMAIN, keys, report } from "@paperboy/harness/returned-mail";
import { takeBounce } from "@paperboy/worker";
import { describe, expect, it } from "vitest";
import {
  counts,
  day,
  open,
  openStories,
  run,
  runWithFullMailbox,
  sink,
  subscribe,
  why,
} from "./told-stories.ts";

openStories();

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
