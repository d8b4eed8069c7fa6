import { FormatError, readFeedPage, readOaiPage, readPapers } from "@paperboy/sources";
import { describe, expect, it } from "vitest";
import { atom, drafts, item, now, oai, rss } from "./written-feeds.ts";

describe("arXiv's announcements", () => {
  it("carry what they are, and their abstract without its prefix", () => {
    const creator = "<dc:creator>Ada Lovelace (Analytical Engine, London), Alan Turing, Jr.</dc:creator>";
    const text = rss(
      item("new", "2611.00001v1", creator) +
        item("replace", "2401.00001v3") +
        item("replace-cross", "2401.00002v2"),
    );
    const [fresh, replaced, crossed] = drafts(text, "arxiv-rss");
    expect(fresh).toMatchObject({
      arxivId: "2611.00001",
      version: 1,
      abstract: "We gate.",
      authors: ["Ada Lovelace", "Alan Turing Jr."],
      announceType: "new",
      publishedAt: new Date("2026-11-23T05:00:00Z"),
    });
    expect(replaced).toMatchObject({ announceType: "replace", version: 3 });
    expect(replaced).not.toHaveProperty("publishedAt");
    expect(crossed).toMatchObject({ announceType: "replace-cross" });
  });

  it("are the same as Atom", () => {
    const text = `<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" xml:lang="en-us">
<id>http://rss.arxiv.org/atom/cs.CL</id><title>cs.CL updates on arXiv.org</title><updated>2026-11-23T05:00:00.000000+00:00</updated>
<entry><id>oai:arXiv.org:2611.00001v1</id><title>On gates</title><updated>2026-11-23T05:00:00.012345+00:00</updated>
<link href="https://arxiv.org/abs/2611.00001" rel="alternate" type="text/html"/>
<summary>arXiv:2611.00001v1 Announce Type: cross 
Abstract: We gate where $x<y$ and $z>1$.</summary>
<category term="cs.CL"/><category term="cs.AI"/><published>2026-11-23T00:00:00-05:00</published>
<arxiv:announce_type>cross</arxiv:announce_type><dc:rights>x</dc:rights>
<dc:creator>Ada Lovelace (Analytical Engine, London), Alan Turing</dc:creator></entry></feed>`.replace(
      "$x<y$",
      "$x&lt;y$",
    );
    const page = readFeedPage(text, "arxiv-rss", now);
    expect(page.feedDate).toEqual(new Date("2026-11-23T05:00:00Z"));
    expect(page.records[0]?.draft).toMatchObject({
      arxivId: "2611.00001",
      version: 1,
      announceType: "cross",
      abstract: "We gate where $x<y$ and $z>1$.",
      authors: ["Ada Lovelace", "Alan Turing"],
      categories: ["cs.CL", "cs.AI"],
    });
  });

  it("are empty at weekends, which is no failure", () => {
    const page = readFeedPage(
      rss("", "<skipDays><day>Sunday</day><day>Saturday</day></skipDays>"),
      "arxiv-rss",
      now,
    );
    expect(page).toMatchObject({ records: [], skipDays: ["Sunday", "Saturday"] });
  });

  it("say when a paper is withdrawn, and only then", () => {
    const comment = (text: string) => `<arxiv:comment>${text}</arxiv:comment>`;
    const [gone, kept] = drafts(
      rss(
        item(
          "replace",
          "2401.1v2".replace("1v2", "00009v2"),
          comment("This paper has been withdrawn by the author"),
        ) + item("new", "2611.00003v1", comment("About withdrawn consent")),
      ),
    );
    expect(gone).toMatchObject({ withdrawn: true });
    expect(kept).not.toHaveProperty("withdrawn");
  });
});

describe("the arXiv API", () => {
  it("gives papers with id, version, authors, primary category first", () => {
    const page = readFeedPage(
      atom(`<entry><id>http://arxiv.org/abs/astro-ph/0601001v2</id><title>Hot
        Jupiters</title><summary>  We derive. </summary><published>2006-01-02T14:57:58Z</published><updated>2006-02-02T14:57:58Z</updated><author><name>A B</name><arxiv:affiliation>X</arxiv:affiliation></author><arxiv:primary_category term="astro-ph"/><category term="cs.X"/><category term="astro-ph"/><arxiv:doi>10.1000/J</arxiv:doi></entry>`),
      "arxiv-atom",
      now,
    );
    expect(page).toMatchObject({ total: 7, startIndex: 2 });
    expect(page.records[0]?.draft).toMatchObject({
      arxivId: "astro-ph/0601001",
      version: 2,
      title: "Hot Jupiters",
      authors: ["A B"],
      categories: ["astro-ph", "cs.X"],
      doi: "10.1000/j",
      publishedAt: new Date("2006-01-02T14:57:58Z"),
    });
  });

  it("reports errors as a feed, which is read as an error", () => {
    const text = atom(
      "<entry><id>http://arxiv.org/api/errors#bad_id</id><title>Error</title><summary>incorrect id format for x</summary></entry>",
    );
    expect(() => readFeedPage(text, "arxiv-atom", now)).toThrow("arXiv answers: incorrect id format for x");
  });
});

