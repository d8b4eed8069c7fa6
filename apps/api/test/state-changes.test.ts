import { ADMIN_TOKEN } from "@paperboy/harness/service";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { apiRoutes } from "../src/app.ts";
import { readApiConfig } from "../src/config.ts";
import { createContext } from "../src/context.ts";
import type { ApiPorts } from "../src/ports.ts";
import { apiChanges } from "./state-changes/api-changes.ts";
import { pageChanges } from "./state-changes/page-changes.ts";
import { tasteChanges } from "./state-changes/taste-changes.ts";
import { NOW, openWorld, type World } from "./state-changes/world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(() => world.begin());

const changesIn = (where: World) => ({
  ...apiChanges(where),
  ...pageChanges(where),
  ...tasteChanges(where),
});
/** `POST /manage/pause`; the tables name their routes whether there is a service or not. */
const TESTED = Object.keys(changesIn({} as World));

/** The routes as the code has them. */
function routes(): string[] {
  const config = readApiConfig({
    PUBLIC_URL: "http://papers.test",
    SECRET_KEYS: "test:0123456789abcdef0123456789abcdef",
    ADMIN_TOKEN,
  });
  const ports = { store: world.service.store, mailbox: null, now: () => NOW } as unknown as ApiPorts;
  return apiRoutes(createContext(config, ports))
    .filter(({ method }) => method !== "get")
    .map(({ method, path }) => `${method.toUpperCase()} ${path}`);
}

describe("a route that changes something", () => {
  it("has a test in `state-changes/`, and each test there has a route", () => {
    expect(TESTED.toSorted()).toEqual(routes().sort());
  });

  it.each(TESTED)("%s does what it is for", async (route) => {
    await changesIn(world)[route]?.();
  });

  const ofAdministration = TESTED.filter((route) => / \/(api\/v1\/)?admin\/(?!sign-in)/.test(route));
  it.each(ofAdministration)("%s is refused without a token or a session", async (route) => {
    const [method = "", path = ""] = route.split(" ");
    const isApi = path.startsWith("/api");
    const body = isApi ? "{}" : new URLSearchParams({ form: "x" });
    const headers: Record<string, string> = isApi ? { "content-type": "application/json" } : {};
    const answer = await world.send(method, path.replace(/\{\w+\}/, world.id()), { body, headers });
    expect(answer.status).toBe(isApi ? 401 : 403);
  });

  const ofReaders = TESTED.filter((route) =>
    / \/(?:manage(?!\/link)|mark|unsubscribe|resume|confirm)/.test(route),
  );
  it.each(ofReaders)("%s is refused without the token of a mail, and changes nothing", async (route) => {
    const before = await world.subscription();
    const fields = { token: "", sure: "yes", until: "2026-12-01" };
    const answer = await world.form(route.split(" ")[1] ?? "", fields);
    expect([400, 404]).toContain(answer.status);
    expect(await world.subscription()).toEqual(before);
  });
});
