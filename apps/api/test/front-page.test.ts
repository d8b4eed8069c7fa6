import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gatePapers, publish } from "../../../test/harness/readers.ts";
import { linkIn, startService, type TestService } from "../../../test/harness/service.ts";

let service: TestService;
beforeAll(async () => {
  service = await startService();
  await publish(service.store, gatePapers(12), new Date("2026-11-24T05:00:00Z"));
});
afterAll(() => service.close());

const post = (fields: Record<string, string>) =>
  fetch(`${service.url}/`, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" });

/** What the newest mail of an address confirms. */
async function ordered(email: string) {
  const mail = (await service.mails()).filter(({ to }) => to.includes(email)).at(-1) ?? { text: null };
  await fetch(linkIn(mail, "/confirm", service), { method: "POST" });
  return (await service.store.subscriptions.list(20)).find((each) => each.email === email)?.order;
}

describe("the front page", () => {
  it("subscribes an address alone to the day's trending papers, daily at seven", async () => {
    const fields = { email: "ada@example.org", action: "subscribe", timezone: "Europe/Berlin" };
    expect((await post(fields)).headers.get("location")).toBe("/subscribed");
    expect(await ordered("ada@example.org")).toMatchObject({
      topics: [],
      trending: true,
      cadence: "daily",
      localMinute: 420,
      timezone: "Europe/Berlin",
    });
  });

  it("subscribes to topics alone when there are some, whichever button is pressed", async () => {
    await post({ email: "bo@example.org", action: "enter", query: "gate", topic: "mamba" });
    const order = await ordered("bo@example.org");
    expect(order?.topics.map(({ query }) => query)).toEqual(["mamba", "gate"]);
    expect(order?.trending).toBe(false);
  });

  it("puts a preset into the field and keeps what was typed elsewhere", async () => {
    const html = await (
      await post({ email: "x@example.org", preset: "category:cs.CL", topic: "gate" })
    ).text();
    expect(html).toContain('name="query" value="category:cs.CL"');
    expect(html).toContain('value="x@example.org"');
    expect(html).toContain('name="topic" value="gate"');
  });

  it("opens the fold in which something is wrong, and says it beside the field", async () => {
    const answer = await post({ email: "x@example.org", action: "subscribe", timezone: "Nowhere/Land" });
    const html = await answer.text();
    expect(answer.status).toBe(400);
    expect(html).toMatch(/<details class="fold" open>/);
    expect(html).toContain('id="timezone-error"');
    expect(await (await post({ email: "nobody", action: "subscribe" })).text()).toContain('id="email-error"');
  });

  it("stays under 60 KB with its style, script and icon, and shows papers as the mail does", async () => {
    const html = await (await fetch(`${service.url}/`)).text();
    const parts = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path = ""]) => path);
    const sizes = await Promise.all(
      parts.map(async (path) => (await (await fetch(`${service.url}${path}`)).arrayBuffer()).byteLength),
    );
    expect(parts.length).toBeGreaterThanOrEqual(3);
    expect(sizes.reduce((sum, size) => sum + size, html.length)).toBeLessThan(60_000);
    expect(html.match(/<article class="paper">/g)).toHaveLength(8);
  });
});
