import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readDate } from "../src/formats/dates.ts";
import { detectFormat, type FileContent, type FileFormat, FormatError, readPapers } from "../src/index.ts";
import { now, read } from "./read-content.ts";

const titles = async (format: FileFormat, content: FileContent) =>
  (await read(format, content)).drafts.map((draft) => draft.title);

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe("text", () => {
  test("pairs titles and abstracts, whatever blank lines, line ends and byte order marks surround them", async () => {
    const { drafts, refusals } = await read("text", "\ufeffOne\r\nAbout one.\r\n\r\nTwo\n\nAbout two.\n\n");
    expect(refusals).toEqual([]);
    expect(drafts.map(({ title, abstract }) => [title, abstract])).toEqual([
      ["One", "About one."],
      ["Two", "About two."],
    ]);
  });

  test("gives the same title the same id, and others others", async () => {
    const { drafts } = await read("text", "GATE: a Survey\nA\ngate – A survey\nB\n0\nC\n");
    const [first, second, zero] = drafts.map((draft) => draft.externalId);
    expect(second).toBe(first);
    expect(zero).not.toBe(first);
  });

  test("reports a last title without abstract with its line", async () => {
    const { drafts, refusals } = await read("text", "One\nAbout one.\n\nTwo\n");
    expect(drafts).toHaveLength(1);
    expect(refusals).toEqual(["line 4: this title has no abstract line below it"]);
  });

  test("one line that is not UTF-8 costs one paper", async () => {
    const bytes = Buffer.concat([
      Buffer.from("One\nAbout one.\nTwo\nAbout "),
      Buffer.from([0xff, 0xfe]),
      Buffer.from("\nThree\nAbout three."),
    ]);
    const { drafts, refusals } = await read("text", bytes);
    expect(drafts.map((draft) => draft.title)).toEqual(["One", "Three"]);
    expect(refusals).toEqual(["line 4: not valid UTF-8"]);
  });

  test("an abstract in the place of a title is noticed", async () => {
    const { refusals } = await read("text", `${"word ".repeat(300)}\nTitle\n`);
    expect(refusals[0]).toMatch(/^line 1: the title is over 1,000 characters/);
  });

  test.each([
    ["<!DOCTYPE html><html>", "found HTML"],
    ['<?xml version="1.0"?>', "found XML"],
    ['{"title": "x"}\n{"title": "y"}', 'found a JSON object (is its format "jsonl"?)'],
    ['[{"paper": {}}]', 'found a JSON list (is its format "hf"?)'],
  ])("refuses %j as a whole", async (content, message) => {
    await expect(read("text", content)).rejects.toThrow(message);
    await expect(read("text", content)).rejects.toBeInstanceOf(FormatError);
  });

  test("titles may begin with brackets", async () => {
    expect(await titles("text", "[Re] Reproducing GATE\nAbout.\n{k}-means revisited\nAbout.\n")).toHaveLength(
      2,
    );
  });
});

describe("lines", () => {
  test("read the same however the bytes are cut", async () => {
    const whole = "Ünïcode 研究 😀\r\nAbout 😀.\n\nTwo\nAbout two.";
    const bytes = Buffer.from(whole);
    const expected = await read("text", whole);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: bytes.length }), async (size) => {
        expect(await read("text", inPieces(bytes, size))).toEqual(expected);
      }),
    );
  });

  test("an endless line is refused without being kept, and reading continues", async () => {
    async function* content() {
      yield '{"title": "';
      const piece = "x".repeat(2 ** 20);
      for (let megabytes = 0; megabytes < 64; megabytes += 1) yield piece;
      yield '"}\n{"title": "Next"}';
    }
    const { drafts, refusals } = await read("jsonl", content());
    expect(refusals).toEqual(["line 1: longer than 8 MB"]);
    expect(drafts.map((draft) => draft.title)).toEqual(["Next"]);
  });

  test.each(["utf16le", "utf-16be"])("%s is named", async (encoding) => {
    const bytes = Buffer.from("\ufeffTitle\nAbstract\n", "utf16le");
    await expect(read("text", encoding === "utf16le" ? bytes : bytes.swap16())).rejects.toThrow(
      "UTF-16; save it as UTF-8",
    );
  });
});

