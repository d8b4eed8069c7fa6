import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestDatabase, type TestDatabase } from "@paperboy/harness/database";
import { runCommand, startCommand } from "@paperboy/harness/paperboy";
import { afterAll, beforeAll, expect, it } from "vitest";

let database: TestDatabase;
const directory = mkdtempSync(join(tmpdir(), "paperboy-resume-"));

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true });
});

const paper = (n: number) =>
  JSON.stringify({ id: `2601.${String(n).padStart(5, "0")}`, title: `Paper ${n}` });
const run = async (...more: string[]) => {
  const file = join(directory, "papers.jsonl");
  const env = { DATABASE_URL: database.url, PAPERBOY_DATA_DIR: join(directory, "data") };
  return JSON.parse(
    (await runCommand(["ingest", "file", file, "--format", "jsonl", "--json", ...more], env)).stdout,
  );
};

it("reads a file of snapshots whole, and again changes nothing; a finished reading starts anew", async () => {
  writeFileSync(
    join(directory, "papers.jsonl"),
    `${Array.from({ length: 1_200 }, (_, n) => paper(n + 1)).join("\n")}\n`,
  );
  expect(await run("--resume")).toMatchObject({ read: 1_200, new: 1_200 });
  expect(await run("--resume")).toMatchObject({ read: 1_200, new: 0, unchanged: 1_200 });
});

it("resumes where a killed reading stopped, and loses nothing", async () => {
  const file = join(directory, "many.jsonl");
  const many = Array.from({ length: 6_000 }, (_, n) => paper(20_000 + n));
  writeFileSync(file, `${many.join("\n")}\n`);
  const data = join(directory, "data");
  const env = { DATABASE_URL: database.url, PAPERBOY_DATA_DIR: data };
  const args = ["ingest", "file", file, "--format", "jsonl", "--resume", "--json"];
  const positions = join(data, "cache", "positions");
  const killed = startCommand(args, env);
  const isKept = () => existsSync(positions) && readdirSync(positions).some((name) => name.endsWith(".json"));
  while (!isKept()) await new Promise(setImmediate);
  killed.process.kill("SIGKILL");
  expect((await killed.ended).signal).toBe("SIGKILL");
  const report = JSON.parse((await runCommand(args, env)).stdout);
  expect(report.read).toBeLessThan(6_000);
  const status = JSON.parse((await runCommand(["status", "--json"], env)).stdout);
  expect(status.papers).toBe(7_200);
});
