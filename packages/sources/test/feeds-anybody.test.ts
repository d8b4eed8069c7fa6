import { readOaiPage } from "@paperboy/sources";
import { describe, expect, it } from "vitest";
import { atom, drafts, now, oai, rss } from "./written-feeds.ts";

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
