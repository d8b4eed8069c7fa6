import { describe, expect, it } from "vitest";
import { atom, draft, item, page, rss } from "./written-pages.ts";

describe("a title of RSS", () => {
  const titled = (title: string) => draft(rss(`<item><title>${title}</title></item>`))?.title;

  it.each([
    // markup that publishers write
    [
      "<![CDATA[Snow on <i>Pinus mugo</i> &amp; H<sub>2</sub>O &ndash; a review]]>",
      "Snow on Pinus mugo & H2O – a review",
    ],
    ["Ice cores &lt;em&gt;in vitro&lt;/em&gt;, &lt;sup&gt;18&lt;/sup&gt;O", "Ice cores in vitro, 18O"],
    ["&lt;strong class=&quot;x&quot;&gt;Ice&lt;/strong&gt;&lt;br/&gt;and snow", "Ice and snow"],
    ["&lt;p&gt;Ice&lt;/p&gt;", "Ice"],
    ["Truncated &lt;sub&gt;2", "Truncated 2"],
    ["The <i>E. coli</i> of ice", "The E. coli of ice"],
    [
      "&lt;jats:italic&gt;Ice&lt;/jats:italic&gt; and &lt;mml:math&gt;&lt;mml:mi&gt;x&lt;/mml:mi&gt;&lt;/mml:math&gt;",
      "Ice and x",
    ],
    // escaped twice
    ["Ice &amp;amp; snow at 5 &amp;#176;C: &amp;ldquo;cold&amp;rdquo;", "Ice & snow at 5 °C: “cold”"],
    ["&amp;lt;i&amp;gt;Ice&amp;lt;/i&amp;gt; twice", "Ice twice"],
    // text
    ["Ice where a &lt; b &amp; b &gt; c", "Ice where a < b & b > c"],
    ["Why List&lt;T&gt; and Vec&lt;i&gt; melt", "Why List<T> and Vec<i> melt"],
    ["R&amp;D and AT&amp;T", "R&D and AT&T"],
    ["Escaping &amp;amp;amp; in feeds", "Escaping &amp; in feeds"],
    ["&lt;script&gt;alert(1)&lt;/script&gt; ice", "<script>alert(1)</script> ice"],
    ["A &amp;nonsense; title", "A &nonsense; title"],
  ])("%s", (written, shown) => expect(titled(written)).toBe(shown));

  it("may stand in another element", () => {
    expect(draft(rss("<item><dc:title>Old ice</dc:title></item>"))?.title).toBe("Old ice");
    expect(
      draft(rss('<item><atom:title type="html">Old &lt;b&gt;ice&lt;/b&gt;</atom:title></item>'))?.title,
    ).toBe("Old ice");
  });
});

describe("a title of Atom", () => {
  it.each([
    ['<title type="html">Ice &lt;b&gt;now&lt;/b&gt; &amp;amp; then</title>', "Ice now & then"],
    [
      '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Ice <i>now</i> &amp;lt; then</div></title>',
      "Ice now &lt; then",
    ],
    ['<title type="text">Ice &lt;b&gt; &amp;amp;</title>', "Ice <b> &amp;"],
    ["<title>Ice &lt;i&gt;now&lt;/i&gt; &amp;amp; then</title>", "Ice now & then"],
    ['<title type="text/html" mode="escaped">Ice &amp;lt;0 &lt;b&gt;now&lt;/b&gt;</title>', "Ice <0 now"],
  ])("%s", (title, shown) => expect(draft(atom(title))?.title).toBe(shown));
});

describe("an abstract", () => {
  const described = (body: string) => draft(rss(item(body)))?.abstract;

  it.each([
    [
      "<description>&lt;p&gt;One&lt;/p&gt;&lt;style&gt;p{}&lt;/style&gt;two &amp;amp; three</description>",
      "One two & three",
    ],
    ["<description>&amp;lt;p&amp;gt;One&amp;lt;/p&amp;gt;two</description>", "One two"],
    ["<description>Melting at 0 &amp;deg;C where a &lt; b</description>", "Melting at 0 °C where a < b"],
    ["<description><p>One</p><p>two <!-- x -->three</p></description>", "One two three"],
    ["<dc:description>Dublin</dc:description>", "Dublin"],
    ["<dcterms:abstract>Terms</dcterms:abstract>", "Terms"],
    ["<content:encoded><![CDATA[<jats:p>Ice <jats:sub>2</jats:sub></jats:p>]]></content:encoded>", "Ice 2"],
    ["<description/><atom:summary>Summary</atom:summary>", "Summary"],
  ])("%s", (body, shown) => expect(described(body)).toBe(shown));

  it("of Atom in XHTML is decoded once", () => {
    const body = `<summary type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>We show &amp;lt;p&amp;gt;</p><script>x</script><p>tags.</p></div></summary>`;
    expect(draft(atom(`<title>T</title>${body}`))?.abstract).toBe("We show &lt;p&gt; tags.");
  });
});

