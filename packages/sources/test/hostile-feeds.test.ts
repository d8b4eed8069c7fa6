import { FormatError, type ReadRecord, readFeedPage, readOaiPage, readPapers } from "@paperboy/sources";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseFeedPage, parseHfPage, parseOaiPage } from "../src/formats/off-thread.ts";

const now = new Date("2026-11-24T07:00:00Z");
const NAMESPACES = `xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/" xmlns:arxiv="http://arxiv.org/schemas/atom"`;
const rss = (items: string) =>
  `<?xml version="1.0"?><rss version="2.0" ${NAMESPACES}><channel><title>c</title>${items}</channel></rss>`;

const RSS_FIELDS =
  `link guid description content:encoded author dc:creator category pubDate dc:date dcterms:issued prism:doi
  dc:identifier arxiv:comment arxiv:announce_type atom:author atom:summary`.split(/\s+/);
const ATOM_FIELDS = `id summary content published updated category arxiv:doi dc:creator author/name`.split(
  /\s+/,
);
const OAI_FIELDS = "id title abstract authors categories doi comments created".split(" ");
const RECORD_FIELDS = "id title abstract authors doi categories keywords url date comments version".split(
  " ",
);

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("]]>", "]]&gt;");
const element = (name: string, text: string): string => {
  const [outer = "", inner] = name.split("/");
  return inner === undefined ? `<${name}>${text}</${name}>` : `<${outer}>${element(inner, text)}</${outer}>`;
};

/** Documents in which every field of a format holds a text, in an entry of its own. */
const DOCUMENTS: Record<string, (text: string) => string> = {
  rss: (text) =>
    rss(
      `<item><title>${text}</title></item><item><title>${text}</title><guid>oai:arXiv.org:2611.00001v1</guid></item>${RSS_FIELDS.map((name) => `<item><title>T</title>${element(name, text)}</item>`).join("")}`,
    ),
  atom: (text) =>
    `<feed xmlns="http://www.w3.org/2005/Atom" ${NAMESPACES}>${["html", "text", ""].map((type) => `<entry><title type="${type}">${text}</title></entry>`).join("")}${ATOM_FIELDS.map((name) => `<entry><title>T</title>${element(name, text)}</entry>`).join("")}</feed>`,
  oai: (text) =>
    `<OAI-PMH><ListRecords>${OAI_FIELDS.map((name) => `<record><header><identifier>oai:x</identifier></header><metadata><arXiv><title>T</title>${element(name, text)}</arXiv></metadata></record>`).join("")}</ListRecords></OAI-PMH>`,
};
const JSON_DOCUMENTS: Record<string, (text: string) => string> = {
  json: (text) =>
    JSON.stringify({
      version: "https://jsonfeed.org/version/1.1",
      items: ["id", "title", "content_html", "content_text", "url", "date_published"].map((name) => ({
        title: "T",
        [name]: text,
        authors: [{ name: text }],
      })),
    }),
  jsonl: (text) => RECORD_FIELDS.map((name) => JSON.stringify({ title: "T", [name]: text })).join("\n"),
  hf: (text) =>
    JSON.stringify(
      ["id", "title", "summary", "publishedAt"].map((name) => ({
        paper: { id: "x", title: "T", [name]: text, authors: [{ name: text }] },
      })),
    ),
  text: (text) => `${text.replaceAll("\n", " ")}\n${text}\n`,
};

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

// What makes patterns go back: what they look for, again and again without its end.
const FILLERS = [
  " ",
  "\t\n",
  "@",
  "a@",
  "a",
  "A. ",
  "a b ",
  "(",
  ")",
  "((a)",
  "{",
  "\\",
  "\\'",
  "\\c ",
  "\\v{",
  "$",
  "a,",
  ", ",
  "A, B. ",
  ";",
  " and ",
  " et al",
  "<",
  "<a",
  "<a ",
  "</",
  "<i>",
  "</i>",
  "<i></i>",
  "<p>",
  "<br>",
  "<script>",
  "<!--",
  "<!",
  "<?",
  "<![CDATA[",
  "]]",
  "<!DOCTYPE a",
  "&",
  "&amp;",
  "&#",
  "&#x26;",
  "&lt;i&gt;",
  '"',
  "'",
  "=",
  "[",
  "1",
  "1-",
  ":",
  "10.",
  "/",
  "/doi/",
  "10.1000/",
  ".pdf",
  "arXiv:",
  "http://",
  "\u0301",
  "é",
  "王",
  "😀",
  "\u200b",
  "\ufeff",
  "2026-",
  "1 Jan ",
];

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
