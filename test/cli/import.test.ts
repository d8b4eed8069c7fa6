import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exportSubscribers } from "../../apps/cli/src/commands/export-subscribers.ts";
import { importSubscribers } from "../../apps/cli/src/commands/import-subscribers.ts";
import { line, NOW, openImports, rows, take, test, write } from "./import-files.ts";

openImports();

const readers = async () =>
  new Map((await test.store.subscriptions.list(1_000)).map((each) => [each.email, each] as const));

describe("an import", () => {
  it("takes readers over, and plans no mail", async () => {
    expect(
      await take(line("ada@example.org"), line("bob@example.org", { cadence: "weekly", weekday: 3 })),
    ).toMatchObject({
      imported: 2,
      refused: 0,
    });
    expect((await readers()).get("bob@example.org")).toMatchObject({
      status: "active",
      order: { cadence: "weekly", weekday: 3, localMinute: 390, timezone: "Europe/Berlin" },
    });
    expect([await rows("deliveries"), await rows("subscription_requests")]).toEqual([0, 0]);
  });

  it.each<[string, object | string, RegExp]>([
    [
      "a time zone that is none",
      line("x@example.org", { timezone: "Mars/Olympus" }),
      /timezone: .*time zone/,
    ],
    ["no topics", line("x@example.org", { topics: [] }), /topics: needs at least one/],
    [
      "23 topics",
      line("x@example.org", { topics: Array.from({ length: 23 }, (_, n) => ({ query: `gate${n}` })) }),
      /topics: .*20/,
    ],
    [
      "a query that is wrong",
      line("x@example.org", { topics: [{ query: "(gate" }] }),
      /topics\[0\]\.query: Column 1/,
    ],
    [
      "a topic name that is too long",
      line("x@example.org", { topics: [{ name: "n".repeat(81), query: "a" }] }),
      /topics\[0\]\.name: .*80/,
    ],
    ["a cadence that is none", line("x@example.org", { cadence: "hourly" }), /cadence: .*daily/],
    ["a weekday that is none", line("x@example.org", { weekday: 8 }), /weekday: /],
    ["an hour that is none", line("x@example.org", { localMinute: 1440 }), /localMinute: /],
    ["two hours", line("x@example.org", { time: "09:00" }), /localMinute: .*another time/],
    ["too many papers", line("x@example.org", { maxPapers: 51 }), /maxPapers: .*50/],
    ["no address", { ...line("x"), email: undefined }, /email: is missing/],
    ["an address that is none", line("not an address"), /email: .*space/],
    ["a field that is not known", line("x@example.org", { timezon: "UTC" }), /timezon: is not a field/],
    ["a status that is none", line("x@example.org", { status: "enabled" }), /status: must be one of/],
    ["a pause that is no date", line("x@example.org", { pausedUntil: "soon" }), /pausedUntil: /],
    ["no JSON", '{"email": "x@example.org",', /is not JSON/],
  ])("refuses a line with %s before anything of it is written", async (_name, bad, says) => {
    const report = await take(line("ada@example.org"), bad, line("bob@example.org"));
    expect(report).toMatchObject({ imported: 2, refused: 1 });
    expect(report.refusals).toEqual([{ at: "line 2", reason: expect.stringMatching(says) }]);
    expect([...(await readers()).keys()].sort()).toEqual(["ada@example.org", "bob@example.org"]);
    expect([await rows("subscribers"), await rows("deliveries")]).toEqual([2, 0]);
  });

  it("keeps consent, pauses and who wants nothing", async () => {
    const confirmedAt = "2025-03-01T08:00:00.000Z";
    await take(
      line("ada@example.org", { confirmedAt, pausedUntil: "2026-12-24" }),
      line("eve@example.org", {
        status: "unsubscribed",
        confirmedAt,
        unsubscribedAt: "2026-01-02T03:04:05.000Z",
      }),
    );
    const now = await readers();
    expect(now.get("ada@example.org")).toMatchObject({
      confirmedAt: new Date(confirmedAt),
      pausedUntil: "2026-12-24",
      nextDueAt: new Date("2026-12-24T05:30:00Z"),
    });
    expect(now.get("eve@example.org")).toMatchObject({
      status: "unsubscribed",
      unsubscribedAt: new Date("2026-01-02T03:04:05Z"),
      nextDueAt: null,
    });
  });

  it.each(["unsubscribed", "blocklisted", "blocked", "suppressed"])(
    "does not lose that a reader is %s, whatever else stands in the line",
    async (status) => {
      await take(line("here@example.org"));
      const report = await take(line("here@example.org", { status }), {
        email: "new@example.org",
        status,
        topics: [],
        timezone: "Mars/Olympus",
        whatever: 1,
      });
      expect(report).toMatchObject({ stopped: 2, known: 0, refused: 0 });
      const now = await readers();
      expect([now.get("here@example.org")?.status, now.get("new@example.org")?.status]).toEqual([
        "unsubscribed",
        "unsubscribed",
      ]);
      expect(await rows("suppressions")).toBe(status === "unsubscribed" ? 0 : 2);
    },
  );

  it("leaves who agreed here after an unsubscribing elsewhere, and who is blocked here", async () => {
    await take(line("ada@example.org", { confirmedAt: "2026-06-01T00:00:00Z" }));
    await test.store.suppressions.add("out@example.org", "complaint", null);
    const report = await take(
      line("ada@example.org", { status: "unsubscribed", unsubscribedAt: "2026-05-01T00:00:00Z" }),
      line("out@example.org"),
    );
    expect(report).toMatchObject({ imported: 0, known: 1, suppressed: 1 });
    expect([...(await readers()).values()].map(({ status }) => status)).toEqual(["active"]);
  });

  it("leaves out who has not agreed", async () => {
    expect(await take(line("ada@example.org", { status: "pending", topics: [] }))).toMatchObject({
      imported: 0,
      pending: 1,
    });
    expect(await rows("subscribers")).toBe(0);
  });

  it("changes nothing the second time, and what is here stays as it is", async () => {
    await take(line("ada@example.org"));
    const before = await readers();
    expect(await take(line("ada@example.org", { maxPapers: 3 }), line("ADA@example.org"))).toMatchObject({
      imported: 0,
      known: 2,
    });
    expect(await readers()).toEqual(before);
  });

  it("resumes where an unavailable database stopped it", async () => {
    const lines = Array.from({ length: 40 }, (_, n) => line(`r${n}@example.org`));
    const file = write(lines);
    let left = 17;
    const failing = {
      ...test.store,
      subscriptions: {
        ...test.store.subscriptions,
        importReader: (...args: Parameters<typeof test.store.subscriptions.importReader>) => {
          if (left-- === 0) throw new Error("the database became unavailable");
          return test.store.subscriptions.importReader(...args);
        },
      },
    };
    await expect(importSubscribers(failing, file, NOW)).rejects.toThrow("the database became unavailable");
    expect(await importSubscribers(test.store, file, NOW)).toMatchObject({ imported: 23, known: 17 });
    expect(await rows("subscriptions")).toBe(40);
  });

  it("reads what an export wrote, so that nothing changes on the way", async () => {
    const reader = fc.record({
      status: fc.constantFrom("active", "unsubscribed"),
      cadence: fc.constantFrom("daily", "weekdays", "weekly"),
      weekday: fc.integer({ min: 1, max: 7 }),
      localMinute: fc.integer({ min: 0, max: 1439 }),
      timezone: fc.constantFrom("UTC", "Asia/Kathmandu", "America/St_Johns"),
      maxPapers: fc.integer({ min: 1, max: 50 }),
      trending: fc.boolean(),
      replacements: fc.boolean(),
      noteWhenEmpty: fc.boolean(),
      pausedUntil: fc.constantFrom(null, "2026-12-01"),
      topics: fc.uniqueArray(fc.constantFrom("gate", "mamba OR rwkv", '"state space"', "title:loop"), {
        minLength: 1,
      }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(reader, { minLength: 1, maxLength: 4 }), async (given) => {
        const all = given.map(({ topics, ...rest }, n) => ({
          email: `r${n}@example.org`,
          ...rest,
          topics: topics.map((query) => ({ name: `T ${query}`.slice(0, 20), query })),
        }));
        await importSubscribers(test.store, write(all), NOW);
        const first = (await exportSubscribers(test.store)).lines;
        for (const { id } of await test.store.subscriptions.list(1_000))
          await test.store.subscriptions.erase(id);
        await importSubscribers(test.store, write([first.trim()]), NOW);
        const sorted = (lines: string) => lines.trim().split("\n").sort();
        expect(sorted((await exportSubscribers(test.store)).lines)).toEqual(sorted(first));
        for (const { id } of await test.store.subscriptions.list(1_000))
          await test.store.subscriptions.erase(id);
      }),
      { numRuns: 15 },
    );
  });
});
