import { webhookToken } from "@paperboy/core";
import { ADMIN_TOKEN, startService, type TestService } from "@paperboy/harness/service";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let service: TestService;
let id: string;
beforeAll(async () => {
  service = await startService();
  const order = {
    topics: [{ name: "Gates", query: "gate" }],
    trending: false,
    cadence: "daily" as const,
    weekday: 1,
    localMinute: 420,
    timezone: "UTC",
    maxPapers: 20,
  };
  const { store, worker } = service;
  const address = { address: "ada@example.org", key: "ada@example.org" };
  const { requestId } = await store.subscriptions.request(address, order, worker.now());
  id = (await store.subscriptions.confirm(requestId, worker.now())) as string;
});
afterAll(() => service.close());

interface Described {
  readonly security?: readonly Record<string, unknown>[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
  }[];
}

/** All that the API says of itself. */
async function operations(): Promise<{ method: string; path: string; described: Described }[]> {
  const { paths } = (await (await fetch(`${service.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, Described>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({ method, path, described })),
  );
}

function authorization({ security }: Described): Record<string, string> {
  const scheme = Object.keys(security?.[0] ?? {})[0];
  const { pages, config } = service.worker;
  if (scheme === "adminToken" || scheme === "metricsToken") return { authorization: `Bearer ${ADMIN_TOKEN}` };
  if (scheme === "manageToken")
    return { authorization: `Bearer ${pages.manageToken({ id, manageRevision: 0 }, service.worker.now())}` };
  if (scheme === undefined) return {};
  const basic = Buffer.from(`webhook:${webhookToken(config.keys)}`).toString("base64");
  return { authorization: `Basic ${basic}` };
}

async function ask(path: string, method: string, described: Described, query: string) {
  const place = path.replace("{id}", path.includes("subscriptions") ? id : "1").replace(/\{\w+\}/g, "1");
  const answer = await fetch(`${service.url}${place}?${query}`, {
    method: method.toUpperCase(),
    headers: { ...authorization(described), "content-type": "application/json" },
    ...(method !== "get" && { body: "{}" }),
  });
  return { status: answer.status, body: await answer.text() };
}

describe("a query parameter that is not known", () => {
  it("is refused by every operation of the API, by its name and beside those that are known", async () => {
    const all = (await operations()).filter(({ path }) => path.startsWith("/api/v1/"));
    expect(all.length).toBeGreaterThan(20);
    for (const { method, path, described } of all) {
      const { status, body } = await ask(path, method, described, "email=ada%40example.org&nope=1");
      expect({ path, method, status }).toEqual({ path, method, status: 400 });
      const problem = JSON.parse(body) as { detail: string; errors: { field: string }[] };
      expect(problem.errors.map(({ field }) => field)).toEqual(["email", "nope"]);
      for (const { name, in: where } of described.parameters ?? []) {
        if (where === "query") expect(problem.detail).toContain(name);
      }
    }
  });

  it("changes nothing: the reader is still there", async () => {
    const { described } = (await operations()).find(
      ({ method, path }) => method === "delete" && path === "/api/v1/subscriptions/{id}",
    ) as { described: Described };
    expect((await ask("/api/v1/subscriptions/{id}", "delete", described, "erase=true&sure=yes")).status).toBe(
      400,
    );
    expect((await service.store.subscriptions.find(id))?.status).toBe("active");
  });

  it.each(["/healthz", "/readyz", "/metrics"])(
    "does not make %s fail, which monitors ask as they like",
    async (path) => {
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      expect((await fetch(`${service.url}${path}?_=1`, { headers })).status).toBe(200);
    },
  );
});
