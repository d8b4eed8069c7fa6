import { FormatError, readFeedPage, readOaiPage, readPapers } from "@paperboy/sources";
import { describe, expect, it } from "vitest";

const now = new Date("2026-11-24T07:00:00Z");

const rss = (items: string, channel = "") =>
  `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom"><channel><title>x</title><link>https://feeds.example.org/</link>${channel}${items}</channel></rss>`;
const item = (type: string, id: string, more = "") =>
  `<item><title>On gates</title><link>https://arxiv.org/abs/${id.replace(/v\d+$/, "")}</link><description>arXiv:${id} Announce Type: ${type} \nAbstract: We gate.</description><guid isPermaLink="false">oai:arXiv.org:${id}</guid><category>cs.CL</category><pubDate>Mon, 23 Nov 2026 00:00:00 -0500</pubDate><arxiv:announce_type>${type}</arxiv:announce_type>${more}</item>`;
const drafts = (text: string | Uint8Array, format: "arxiv-atom" | "arxiv-rss" | "feed" = "feed") =>
  readFeedPage(text, format, now).records.map(({ draft, refusal }) => draft ?? refusal);

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

const atom = (entries: string) =>
  `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"><title>q</title><opensearch:totalResults>7</opensearch:totalResults><opensearch:startIndex>2</opensearch:startIndex>${entries}</feed>`;

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

const oai = (body: string) => `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">${body}</OAI-PMH>`;

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

describe("anybody's feed", () => {
  it("is RSS, RDF, Atom or JSON", () => {
    expect(
      drafts(
        rss(
          "<item><title>A &amp; B</title><link>/a</link><description>&lt;p&gt;One&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;two &amp;amp; three</description><dc:creator>A. B.</dc:creator></item>",
        ),
      ),
    ).toMatchObject([
      { title: "A & B", url: "https://feeds.example.org/a", abstract: "One two & three", authors: ["A. B."] },
    ]);
    expect(
      drafts(
        `<rdf:RDF xmlns:rdf="r" xmlns="http://purl.org/rss/1.0/"><channel><title>c</title></channel><item rdf:about="https://x.example/1"><title>T</title></item></rdf:RDF>`,
      ),
    ).toMatchObject([{ externalId: "https://x.example/1", title: "T" }]);
    expect(
      drafts(
        `<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:1</id><title type="html">A &lt;b&gt;bold&lt;/b&gt; one</title><link href="https://doi.org/10.1000/xyz"/><content type="html">&lt;p&gt;Hi&lt;/p&gt;</content><author><name>N</name></author></entry></feed>`,
      ),
    ).toMatchObject([{ title: "A bold one", doi: "10.1000/xyz", abstract: "Hi", authors: ["N"] }]);
    expect(
      drafts(
        JSON.stringify({
          version: "https://jsonfeed.org/version/1.1",
          items: [{ id: "1", title: "J", content_text: "c", authors: [{ name: "N" }] }, 7],
        }),
      ),
    ).toMatchObject([{ title: "J", abstract: "c" }, { reason: "the title is missing or empty" }]);
  });

  it("is read in the encoding it declares", () => {
    const latin = Buffer.from(
      `<?xml version="1.0" encoding="ISO-8859-1"?><rss><channel><item><title>Caf\u00e9</title></item></channel></rss>`,
      "latin1",
    );
    expect(drafts(latin)).toMatchObject([{ title: "Café" }]);
    const utf16 = Buffer.from(
      `\ufeff<rss><channel><item><title>Zwölf</title></item></channel></rss>`,
      "utf16le",
    );
    expect(drafts(utf16)).toMatchObject([{ title: "Zwölf" }]);
  });
});

describe("tags", () => {
  const tagged = (...tags: string[]) =>
    drafts(
      rss(
        `<item><title>T</title><link>https://x.example/1</link>${tags.map((tag) => `<category>${tag}</category>`).join("")}</item>`,
      ),
    )[0];

  it("are arXiv's categories where they look like them, keywords elsewhere", () => {
    expect(tagged("cs.CL", "Machine Learning", "68T50", "physics.atom-ph", "hep-th")).toMatchObject({
      categories: ["cs.CL", "physics.atom-ph", "hep-th"],
      keywords: ["Machine Learning", "68T50"],
    });
    expect(tagged("node.js", "self-org")).toMatchObject({ keywords: ["node.js", "self-org"] });
  });
});

it("finds the DOI in a publisher's link", () => {
  const link = "https://dl.acm.org/doi/abs/10.1145/3292500.3330701?af=R";
  expect(drafts(rss(`<item><title>T</title><link>${link}</link></item>`))).toMatchObject([
    { doi: "10.1145/3292500.3330701", url: link },
  ]);
});

it("refuses an entry of an unknown id, which has no title", () => {
  expect(drafts(atom("<entry><id>http://arxiv.org/abs/9999.99999v1</id></entry>"), "arxiv-atom")).toEqual([
    { at: "http://arxiv.org/abs/9999.99999v1", reason: "the title is missing or empty" },
  ]);
});

it("reads names of Dublin Core, suffixes last", () => {
  const metadata = `<oai_dc:dc xmlns:oai_dc="o" xmlns:dc="d"><dc:title>T</dc:title><dc:creator>Davis, Sammy, Jr.</dc:creator><dc:creator>ATLAS Collaboration</dc:creator><dc:identifier>http://arxiv.org/abs/2611.00001</dc:identifier></oai_dc:dc>`;
  const page = readOaiPage(
    oai(
      `<ListRecords><record><header><identifier>oai:arXiv.org:2611.00001</identifier></header><metadata>${metadata}</metadata></record></ListRecords>`,
    ),
    now,
  );
  expect(page.records[0]?.draft).toMatchObject({
    arxivId: "2611.00001",
    authors: ["Sammy Davis Jr.", "ATLAS Collaboration"],
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
