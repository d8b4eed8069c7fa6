import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeDataDirectory } from "@paperboy/harness/paperboy";
import { openTestStore, type TestStore } from "@paperboy/harness/store";
import { afterAll, afterEach, beforeAll } from "vitest";
import { importSubscribers } from "../../apps/cli/src/commands/import-subscribers.ts";

export let test: TestStore;

export let directory: string;

export const NOW = new Date("2026-11-24T09:00:00Z");

export const order = {
  topics: [{ name: "Gates", query: "gate" }],
  timezone: "Europe/Berlin",
  localMinute: 390,
};

export const line = (email: string, more: object = {}) => ({ email, status: "active", ...order, ...more });

export function write(lines: readonly unknown[], name = "readers.jsonl"): string {
  const file = join(directory, name);
  writeFileSync(
    file,
    lines.map((each) => (typeof each === "string" ? each : JSON.stringify(each))).join("\n"),
  );
  return file;
}

export const take = (...lines: unknown[]) => importSubscribers(test.store, write(lines), NOW);

export const rows = async (table: string): Promise<number> =>
  (await test.sql.query(`SELECT count(*)::int AS n FROM ${table}`)).rows[0].n;

/** Opens a store to import into, empty after each test. */
export function openImports(): void {
  beforeAll(async () => {
    directory = makeDataDirectory();
    test = await openTestStore();
  });
  afterEach(async () => {
    for (const { id } of await test.store.subscriptions.list(1_000)) await test.store.subscriptions.erase(id);
    for (const table of ["suppressions", "deliveries"]) await test.sql.query(`DELETE FROM ${table}`);
  });
  afterAll(async () => {
    await test.close();
    rmSync(directory, { recursive: true });
  });
}
