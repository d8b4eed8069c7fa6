import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { importSubscribers } from "../../apps/cli/src/commands/import-subscribers.ts";
import { makeDataDirectory, runCommand } from "../harness/paperboy.ts";
import { openTestStore, type TestStore } from "../harness/store.ts";

let test: TestStore;

const directory = makeDataDirectory();

const NOW = new Date("2026-11-24T09:00:00Z");

beforeAll(async () => {
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

const order = { topics: [{ name: "Gates", query: "gate" }], timezone: "Europe/Berlin", localMinute: 390 };

const line = (email: string, more: object = {}) => ({ email, status: "active", ...order, ...more });

function write(lines: readonly unknown[], name = "readers.jsonl"): string {
  const file = join(directory, name);
  writeFileSync(
    file,
    lines.map((each) => (typeof each === "string" ? each : JSON.stringify(each))).join("\n"),
  );
  return file;
}

const take = (...lines: unknown[]) => importSubscribers(test.store, write(lines), NOW);

const rows = async (table: string): Promise<number> =>
  (await test.sql.query(`SELECT count(*)::int AS n FROM ${table}`)).rows[0].n;

describe("a file of another kind", () => {
  it.each<[string, readonly unknown[], RegExp]>([
    [
      "CSV",
      ["email,status,topics", ...Array.from({ length: 5_000 }, (_, n) => `r${n}@example.org,active,gate`)],
      /a table \(CSV\)/,
    ],
    ["CSV with semicolons", ["email;status", "a@example.org;active"], /a table/],
    ["an array", [`[${JSON.stringify(line("a@example.org"))}]`], /a JSON array/],
    ["an array over lines", ["[", `  ${JSON.stringify(line("a@example.org"))},`, "]"], /a JSON array/],
    ["one object over lines", [JSON.stringify(line("a@example.org"), null, 2)], /several lines/],
    ["addresses", ["a@example.org", "b@example.org"], /text/],
    ["a spreadsheet", ["PK\u0003\u0004rest"], /spreadsheet/],
    ["nothing", [""], /is empty/],
  ])("is named in one sentence and not read: %s", async (_name, lines, says) => {
    const failure = await take(...lines).catch((error: Error) => error);
    expect(failure).toMatchObject({ name: "UsageError", message: expect.stringMatching(says) });
    expect((failure as Error).message).not.toMatch(/\n/);
    expect(await rows("subscribers")).toBe(0);
  });

  it("is told by the command in one line, and so is one that is not there", async () => {
    const env = {
      DATABASE_URL: test.database.url,
      PAPERBOY_DATA_DIR: directory,
      SECRET_KEYS: "test:0123456789abcdef0123456789abcdef",
    };
    for (const file of [
      write(["email,topics", "a@example.org,gate"], "readers.csv"),
      join(directory, "none"),
      directory,
    ]) {
      const { code, stdout, stderr } = await runCommand(["import", "subscribers", file], env);
      expect({ code, stdout }).toEqual({ code: expect.any(Number), stdout: "" });
      expect(code).toBeGreaterThan(0);
      expect(stderr.trim().split("\n")).toHaveLength(1);
      expect(stderr).toContain(file);
    }
  });

  it("begins with a mark of its encoding, and is read", async () => {
    expect(await take(`\uFEFF${JSON.stringify(line("a@example.org"))}`)).toMatchObject({
      imported: 1,
      refused: 0,
    });
  });
});