describe("OAI-PMH", () => {
  it("gives records, and the token of the next page", () => {
    const record = `<record><header><identifier>oai:arXiv.org:1310.7792</identifier><datestamp>2026-10-30</datestamp></header><metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>1310.7792</id><created>2013-10-29</created><authors><author><keyname>Hechtman</keyname><forenames>Blake A.</forenames></author></authors><title>Cache</title><categories>cs.AR cs.DC</categories><abstract>A</abstract></arXiv></metadata></record>`;
    const deleted = `<record><header status="deleted"><identifier>oai:arXiv.org:1</identifier></header></record>`;
    const page = readOaiPage(
      oai(
        `<ListRecords>${record}${deleted}<resumptionToken completeListSize="9">t|1</resumptionToken></ListRecords>`,
      ),
      now,
    );
    expect(page).toMatchObject({ resumptionToken: "t|1", completeListSize: 9 });
    expect(page.records[0]?.draft).toMatchObject({
      authors: ["Blake A. Hechtman"],
      categories: ["cs.AR", "cs.DC"],
      publishedAt: new Date("2013-10-29"),
    });
    expect(page.records[1]?.refusal).toEqual({ at: "oai:arXiv.org:1", reason: "deleted at the source" });
  });

  it("has nothing new, or a token that is too old", () => {
    expect(readOaiPage(oai(`<error code="noRecordsMatch"/>`), now).records).toEqual([]);
    expect(() => readOaiPage(oai(`<error code="badResumptionToken">old</error>`), now)).toThrow(
      "badResumptionToken: old",
    );
  });
});

describe("bad input", () => {
  it.each([
    ["plain text", "hello", "not well-formed"],
    ["truncated", rss(item("new", "2611.00001v1")).slice(0, 400), "not well-formed"],
    ["a page", "<html><body></body></html>", "<html>"],
    ["a DOCTYPE", `<!DOCTYPE rss [<!ENTITY a "b">]><rss/>`, "DOCTYPE"],
    [
      "a billion laughs",
      `<?xml version="1.0"?><!-- x --><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><rss><channel><title>&lol2;</title></channel></rss>`,
      "DOCTYPE",
    ],
    ["damaged JSON", `{"version": "https://jsonfeed.org/version/1", "items": [`, "damaged JSON"],
    ["other JSON", `{"a": 1}`, 'an object with "a"'],
    ["a deep nest", `${"<a>".repeat(200_000)}`, "not well-formed XML, or nested more than 256 elements deep"],
  ])("%s is refused in one line", (_name, text, says) => {
    expect(() => drafts(text)).toThrow(FormatError);
    expect(() => drafts(text)).toThrow(says);
  });

  it("costs a record, never its neighbours", () => {
    const records = drafts(
      rss(`<item><description>No title.</description></item>
        <item><title>0</title></item>
        <item><title>NUL \u0000 and &#0; and &#xD800; here</title></item>
        <item><title>&lt;script&gt;alert(1)&lt;/script&gt; gates</title></item>
        <item><title>Far</title><pubDate>Mon, 23 Nov 2099 00:00:00 GMT</pubDate></item>
        <item><title>Odd</title><pubDate>yesterday</pubDate></item>
        <item><title>Long</title><description>${"word ".repeat(1_000_000)}</description></item>`),
    );
    expect(records.map((record) => ("title" in record ? record.title : record.reason))).toEqual([
      "the title is missing or empty",
      "0",
      "NUL and and here",
      "<script>alert(1)</script> gates",
      "Far",
      "Odd",
      "Long",
    ]);
    expect(records[4]).not.toHaveProperty("publishedAt");
    expect(records[5]).not.toHaveProperty("publishedAt");
    expect((records[6] as { abstract: string }).abstract.length).toBeLessThanOrEqual(20_000);
  });
});

it("reads feeds from files by their format", async () => {
  const records = [];
  for await (const record of readPapers("arxiv-rss", rss(item("new", "2611.00001v1")), { now }))
    records.push(record.draft?.arxivId);
  expect(records).toEqual(["2611.00001"]);
  await expect(readPapers("arxiv-atom", rss(""), { now }).next()).rejects.toThrow(
    "expected an Atom feed of arXiv, found RSS",
  );
});
