import { addReaders } from "@paperboy/harness/readers";
import { linkIn } from "@paperboy/harness/service";
import { describe, expect, it } from "vitest";
import { digest, serveReaders, service, sql, statusOf } from "./reader-service.ts";

serveReaders();

describe("the manage token", () => {
  it("shows, changes and ends one subscription, and no other", async () => {
    const mail = await digest();
    const token = new URL(linkIn(mail, "/manage", service)).searchParams.get("token") ?? "";
    const [{ id }] = (await sql.query("SELECT id FROM subscriptions")).rows as [{ id: string }];
    const call = (method: string, body?: object, target = id, bearer = token) =>
      fetch(`${service.url}/api/v1/subscriptions/${target}`, {
        method,
        headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
        ...(body && { body: JSON.stringify(body) }),
      });
    expect(await (await call("GET")).json()).toMatchObject({ timezone: "Europe/Berlin", time: "07:00" });
    expect((await call("PATCH", { time: "18:30", topics: [{ query: "mamba" }] })).status).toBe(200);
    expect(await (await call("GET")).json()).toMatchObject({ time: "18:30", topics: [{ query: "mamba" }] });
    expect((await call("PATCH", { topics: [{ query: "(" }] })).status).toBe(400);
    expect((await call("GET", undefined, id, "nonsense")).status).toBe(401);
    const [other] = await addReaders(service.store, 1, new Date("2026-11-24T09:00:00Z"));
    for (const method of ["GET", "PATCH", "DELETE"]) {
      const change = method === "PATCH" ? { time: "06:00" } : undefined;
      expect((await call(method, change, other)).status).toBe(403);
    }
    expect((await call("GET", undefined, `${other}/export`)).status).toBe(403);
    expect((await call("DELETE")).status).toBeLessThan(300);
    expect((await statusOf()).sort()).toEqual(["active", "unsubscribed"]);
  });
});
