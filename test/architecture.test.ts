import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { faults, type SourceFile } from "./harness/architecture.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

function sourceFiles(): SourceFile[] {
  return ["packages", "apps"].flatMap((room) =>
    readdirSync(join(ROOT, room)).flatMap((name) => filesUnder(`${room}/${name}/src`)),
  );
}

function filesUnder(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((path) => `${folder}/${path}`)
    .filter((path) => path.endsWith(".ts") && !path.includes("/generated/"))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
}

describe("the rooms", () => {
  const files = sourceFiles();

  it("hold nothing that the design forbids", () => {
    expect(files.length).toBeGreaterThan(150);
    expect(faults(files)).toEqual([]);
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

describe("each rule can fail", () => {
  it.each<[string, string, string]>([
    ["packages/core/src/a.ts", 'import { openStore } from "@paperboy/db";', "imports @paperboy/db"],
    ["packages/mail/src/a.ts", 'import { openStore } from "@paperboy/db";', "imports @paperboy/db"],
    ["packages/db/src/a.ts", 'export * from "@paperboy/api";', "imports @paperboy/api"],
    ["apps/api/src/a.ts", 'import { startWorker } from "@paperboy/worker";', "imports @paperboy/worker"],
    ["apps/worker/src/a.ts", 'import type { Api } from "@paperboy/api";', "imports @paperboy/api"],
    ["apps/api/src/a.ts", 'import pg from "pg";', "imports pg"],
    ["apps/api/src/a.ts", 'const { Queue } = await import("bullmq");', "imports bullmq"],
    ["apps/worker/src/a.ts", 'import nodemailer from "nodemailer";', "imports nodemailer"],
    ["apps/worker/src/a.ts", "const answer = await fetch(url);", "fetches"],
    ["packages/core/src/a.ts", 'import { readFileSync } from "node:fs";', "imports node:fs"],
    ["packages/core/src/a.ts", "const now = Date.now();", "reads the clock"],
    ["packages/core/src/a.ts", "const now = new Date();", "reads the clock"],
    ["packages/core/src/a.ts", "const dice = Math.random();", "throws dice"],
    ["apps/api/src/a.ts", "const home = process.env.HOME;", "reads the environment"],
    ["apps/api/src/a.ts", "const found = new RegExp(words.join('|'));", "builds a RegExp"],
    ["packages/core/src/a.ts", "const found = RegExp (start + name);", "builds a RegExp"],
    ["apps/api/src/utils/a.ts", "", "is named utils"],
    ["packages/db/src/types.ts", "", "is named types"],
    ["packages/db/src/a.ts", "export default 1;", "has a default export"],
    ["packages/db/src/store/index.ts", "", "is a second index"],
    ["packages/db/src/myFile.ts", "", "is not in kebab-case"],
    ["packages/db/src/a.ts", 'import { x } from "../../core/src/paper.ts";', "reaches into another room"],
  ])("%s: %s", (path, text, fault) => {
    expect(faults([{ path, text }])).toEqual([`${path} ${fault}`]);
  });

  it("and what is allowed passes", () => {
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
      { path: "apps/cli/src/config.ts", text: "const env = process.env;" },
      {
        path: "apps/cli/src/a.ts",
        text: 'import { startWorker } from "@paperboy/worker";\nstore.prefetch(1);',
      },
    ];
    expect(faults(allowed)).toEqual([]);
  });
});