describe("jsonl", () => {
  test("reports each bad line with its number and reason, and takes the others", async () => {
    const lines = [
      '{"title": "Good", "abstract": "Yes."}',
      '{"title": "Cut short", "abst',
      "",
      "42",
      '{"abstract": "No title."}',
      '{"title": ["a", "list"]}',
      '{"title": "Fine", "upvotes": "many"}',
      '{"title": "\\u0000 \\u200b"}',
      '{"title": "Numbers", "id": 2602.1}',
      '{"title": "0"}',
    ];
    const { drafts, refusals } = await read("jsonl", lines.join("\r\n"));
    expect(drafts.map((draft) => draft.title)).toEqual(["Good", "0"]);
    expect(refusals).toEqual([
      expect.stringMatching(/^line 2: not JSON at column \d+: Unterminated string/),
      "line 4: expected an object, found a number",
      "line 5: title is missing",
      "line 6: title must be text, not a list",
      "line 7: upvotes must be a whole number, not a string",
      "line 8: the title is missing or empty",
      "line 9: id must be text (as a number 2602.10 would lose its last digit), not a number",
    ]);
  });

  test("ten thousand copies of a line are one paper, read in a blink", async () => {
    const line = `${JSON.stringify({ id: "2602.22661v1", title: "Same", abstract: "a ".repeat(200) })}\n`;
    async function* content() {
      for (let copies = 0; copies < 10_000; copies += 100) yield line.repeat(100);
    }
    const { drafts } = await read("jsonl", content());
    expect(drafts).toHaveLength(10_000);
    expect(new Set(drafts.map((draft) => JSON.stringify(draft))).size).toBe(1);
  });

  test.each(["jsonl", "text", "hf"] as const)("%s resumes behind what was read before", async (format) => {
    const titles = ["One", "Two", "Three", "Four"];
    const content = {
      jsonl: `{"title": "One"}\n\n{"title":\n{"title": "Three"}\n{"title": "Four"}\n`,
      text: titles.map((title) => `${title}\nAbout.\n`).join(""),
      hf: JSON.stringify(titles.map((title, n) => ({ paper: { id: `2611.0000${n}`, title } }))),
    }[format];
    const rest = [];
    for await (const record of readPapers(format, content, { now, skip: 2 }))
      rest.push(record.draft?.title ?? record.refusal?.at);
    expect(rest).toEqual(["Three", "Four"]);
  });

  test("holds one line at a time", async () => {
    let given = 0;
    async function* content() {
      for (; given < 1_000; given += 1) yield `{"title": "Paper ${given}"}\n`;
    }
    for await (const { draft } of readPapers("jsonl", content(), { now })) {
      expect(given).toBeLessThanOrEqual(Number(draft?.title.split(" ")[1]) + 1);
    }
  });

  test.each([
    ["<html>", "expected one JSON object a line, found HTML"],
    ['[\n  {"paper": {}}\n]', 'found a JSON list (is its format "hf"?)'],
    ['{\n  "title": "x"\n}', "found one spread over lines"],
  ])("refuses %j as a whole", (content, message) => expect(read("jsonl", content)).rejects.toThrow(message));
});

test.each([
  ["a.txt", "Title\nAbstract", "text"],
  ["a.json", '[\n{"paper": {', "hf"],
  ["a.txt", '{"title": "x"}\n', "jsonl"],
  ["a.jsonl", '{\n "title"', null],
  ["a.jsonl.gz", "", "jsonl"],
  ["a.xml", "<?xml", "feed"],
  ["a", "", null],
])("%s starting with %j looks like %s", (name, head, format) =>
  expect(detectFormat(name, head)).toBe(format),
);

test.each([
  ["2026-04-30", "2026-04-30T00:00:00.000Z"],
  ["2026-04", "2026-04-01T00:00:00.000Z"],
  ["2026", "2026-01-01T00:00:00.000Z"],
  ["2026-04-30T10:00:00", "2026-04-30T10:00:00.000Z"],
  ["2026-04-30 10:00:00+0200", "2026-04-30T08:00:00.000Z"],
  ["Mon, 27 Apr 2026 00:00:00 -0400", "2026-04-27T04:00:00.000Z"],
  [1_777_000_000, "2026-04-24T03:06:40.000Z"],
  [1_777_000_000_000, "2026-04-24T03:06:40.000Z"],
  ["2026-05-03T11:00:00Z", "2026-05-03T11:00:00.000Z"],
  ["2026-05-03T13:00:00Z", undefined],
  ["2026-02-30", undefined],
  ["2026-13-01", undefined],
  ["30/04/2026", undefined],
  ["0", undefined],
  ["", undefined],
  [Number.NaN, undefined],
])("the date %j is %s", (value, iso) => expect(readDate(value, now)?.toISOString()).toBe(iso));
