import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Words of a dialect of our own, and the field's word to use instead; `docs/design.md` says what each means. */
const OLD_WORDS: readonly (readonly [RegExp, string])[] = [
  [/\blanes?\b/i, "worker pool, worker"],
  [/\bStream(?:State|View|Share|Guard)\b|\bstore\.streams\b|\bstreamStore\b|\bstreamGuard\b/, "destination"],
  [
    /\bthrottles\.(?:take|give)\b|\b(?:un|streams\.|index\.)share\(|\bgiveBack\b|\b(?:re)?admit\(/,
    "acquire, release",
  ],
  [/\b(?:take|return)Slots\b/, "acquireSlots, releaseSlots"],
  [/\bgives? (?:\w+ ){0,2}back\b/i, "release, return"],
  [/\bpatience\b|\b(?:im)?patient(?:ly)?\b|fetchPatiently/i, "throttles, timeout"],
  [/\bheld up\b|\b(?:hold|holds|holding) (?:\w+ )?up\b/i, "paused, blocked"],
  [/\bgo(?:es)? on\b|\bwent on\b/i, "resume, continue"],
  [/\b(?:is|are|was|were|stays?|goes|went) away\b/i, "unavailable"],
  [/\b(?:take|takes|taken|took) in\b(?! turn)/i, "ingest, include"],
  [/\b(?:the|relay|storm|settle)books\b|\bthe books\b|\bKeyBook\b|\bstorm-books\b/i, "reconcile, records"],
  [/\b(?:is|un)?parted\b|\breadParted\b|\bpart them\b/i, "unmerged"],
  [/\bputs? off\b|\bputOff\b|\bisPutOff\b/i, "defer"],
  [/\bmend\w*/i, "repair"],
  [/\beverythingAbout\b/, "exportReader"],
  [/\bmoves\(/, "isCurrent"],
  [/\bbreathe\b/i, "setImmediate"],
  [/\bturnstile\b/i, "mutex"],
  [/\bquieten\b/i, "dedupe"],
  [/\blegible\b/i, "sanitise"],
  [/\bnaming\(/, "withSettingName"],
  [/\/(?:slips|leaves)\.ts\b|\btopic\/why\b/, "query-errors, parse-leaf, highlight"],
  [/\bSurroundings\b/, "CommandContext"],
  [/\bRefusal5321\b/, "SmtpReply"],
  [/\b(?:gave|gives?) way\b/i, "supersede, yield"],
  [/not for everybody/i, "Access denied"],
  [/\bon the round\b/i, "subscribed"],
  [/>\s*your order\b|as you ordered|\border again\b/i, "your subscription"],
  [/look into your inbox/i, "Check your inbox"],
  [/\b(?:he|him|his|himself|she|her|hers|herself)\b/i, "they, their: a reader is no he and no she"],
];

const LOOKED_AT = /\.(?:ts|mjs|js|css|hbs|mjml|md|prisma|json)$/;
const PASSED_OVER =
  /(?:^|\/)(?:node_modules|dist|generated|migrations|\.turbo|package-lock\.json|words\.test\.ts)(?:\/|$)/;

function files(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((path) => `${folder}/${path}`)
    .filter((path) => LOOKED_AT.test(path) && !PASSED_OVER.test(path));
}

/** What is said in a file, without the column of the glossary that names what not to say. */
function said(path: string): string[] {
  const lines = readFileSync(join(ROOT, path), "utf8").split("\n");
  return path === "docs/design.md" ? lines.map((line) => line.replace(/\|[^|]*\|$/, "|")) : lines;
}

function faults(path: string, lines: readonly string[]): string[] {
  return lines.flatMap((line, at) =>
    OLD_WORDS.filter(([word]) => word.test(line)).map(
      ([word, instead]) => `${path}:${at + 1}: ${word.exec(line)?.[0]} (say: ${instead})`,
    ),
  );
}

describe("the words of the field", () => {
  it("are used in source, pages, mails and docs", () => {
    const all = [
      ...["apps", "packages", "test", "docs", "templates"].flatMap(files),
      "prisma/schema.prisma",
      "README.md",
    ];
    expect(all.length).toBeGreaterThan(500);
    expect(all.flatMap((path) => faults(path, said(path)))).toEqual([]);
  });

  it.each([
    "// the books of a storm",
    "const lane = lanes[0];",
    "sending goes on",
    "await throttles.take(limit);",
    "a reader on his page",
  ])("are missed in '%s'", (line) => expect(faults("a.ts", [line])).toHaveLength(1));
});
