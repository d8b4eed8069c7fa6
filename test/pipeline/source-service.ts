import { openStore, type Store } from "@paperboy/db";
import { startService, type TestService } from "@paperboy/harness/service";
import { ARXIV_POLICY } from "@paperboy/sources";
import { readNextSource } from "@paperboy/worker";
import { afterAll, beforeAll } from "vitest";
import { createAskedServer } from "./asked-server.ts";

export let service: TestService;
export let store: Store;
/** Where sources are. */
export let base: string;
export let now: Date;
export const setNow = (at: Date): void => {
  now = at;
};

export let asking: ReturnType<typeof createAskedServer>;

export const read = (name: string) => readNextSource(store, asking.ports, () => now, { name });

export const add = (name: string, kind: string, config: object) =>
  store.sources.add({ name, kind, config: { ...config }, everyMinutes: 60 }, now);

/** Starts a service, and a server that its sources are read from. */
export function serveSources(): void {
  beforeAll(async () => {
    now = new Date("2026-11-23T12:00:00Z");
    asking = createAskedServer();
    service = await startService({}, now);
    store = openStore({ arxivPolicy: ARXIV_POLICY, url: service.databaseUrl });
    base = await asking.listen();
  });
  afterAll(async () => {
    await asking.close();
    await store.close();
    await service.close();
  });
}
