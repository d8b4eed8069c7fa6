import { FormatError, type ReadRecord, readFeedPage, readOaiPage, readPapers } from "@paperboy/sources";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFeedPage, parseHfPage, parseOaiPage } from "../src/formats/off-thread.ts";
import { DOCUMENTS, FILLERS, JSON_DOCUMENTS, rss } from "./hostile-documents.ts";

const now = new Date("2026-11-24T07:00:00Z");

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("]]>", "]]&gt;");

async function read(format: string, text: string): Promise<number> {
  const records: ReadRecord[] = [];
  try {
    if (format === "oai") records.push(...readOaiPage(text, now).records);
    else if (format === "rss" || format === "atom" || format === "json")
      records.push(...readFeedPage(text, "feed", now).records);
    else for await (const record of readPapers(format as "hf", text, { now })) records.push(record);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  return records.length;
}

/** Milliseconds of processor time: what others are at does not count. */
async function cost(format: string, text: string): Promise<number> {
  const before = process.cpuUsage();
  await read(format, text);
  return process.cpuUsage(before).user / 1000;
}

const SHORT = 4_000;

const TIMES = 8;

/** Three times more than in proportion, and what a collection of garbage may cost; quadratic time would be eight times more. */
const isInProportion = (short: number, long: number) => long <= short * TIMES * 3 + 60;

/** Measures again when it seems not to be: the compiler and the collector may have been at work. */
async function growth(format: string, document: (length: number) => string) {
  let measured = { short: 0, long: 0, isInProportion: false };
  for (let tries = 0; tries < 3 && !measured.isInProportion; tries += 1) {
    const short = await cost(format, document(SHORT));
    const long = await cost(format, document(SHORT * TIMES));
    measured = { short, long, isInProportion: isInProportion(short, long) };
  }
  return measured;
}

const filledWith = (filler: string, document: (text: string) => string) => (length: number) =>
  document(filler.repeat(Math.ceil(length / filler.length)));

describe("time grows with the length of a text and no faster", () => {
  it.each(Object.entries(DOCUMENTS))("in every field of %s", async (format, document) => {
    for (const filler of FILLERS) {
      for (const form of new Set([escaped(filler), filler])) {
        expect({ form, ...(await growth(format, filledWith(form, document))) }).toMatchObject({
          isInProportion: true,
        });
      }
    }
  });

  it.each(Object.entries(JSON_DOCUMENTS))("in every field of %s", async (format, document) => {
    for (const filler of FILLERS) {
      expect({ filler, ...(await growth(format, filledWith(filler, document))) }).toMatchObject({
        isInProportion: true,
      });
    }
  });

  it("whatever the text is made of", async () => {
    const piece = fc
      .array(fc.constantFrom(...FILLERS), { minLength: 2, maxLength: 4 })
      .map((parts) => parts.join(""));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("rss", "atom", "oai"), piece, async (format, filler) => {
        const document = filledWith(filler, DOCUMENTS[format] as (text: string) => string);
        expect(await growth(format, document)).toMatchObject({ isInProportion: true });
      }),
      { numRuns: 40 },
    );
  });

  it.each<[string, (count: number) => string]>([
    ["elements", (count) => rss("<a/>".repeat(count))],
    ["entries", (count) => rss("<item><title>T</title></item>".repeat(count / 4))],
    [
      "children of an entry",
      (count) => rss(`<item><title>T</title>${"<category>c</category>".repeat(count)}</item>`),
    ],
    [
      "authors of an entry",
      (count) => rss(`<item><title>T</title>${"<dc:creator>A, B.</dc:creator>".repeat(count)}</item>`),
    ],
    [
      "attributes",
      (count) => rss(`<item ${Array.from({ length: count }, (_, place) => `a${place}=""`).join(" ")}/>`),
    ],
    [
      "namespaces",
      (count) =>
        rss(
          Array.from(
            { length: count / 4 },
            (_, place) => `<x${place}:a xmlns:x${place}="urn:${place}"/>`,
          ).join(""),
        ),
    ],
    ["elements that do not close", (count) => rss(`<item><title>T</title>&${"<br>".repeat(count)}</item>`)],
    ["ends without a beginning", (count) => rss(`<item><title>T</title>&${"</b>".repeat(count)}</item>`)],
    ["elements behind the root", (count) => `${rss("")}${"<a>".repeat(count)}`],
    ["comments", (count) => rss("<!-- -->".repeat(count))],
    ["CDATA", (count) => rss(`<item><title>${"<![CDATA[x]]>".repeat(count)}</title></item>`)],
  ])("in the number of %s", async (_name, document) => {
    expect(await growth("rss", document)).toMatchObject({ isInProportion: true });
  });
});

describe("a thread of its own", () => {
  const item = (place: number) =>
    `<item><title>Paper ${place}</title><guid>u${place}</guid><pubDate>9 Apr 2026</pubDate></item>`;

  it("reads what is read here, and more than one portion of it", async () => {
    const text = rss(Array.from({ length: 250 }, (_, place) => item(place)).join(""));
    expect(await parseFeedPage(Buffer.from(text), "feed", now)).toEqual(readFeedPage(text, "feed", now));
    const lone = rss(`<item><title>Q&A</title></item>${"<!-- -->".repeat(3_000)}`);
    expect(await parseFeedPage(Buffer.from(lone), "feed", now)).toEqual(readFeedPage(lone, "feed", now));
    const oai = '<OAI-PMH><error code="noRecordsMatch"/></OAI-PMH>';
    expect(await parseOaiPage(Buffer.from(oai), now)).toEqual(readOaiPage(oai, now));
    const papers = JSON.stringify([{ paper: { id: "2611.00001", title: "T" } }]);
    expect(await parseHfPage(Buffer.from(papers), now, "2026-11-24")).toMatchObject([
      { draft: { arxivId: "2611.00001" } },
    ]);
  });

  it("refuses as it is refused here", async () => {
    const html = Buffer.from(`<!DOCTYPE html><html>${"<p>".repeat(10_000)}`);
    await expect(parseFeedPage(html, "feed", now)).rejects.toThrow(
      new FormatError("expected XML, found HTML"),
    );
  });

  it("is ended when it takes too long, or too much memory", async () => {
    const large = Buffer.from(rss("<item><title>T</title></item>".repeat(40_000)));
    const late = parseFeedPage(large, "feed", now, "", { deadlineMs: 1 });
    await expect(late).rejects.toThrow(new FormatError("took longer than 0.001 s to read"));
    const big = parseFeedPage(large, "feed", now, "", { memoryMb: 8 });
    await expect(big).rejects.toThrow(new FormatError("takes more than 8 MB of memory to read"));
  });
});
