import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { decodeXml, parseDocument } from "../src/formats/xml.ts";
import { detectFormat, type FeedFormat, FormatError, readFeedPage, readOaiPage } from "../src/index.ts";

const now = new Date("2026-08-01T00:00:00Z");

describe("bytes", () => {
  const declared = (label: string) => `<?xml version="1.0" encoding="${label}"?><t>Zwölf 研究</t>`;

  test.each([
    ["UTF-16 with its mark", Buffer.from(`\ufeff${declared("UTF-16")}`, "utf16le")],
    ["UTF-16 without", Buffer.from(declared("UTF-16"), "utf16le")],
    ["big-endian UTF-16", Buffer.from(declared("UTF-16"), "utf16le").swap16()],
    ["UTF-8 whose mark contradicts its declaration", Buffer.from(`\ufeff${declared("ISO-8859-1")}`)],
  ])("%s", (_name, bytes) => expect(parseDocument(decodeXml(bytes)).text).toBe("Zwölf 研究"));

  test.each(["windows-1252", "ISO-8859-1"])("%s, quotes and all", (label) => {
    const head = Buffer.from(`<?xml version="1.0" encoding="${label}"?><t>`);
    const bytes = Buffer.concat([head, Buffer.from([0x93, 0xe9, 0x94]), Buffer.from("</t>")]);
    expect(parseDocument(decodeXml(bytes)).text).toBe("“é”");
  });

  test.each([
    ["unknown", Buffer.from(`<?xml version="1.0" encoding="x-klingon"?><t/>`), "nobody knows: x-klingon"],
    ["wrong", Buffer.from([0x3c, 0x74, 0x3e, 0xe9, 0x3c]), "is not valid utf-8"],
  ])("of an encoding that is %s are refused", (_name, bytes, says) => {
    expect(() => decodeXml(bytes)).toThrow(FormatError);
    expect(() => decodeXml(bytes)).toThrow(says);
  });
});

describe("documents", () => {
  const doctype = `<!DOCTYPE t [<!ENTITY a "b">]><t>&a;</t>`;

  test.each([
    ["at once", doctype],
    ["behind a long comment with a tag", `<!--${"x".repeat(200_000)} <a> -->${doctype}`],
    ["behind instructions", `\ufeff<?xml version="1.0"?> <?go on?>\n<!-- a --><!-- b -->${doctype}`],
    ["behind a NUL", `\u0000${doctype}`],
  ])("with a DOCTYPE %s are refused", (_name, text) =>
    expect(() => parseDocument(text)).toThrow(
      "has a DOCTYPE or entity declarations, which feeds do not need",
    ),
  );

  test("may speak of a DOCTYPE", () => {
    expect(parseDocument("<!-- <!DOCTYPE a> --><t><![CDATA[<!DOCTYPE b>]]></t>").text).toBe("<!DOCTYPE b>");
  });

  test("that are web pages are called so", () => {
    expect(() => parseDocument("<!DOCTYPE html><html><p>Sign in")).toThrow("expected XML, found HTML");
  });

  test("know the entities of HTML, and leave unknown ones alone", () => {
    expect(parseDocument("<t>a&nbsp;b &eacute; &nonsense;</t>").text).toBe("a\u00a0b é &nonsense;");
  });

  // Between what can be parsed and what can be read lies a depth at which only reading overflows the stack.
  test.each([300, 3_000, 5_000, 8_000, 200_000])("nested %i deep are refused, and crash nothing", (depth) => {
    const text = `<t>${"<b>".repeat(depth)}x${"</b>".repeat(depth)}</t>`;
    expect(() => parseDocument(text)).toThrow(FormatError);
    expect(() => parseDocument(text)).toThrow("deep");
  });

  test("say in which line they break off", () => {
    expect(() => parseDocument("<t>\n<a>\n</t>")).toThrow(/^is not well-formed XML: .*line 3/);
  });
});

// Recorded answers that are not part of the project; the other tests stand without them.
const DATA = fileURLToPath(new URL("../../../../shared/data/arxiv/", import.meta.url));

describe.skipIf(!existsSync(DATA))("recorded answers", () => {
  test.each<[string, FeedFormat, number, object, object]>([
    [
      "atom-15.xml",
      "arxiv-atom",
      15,
      { total: 214_881, startIndex: 0 },
      { dois: 6, published: 15, types: "" },
    ],
    ["atom-old-id.xml", "arxiv-atom", 1, { total: 1 }, { dois: 0, published: 1, types: "" }],
    ["atom-unknown-id.xml", "arxiv-atom", 0, { total: 0 }, { dois: 0, published: 0, types: "" }],
    [
      "rss-2025-08-20.xml",
      "arxiv-rss",
      7,
      { feedDate: new Date("2025-08-20T04:00:19.866Z") },
      { dois: 0, published: 2, types: "cross cross cross cross cross new new" },
    ],
    ["rss-cs-ai.xml", "arxiv-rss", 3, { skipDays: ["Saturday", "Sunday"] }, { types: "new new new" }],
    ["rss-cs-cl.xml", "arxiv-rss", 3, { feedDate: new Date("2026-04-27T04:00:00Z") }, { published: 3 }],
    ["rss-weekend-empty.xml", "arxiv-rss", 0, { skipDays: ["Sunday", "Saturday"] }, { published: 0 }],
  ])("%s, as %s, is %i papers", (name, format, count, page, found) => {
    const bytes = readFileSync(DATA + name);
    expect(detectFormat(name, bytes.toString("utf8", 0, 4_000))).toBe(format);
    const read = readFeedPage(bytes, format, now);
    expect(read).toMatchObject(page);
    const drafts = read.records.flatMap(({ draft }) => draft ?? []);
    expect([read.records.length, drafts.length]).toEqual([count, count]);
    expect({
      dois: drafts.filter(({ doi }) => doi).length,
      published: drafts.filter(({ publishedAt }) => publishedAt).length,
      types: drafts.flatMap(({ announceType }) => announceType ?? []).join(" "),
    }).toMatchObject(found);
    for (const draft of drafts) {
      expect(draft.abstract).not.toMatch(/^$|Announce Type/);
      expect(draft).toMatchObject({
        version: expect.any(Number),
        authors: expect.arrayContaining([expect.any(String)]),
      });
      expect(draft.categories?.length).toBeGreaterThan(0);
    }
  });

  test.each([
    ["oai-053.xml.gz", 217, "1122234|53001", "This paper has been withdrawn"],
    ["oai-088.xml.gz", 65, "1122234|88001", "This paper has been withdrawn"],
  ])("%s is 1,000 papers, %i with a DOI", (name, dois, token, remark) => {
    const bytes = gunzipSync(readFileSync(DATA + name));
    const { records, ...page } = readOaiPage(bytes, now);
    expect(page).toEqual({ resumptionToken: token, completeListSize: 102_538 });
    const drafts = records.flatMap(({ draft }) => draft ?? []);
    expect(drafts).toHaveLength(1_000);
    expect(drafts.filter(({ doi }) => doi)).toHaveLength(dois);
    expect(
      drafts.every(({ abstract, authors, publishedAt }) => abstract && authors.length && publishedAt),
    ).toBe(true);
    const said = bytes.toString().split(`<comments>${remark}`).length - 1;
    expect(said).toBeGreaterThan(0);
    expect(drafts.filter(({ withdrawn }) => withdrawn).length).toBeGreaterThanOrEqual(said);
  });
});
