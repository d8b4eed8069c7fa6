import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { faults, type SourceFile } from "./harness/architecture.ts";
import { lintFiles, lintProject } from "./harness/biome.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** The rules of the rooms that Biome keeps. */
const BY_BIOME = [
  "suspicious/noImportCycles",
  "style/noRestrictedImports",
  "style/noRestrictedGlobals",
  "style/noProcessEnv",
  "style/useFilenamingConvention",
  "style/noDefaultExport",
];

function sourceFiles(): SourceFile[] {
  return ["packages", "apps"].flatMap((room) =>
    readdirSync(join(ROOT, room)).flatMap((name) => filesUnder(`${room}/${name}/src`)),
  );
}

function filesUnder(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((path) => `${folder}/${path}`)
    .filter((path) => /\.(?:ts|mjs)$/.test(path) && !/\/(?:generated|node_modules|dist)\//.test(path))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
}

describe("the rooms", () => {
  const files = sourceFiles();

  it("hold nothing that the design forbids, and import in no circle, tests and types included", async () => {
    expect(files.length).toBeGreaterThan(150);
    expect(faults(files)).toEqual([]);
    expect(await lintProject(BY_BIOME)).toEqual([]);
  });

  it.each(["api", "worker", "cli"])("give %s one config and one context", (app) => {
    const paths = files.map(({ path }) => path);
    expect(paths).toContain(`apps/${app}/src/config.ts`);
    expect(paths).toContain(`apps/${app}/src/context.ts`);
  });

  it("are the ones the design names", () => {
    expect(readdirSync(join(ROOT, "packages")).sort()).toEqual(["core", "db", "mail", "queue", "sources"]);
    expect(readdirSync(join(ROOT, "apps")).sort()).toEqual(["api", "cli", "worker"]);
  });
});

/** Past this a file holds a second thing; a list of what is known, such as phrases, may stand in a file of its own. */
const MOST_LINES = 250;

it("no file has more than 250 lines, tests and scripts included", () => {
  const everywhere = ["packages", "apps", "test"].flatMap(filesUnder);
  expect(everywhere.length).toBeGreaterThan(600);
  const long = everywhere.map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }));
  expect(long.filter(({ lines }) => lines > MOST_LINES)).toEqual([]);
});

describe("each rule can fail", () => {
  it.each<[string, string, string]>([
    ["packages/core/src/a.ts", "const now = Date.now();", "reads the clock"],
    ["packages/core/src/a.ts", "const now = new Date();", "reads the clock"],
    ["packages/core/src/a.ts", "const dice = Math.random();", "throws dice"],
    ["apps/api/src/a.ts", "const found = new RegExp(words.join('|'));", "builds a RegExp"],
    ["packages/core/src/a.ts", "const found = RegExp (start + name);", "builds a RegExp"],
    ["apps/api/src/utils/a.ts", "", "is named utils"],
    ["packages/db/src/types.ts", "", "is named types"],
    ["packages/db/src/store/index.ts", "", "is a second index"],
    ["packages/db/src/a.ts", 'import { x } from "../../core/src/paper.ts";', "reaches into another room"],
  ])("%s: %s", (path, text, fault) => {
    expect(faults([{ path, text }])).toEqual([`${path} ${fault}`]);
  });

  it("those of Biome too", async () => {
    const wrong: readonly (readonly [room: string, text: string, rule: string])[] = [
      ["packages/core", 'import { openStore } from "@paperboy/db";', "noRestrictedImports"],
      ["packages/mail", 'import type { Store } from "@paperboy/db";', "noRestrictedImports"],
      ["packages/db", 'export * from "@paperboy/api";', "noRestrictedImports"],
      ["apps/api", 'import { startWorker } from "@paperboy/worker";', "noRestrictedImports"],
      ["apps/worker", 'import type { Api } from "@paperboy/api";', "noRestrictedImports"],
      ["apps/api", 'import pg from "pg";', "noRestrictedImports"],
      ["apps/api", 'const { Queue } = await import("bullmq");', "noRestrictedImports"],
      ["apps/worker", 'import nodemailer from "nodemailer";', "noRestrictedImports"],
      ["apps/cli", 'import { PrismaPg } from "@prisma/adapter-pg";', "noRestrictedImports"],
      ["packages/core", 'import { readFileSync } from "node:fs";', "noRestrictedImports"],
      ["apps/worker", "export const answer = await fetch(url);", "noRestrictedGlobals"],
      ["apps/api", "export const home = process.env.HOME;", "noProcessEnv"],
      ["packages/db", "export default 1;", "noDefaultExport"],
    ];
    const files = wrong.map(([room, text], at) => ({ path: `${room}/src/file-${at}.ts`, text }));
    files.push({ path: "packages/db/src/myFile.ts", text: "" });
    const expected = wrong.map(([room, , rule], at) => `${room}/src/file-${at}.ts ${rule}`);
    expected.push("packages/db/src/myFile.ts useFilenamingConvention");
    expect((await lintFiles(files, BY_BIOME)).sort()).toEqual(expected.sort());
  });

  it("a circle of any length, by imports of any kind", async () => {
    const line = [
      { path: "test/a.ts", text: 'import type { B } from "./b.ts";' },
      { path: "test/b.ts", text: 'export { c } from "./in/c.ts";' },
      { path: "test/in/c.ts", text: "export const c = 1;" },
    ];
    expect(await lintFiles(line, BY_BIOME)).toEqual([]);
    const back = { path: "test/in/c.ts", text: 'import "../a.ts";\nexport const c = 1;' };
    const told = await lintFiles([...line.slice(0, 2), back], BY_BIOME);
    expect(told.sort()).toEqual(
      ["test/a.ts", "test/b.ts", "test/in/c.ts"].map((path) => `${path} noImportCycles`),
    );
  });

  it("and what is allowed passes", async () => {
    const allowed = [
      {
        path: "packages/db/src/a.ts",
        text: 'import pg from "pg";\nimport { parseQuery } from "@paperboy/core";',
      },
      {
        path: "packages/core/src/a.ts",
        text: 'import { createHmac } from "node:crypto";\nconst at = new Date(0);',
      },
      { path: "packages/mail/src/a.ts", text: "const find = (pattern: RegExp) => /a+/.exec(text);" },
      { path: "packages/queue/src/a.ts", text: 'import pg from "pg";' },
      { path: "apps/cli/src/config.ts", text: "const env = process.env;" },
      {
        path: "apps/cli/src/a.ts",
        text: 'import { startWorker } from "@paperboy/worker";\nstore.prefetch(1);',
      },
    ];
    expect(faults(allowed)).toEqual([]);
    expect(await lintFiles(allowed, BY_BIOME)).toEqual([]);
  });
});
