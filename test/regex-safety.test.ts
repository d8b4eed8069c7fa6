import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { costFaults, regexLiterals } from "@paperboy/harness/regex-cost";
import { describe, expect, it } from "vitest";
import { PHRASES, POLICY_PHRASES, WEAK_PHRASES } from "../packages/mail/src/bounces/phrases.ts";
import { FULL_ABROAD } from "../packages/mail/src/bounces/phrases-abroad.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** What strangers write is read here: mails, feeds and pages. */
const FOLDERS = ["packages/mail/src", "packages/sources/src"];

/** Files that put patterns together of constants; their patterns are looked at as they come out. */
const COMPOSED = ["packages/mail/src/bounces/phrases.ts", "packages/mail/src/bounces/phrases-abroad.ts"];

/** What it reads is the operator's own. */
const TRUSTED = ["packages/mail/src/compile-templates.ts"];

const files = FOLDERS.flatMap((folder) =>
  readdirSync(ROOT + folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => ({ path: `${folder}/${name}`, text: readFileSync(`${ROOT}${folder}/${name}`, "utf8") }))
    .filter(({ path }) => !TRUSTED.includes(path)),
);

describe("patterns over what strangers write", () => {
  it.each(FOLDERS)("cost no more than in step with the text: %s", (folder) => {
    const literals = files
      .filter(({ path }) => path.startsWith(folder))
      .flatMap(({ path, text }) => regexLiterals(text).map((literal) => ({ path, ...literal })));
    expect(literals.length).toBeGreaterThan(20);
    const faults = literals.flatMap((literal) =>
      costFaults(literal).map((fault) => `${literal.path} /${literal.pattern}/${literal.flags} ${fault}`),
    );
    expect(faults).toEqual([]);
  });

  it("that are put together cost no more either", () => {
    const patterns = [...PHRASES, ...POLICY_PHRASES, ...WEAK_PHRASES].map(({ pattern }) => pattern);
    const faults = patterns.flatMap(({ source, flags }) =>
      costFaults({ pattern: source, flags }).map((fault) => `/${source}/ ${fault}`),
    );
    expect(faults).toEqual([]);
    expect(costFaults({ pattern: FULL_ABROAD.source, flags: "" })).toEqual([]);
  });

  it("are put together nowhere else", () => {
    const composing = files.filter(({ text }) => /\bRegExp\(/.test(text)).map(({ path }) => path);
    expect(composing.filter((path) => !COMPOSED.includes(path))).toEqual([]);
  });
});

describe("the rules see", () => {
  it.each([
    ["\\{[\\s\\S]*\\}", "passes over where the search begins again"],
    ["<head[\\s\\S]*?<\\/head>", "passes over where the search begins again"],
    ["\\s+$", "passes over where the search begins again"],
    ["[\\w.]+@", "passes over where the search begins again"],
    ["<(?:a|b)[^>]*>", "passes over where the search begins again"],
    ["^\\s*:?\\s*x", "repetitions share characters"],
    ["^(?:a+)+b", "repeats what repeats"],
    ["a.{0,200}b.{0,200}c", "multiplies bounds"],
  ])("%s %s", (pattern, fault) => {
    expect(costFaults({ pattern, flags: "" })).toContain(fault);
  });

  it.each([
    "\\s+",
    "\\([^()]*\\)",
    "^\\s*x",
    "for\\s+([^\\s;]+)",
    "\\r?\\n[ \\t]*\\r?\\n",
    "^[a-z]{1,60}$",
    "a.{0,40}b",
  ])("nothing in %s", (pattern) => {
    expect(costFaults({ pattern, flags: "" })).toEqual([]);
  });

  it("patterns in a file, types or not", () => {
    const source = "const a: RegExp = /x+/gu as RegExp; b.replace(/y/, (c: string) => c);";
    expect(regexLiterals(source).map(({ pattern, flags }) => pattern + flags)).toEqual(["x+gu", "y"]);
  });
});
