import { linkIn } from "@paperboy/harness/service";
import { plan, runUntilDone } from "@paperboy/worker";
import { describe, expect, it } from "vitest";
import { item, rss, xml } from "./asked-server.ts";
import { add, asking, base, now, read, serveSources, service, setNow, store } from "./source-service.ts";

serveSources();

describe("a day when arXiv is late", () => {
  it("is told in the digest, and the batch comes in the next one, once; new versions to those who asked", async () => {
    const batches = {
      monday: [item("2611.50001", 1, "Monday paper")],
      tuesday: [item("2611.50002", 1, "Late paper"), item("2611.50001", 2, "Monday paper", "replace")],
    };
    let batch = batches.monday;
    asking.answer = (_req, res) => xml(res, rss(...batch));
    setNow(new Date("2026-11-23T06:00:00Z"));
    await add("arxiv", "arxiv-rss", { url: `${base}/rss`, query: "cs.CL" });
    await read("arxiv");
    await store.papers.announce(now);
    const order = {
      topics: [{ query: "sourcequarks" }],
      replacements: true,
      cadence: "daily",
      time: "08:00",
      timezone: "UTC",
    };
    service.setTime(new Date("2026-11-23T07:00:00Z"));
    const made = await fetch(`${service.url}/api/v1/subscriptions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: "late@example.org", ...order }),
    });
    expect(made.status).toBe(202);
    const [confirmation] = await service.mails();
    const token = new URL(linkIn(confirmation as never, "/confirm", service)).searchParams.get("token") ?? "";
    await fetch(`${service.url}/confirm`, { method: "POST", body: new URLSearchParams({ token }) });
    const mailOf = async (at: string) => {
      service.setTime(new Date(at));
      await runUntilDone(service.worker, new Date(at));
      return (await service.mails()).at(-1)?.text ?? "";
    };
    const monday = await mailOf("2026-11-23T08:00:00Z");
    expect(monday).toContain("Monday paper");
    expect(monday).not.toContain("late today");
    setNow(new Date("2026-11-24T12:00:00Z"));
    expect(await read("arxiv")).toMatchObject({ outcome: "repeated" });
    batch = batches.tuesday;
    // The reader's Tuesday mail goes out at 13:00: something else came, arXiv did not.
    await store.ingest(
      { name: "lab", kind: "feed" },
      [{ externalId: "x1", title: "Other sourcequarks", abstract: "", authors: [] }],
      now,
    );
    await store.papers.announce(now);
    const tuesday = await mailOf("2026-11-24T13:00:00Z");
    expect(tuesday).toContain("Other sourcequarks");
    expect(tuesday).toContain("arXiv was late today; these papers will come tomorrow.");
    setNow(new Date("2026-11-24T14:00:00Z"));
    await read("arxiv");
    await store.papers.announce(now);
    const wednesday = await mailOf("2026-11-25T08:00:00Z");
    expect(wednesday).toContain("Late paper");
    expect(wednesday).toContain("New: version 2");
    expect(wednesday).not.toContain("Other sourcequarks");
    await plan(store, service.worker.library, new Date("2026-11-26T08:00:00Z"));
    expect((await store.deliveries.list({ limit: 1 }))[0]).toMatchObject({ status: "skipped" });
  });
});
