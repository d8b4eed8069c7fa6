import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTestDatabase, type TestDatabase } from "@paperboy/harness/database";
import { makeDataDirectory, runCommand } from "@paperboy/harness/paperboy";
import { SECRET_KEYS } from "@paperboy/harness/secret";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let database: TestDatabase;
const directory = makeDataDirectory();
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true });
});

const env = () => ({
  DATABASE_URL: database.url,
  PAPERBOY_DATA_DIR: directory,
  SECRET_KEYS,
});
const paperboy = (...args: string[]) => runCommand(args, env());

/** The one object a command prints with `--json`. */
async function json(...args: string[]) {
  const ended = await paperboy(...args, "--json");
  return { code: ended.code, value: JSON.parse(ended.stdout) };
}

function write(name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

describe("a day at the command line", () => {
  it("goes from a file to the inbox", async () => {
    const papers = write("papers.txt", "Gated loops\nWe gate a loop.\n\nA mamba\nIt is a snake, they say.\n");
    expect(await json("ingest", "file", papers, "--format", "text")).toEqual({
      code: 0,
      value: expect.objectContaining({ read: 2, new: 2, updated: 0, unchanged: 0, refused: 0 }),
    });
    expect((await json("ingest", "file", papers, "--format", "text")).value).toMatchObject({
      new: 0,
      unchanged: 2,
    });
    const found = await json("search", "gat* loop");
    expect(found.value).toMatchObject({
      total: 1,
      papers: [{ title: "Gated loops", url: expect.any(String) }],
    });
    expect((await json("subscribe", "ada@example.org", "--topic", "gate OR mamba", "--confirmed")).code).toBe(
      0,
    );
    const run = await json("run", "--now", new Date(Date.now() + 36 * 3_600_000).toISOString());
    expect(run.value).toMatchObject({
      planned: 1,
      submitted: 1,
      skipped: 0,
      deferred: 0,
      failed: 0,
      unknown: 0,
    });
    const status = await json("status");
    expect(status.value.confirmations).toEqual({}); // the operator vouched: nobody is asked
    expect(status.value).toMatchObject({
      papers: 2,
      subscriptions: { active: 1 },
      deliveries: { submitted: 1 },
    });
    expect(status.value.sources).toHaveLength(1);
  });

  it("says what was refused, takes the rest and ends with 2", async () => {
    const lines = [
      { title: "A good one", abstract: "Yes.", authors: ["A B"] },
      { title: "" },
      "not an object",
    ];
    const file = write("some.jsonl", lines.map((line) => JSON.stringify(line)).join("\n"));
    const { code, value } = await json("ingest", "file", file, "--format", "jsonl");
    expect(code).toBe(2);
    expect(value).toMatchObject({ read: 3, new: 1, refused: 2 });
    expect(value.refusals).toHaveLength(2);
    for (const refusal of value.refusals) {
      expect(refusal).toEqual({ file, at: expect.anything(), reason: expect.stringMatching(/\w+/) });
    }
  });

  it("previews a topic as a page", async () => {
    const out = join(directory, "preview.html");
    expect((await json("preview", "mamba", "--out", out)).code).toBe(0);
    expect(readFileSync(out, "utf8")).toContain("A mamba");
  });

  it("takes readers out and in again", async () => {
    const exported = await paperboy("export", "subscribers");
    expect(exported.stdout).toContain("ada@example.org");
    const file = write("readers.out", exported.stdout);
    expect((await paperboy("import", "subscribers", file)).code).toBe(0);
    expect((await json("status")).value.subscriptions).toMatchObject({ active: 1 });
  });
});

describe("the sample", () => {
  it("can be taken away where there is none", async () => {
    expect(await json("sample", "remove")).toEqual({ code: 0, value: { removed: 0, kept: 0 } });
  });
});

describe("a mistake", () => {
  it.each<[string[], RegExp]>([
    [["search", "gate AND mamba"], /column 6/i],
    [["search", "gate", "--before", "nowhere"], /nowhere/],
    [["subscribe", "nobody", "--topic", "gate"], /nobody/],
    [["subscribe", "a@example.org", "--topic", "(gate"], /column 1/i],
    [["run", "--now", "tomorrow"], /--now.*tomorrow/],
    [["ingest", "file", "/nowhere/at/all", "--format", "text"], /\/nowhere\/at\/all/],
    [["ingest", "file", "x", "--format", "word"], /word/],
    [["fly"], /fly/],
    [["status", "--loud"], /--loud/],
  ])("in %j is named on stderr, and stdout stays empty", async (args, named) => {
    const { code, stdout, stderr } = await paperboy(...args, "--json");
    expect(code).toBeGreaterThan(0);
    expect(stdout).toBe("");
    expect(stderr).toMatch(named);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it.each<[Record<string, string>, RegExp]>([
    [{ DATABASE_URL: "postgresql://nobody@127.0.0.1:1/none" }, /DATABASE_URL/],
    [{ DATABASE_URL: "postgresql://nobody@db.example.org/none", SECRET_KEYS: "" }, /SECRET_KEYS/],
    [{ SMTP_URL: "smtp://relay.example.org" }, /PUBLIC_URL/],
    [{ PORT: "eighty" }, /PORT/],
  ])("in the environment %j is named by its setting", async (change, named) => {
    const { code, stderr } = await runCommand(["status"], { ...env(), ...change });
    expect(code).toBe(1);
    expect(stderr).toMatch(named);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});