describe("authors", () => {
  const authors = (inner: string, channel = "") => draft(rss(item(inner), channel))?.authors;

  it.each([
    ["<dc:creator>Weber, L. M.</dc:creator>", ["L. M. Weber"]],
    ["<dc:creator>Cho, M., Lim, T.-W., Seo, H.</dc:creator>", ["M. Cho", "T.-W. Lim", "H. Seo"]],
    [
      "<dc:creator>Weber, Lena</dc:creator><dc:creator>Ruiz Vega, Ana María</dc:creator>",
      ["Lena Weber", "Ana María Ruiz Vega"],
    ],
    ["<author>desk@ice.example (Lena Weber)</author>", ["Lena Weber"]],
    ["<author>Lena Weber &lt;desk@ice.example&gt;</author>", ["Lena Weber"]],
    ["<author>desk@ice.example</author>", []],
    ["<author><name>Lena Weber</name></author>", ["Lena Weber"]],
    ["<dc:creator>Lena Weber</dc:creator><author>L. Weber</author>", ["Lena Weber"]],
    ["<author>Jos&amp;eacute; Ruiz</author>", ["José Ruiz"]],
    ["<itunes:author>Lena Weber</itunes:author>", ["Lena Weber"]],
  ])("%s", (inner, names) => expect(authors(inner)).toEqual(names));

  it("are those of the feed where an entry names none", () => {
    expect(authors("", "<dc:creator>Lena Weber</dc:creator>")).toEqual(["Lena Weber"]);
    expect(authors("<author>Min Cho</author>", "<dc:creator>Lena Weber</dc:creator>")).toEqual(["Min Cho"]);
    const feed = "<author><name>Lena Weber</name></author>";
    expect(draft(atom("<title>T</title>", feed))?.authors).toEqual(["Lena Weber"]);
    const source = "<source><author><name>Min Cho</name></author></source>";
    expect(draft(atom(`<title>T</title>${source}`, feed))?.authors).toEqual(["Min Cho"]);
    const json = {
      version: "https://jsonfeed.org/version/1.1",
      authors: [{ name: "Lena Weber" }],
      items: [{ id: "1", title: "T" }],
    };
    expect(draft(JSON.stringify(json))?.authors).toEqual(["Lena Weber"]);
  });
});

describe("Atom within RSS", () => {
  it("gives link, date, author and abstract", () => {
    const inner = `<atom:link href="a/1" rel="alternate"/><atom:published>2026-04-09T10:00:00Z</atom:published><atom:author><atom:name>Lena Weber</atom:name></atom:author><atom:summary type="html">&lt;p&gt;An abstract.&lt;/p&gt;</atom:summary>`;
    const found = {
      url: "https://ice.example/a/1",
      authors: ["Lena Weber"],
      abstract: "An abstract.",
      publishedAt: new Date("2026-04-09T10:00:00Z"),
    };
    expect(draft(rss(item(inner)))).toMatchObject(found);
    const other = inner.replaceAll("atom:", "a10:");
    expect(draft(rss(item(other), "", ` xmlns:a10="http://www.w3.org/2005/Atom"`))).toMatchObject(found);
  });

  it("is no link of the entry when it says so", () => {
    const inner = '<atom:link href="https://ice.example/self" rel="self"/><guid>https://ice.example/9</guid>';
    expect(draft(rss(item(inner)))?.url).toBe("https://ice.example/9");
  });
});

describe("links", () => {
  it.each([
    [
      rss(item("<link>p/1</link>", ' xml:base="https://ice.example/papers/"')),
      "https://ice.example/papers/p/1",
    ],
    [rss(item("<link>p/1</link>"), "", ' xml:base="https://base.example/x/"'), "https://base.example/x/p/1"],
    [rss(item("<link>/p/1</link>")), "https://ice.example/p/1"],
    [rss(item("<link/><guid>https://ice.example/g</guid>")), "https://ice.example/g"],
    [rss(item("<link>https://ice.example/?a=1&b=2</link>")), "https://ice.example/?a=1&b=2"],
    [
      atom('<title>T</title><link href="p/1"/>', "", ' xml:base="https://ice.example/a/"'),
      "https://ice.example/a/p/1",
    ],
    [atom('<title>T</title><link xml:base="https://other.example/" href="p"/>'), "https://other.example/p"],
  ])("%#", (text, url) => expect(draft(text)?.url).toBe(url));

  it("are none when a guid is no address", () => {
    expect(draft(rss(item("<guid>tag-77</guid>")))).not.toHaveProperty("url");
  });
});

describe("dates", () => {
  it.each([
    ["<dcterms:issued>2026-04-09T10:14:55Z</dcterms:issued>", "2026-04-09T10:14:55.000Z"],
    ["<prism:publicationDate>2026-04-09</prism:publicationDate>", "2026-04-09T00:00:00.000Z"],
    ["<prism:coverDate>2026-04-09</prism:coverDate>", "2026-04-09T00:00:00.000Z"],
    ["<pubDate>soon</pubDate><dc:date>2026-04-09</dc:date>", "2026-04-09T00:00:00.000Z"],
    ["<pubdate>9 Apr 2026</pubdate>", "2026-04-09T00:00:00.000Z"],
    ["<atom:updated>2026-04-09</atom:updated>", "2026-04-09T00:00:00.000Z"],
  ])("%s", (inner, date) => expect(draft(rss(item(inner)))?.publishedAt?.toISOString()).toBe(date));

  it("of Atom 0.3 are read", () => {
    const text = `<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>T</title><issued>2026-04-09T00:00:00Z</issued><modified>2026-04-11T00:00:00Z</modified></entry></feed>`;
    expect(draft(text)?.publishedAt).toEqual(new Date("2026-04-09"));
  });
});

describe("a feed that is not well-formed", () => {
  it("is read, and says what was forgiven", () => {
    const text = rss(`<item><title>Q&A on ice</title></item>${item("")}`);
    const read = page(text);
    expect(read.records.map((record) => record.draft?.title)).toEqual(["Q&A on ice", "On ice"]);
    expect(read.forgiven).toMatch(/^is not well-formed XML: .*line 1/);
    expect(page(rss(item("")))).not.toHaveProperty("forgiven");
  });

  it("says so of its bytes as well", () => {
    const bytes = Buffer.from(rss("<item><title>Caf\u00e9</title></item>"), "latin1");
    expect(draft(bytes)?.title).toBe("Café");
    expect(page(bytes).forgiven).toBe("some bytes are not valid utf-8");
  });
});
