import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTestDatabase, type TestDatabase } from "@paperboy/harness/database";
import { makeDataDirectory, runCommand } from "@paperboy/harness/paperboy";
import { publish } from "@paperboy/harness/readers";
import { SECRET_KEYS } from "@paperboy/harness/secret";
import { startService, type TestService } from "@paperboy/harness/service";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const page = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
const README = page("README.md");

/** The commands that the README tells to type, without their comments. */
const COMMANDS = [...README.matchAll(/^npm run -s paperboy -- (.+)$/gm)].map((match) =>
  (match[1] ?? "").replace(/\s+#.*$/, "").trim(),
);
/** Its scripts, which have to be in package.json. */
const SCRIPTS = [...README.matchAll(/(?:^|`)npm (?:run (?:-s )?)?([a-z:]+)/gm)].map(
  (match) => match[1] ?? "",
);
/** Queries that the README and the page about topics show. */
const QUERIES = [
  ...codeIn(/such as ([\s\S]*?)\. \[/.exec(README)?.[1] ?? ""),
  ...[...page("docs/topics.md").matchAll(/^\| (`.*?) +\|/gm)].flatMap((match) => codeIn(match[1] ?? "")),
];

function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map((match) => (match[1] ?? "").replace(/\s+/g, " "));
}

/** Arguments as a shell makes them of a line without anything but single quotes. */
const argumentsOf = (line: string) =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");

describe("the README's commands", () => {
  let database: TestDatabase;
  const directory = makeDataDirectory();
  const papers = join(directory, "papers.jsonl");
  beforeAll(async () => {
    database = await createTestDatabase();
    writeFileSync(
      papers,
      `${JSON.stringify({ title: "Linear attention again", abstract: "It is linear." })}\n`,
    );
  });
  afterAll(async () => {
    await database.close();
    rmSync(directory, { recursive: true });
  });

  it("are found", () => {
    expect(COMMANDS.length).toBeGreaterThanOrEqual(6);
    const scripts = Object.keys(JSON.parse(page("package.json")).scripts);
    for (const name of SCRIPTS) expect(scripts).toContain(name);
  });

  it.each(COMMANDS)("%s", async (line) => {
    const env = {
      DATABASE_URL: database.url,
      PAPERBOY_DATA_DIR: directory,
      SECRET_KEYS,
    };
    const args = argumentsOf(line).map((arg) => (arg === "papers.jsonl" ? papers : arg));
    const { code, stderr } = await runCommand(args, env);
    expect({ code, stderr }).toMatchObject({ code: 0 });
  });
});

describe("the queries we show", () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService();
    const drafts = [
      { title: "Linear Attention and Mamba, a gated survey", authors: ["Geoffrey Hinton"] },
      { title: "Organ: reasoning about organs", authors: ["Ada B"] },
    ].map((draft, n) => ({ externalId: `${n}`, abstract: "", ...draft }));
    await publish(service.store, drafts, new Date("2026-11-24T05:00:00Z"));
  });
  afterAll(() => service.close());

  it("are found", () => expect(QUERIES.length).toBeGreaterThan(20));

  it.each(QUERIES)("%s", async (query) => {
    const q = encodeURIComponent(query);
    // A bare field name stands for what may follow it.
    if (query.endsWith(":")) return;
    const answer = await fetch(`${service.url}/search?q=${q}`, { headers: { accept: "text/html" } });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("<strong>");
    const search = await fetch(`${service.url}/api/v1/papers/search?q=${q}`);
    expect(search.status).toBe(200);
  });
});
