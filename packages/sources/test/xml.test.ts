import { describe, expect, test } from "vitest";
import { parseDocument } from "../src/formats/xml.ts";
import { decodeText } from "../src/formats/xml-encoding.ts";
import { textIn } from "../src/formats/xml-tree.ts";
import { FormatError } from "../src/index.ts";

const textOf = (xml: string) => textIn(parseDocument(xml).root);

describe("bytes", () => {
  const declared = (label: string) => `<?xml version="1.0" encoding="${label}"?><t>Zwölf 研究</t>`;

  test.each([
    ["UTF-16 with its mark", Buffer.from(`\ufeff${declared("UTF-16")}`, "utf16le")],
    ["UTF-16 without", Buffer.from(declared("UTF-16"), "utf16le")],
    ["big-endian UTF-16", Buffer.from(declared("UTF-16"), "utf16le").swap16()],
    ["UTF-8 whose mark contradicts its declaration", Buffer.from(`\ufeff${declared("ISO-8859-1")}`)],
  ])("%s", (_name, bytes) => expect(textOf(decodeText(bytes).text)).toBe("Zwölf 研究"));

  test.each(["windows-1252", "ISO-8859-1"])("%s, quotes and all", (label) => {
    const head = Buffer.from(`<?xml version="1.0" encoding="${label}"?><t>`);
    const bytes = Buffer.concat([head, Buffer.from([0x93, 0xe9, 0x94]), Buffer.from("</t>")]);
    expect(textOf(decodeText(bytes).text)).toBe("“é”");
  });

  test.each([
    ["an encoding nobody knows", declared("x-klingon"), ""],
    ["Latin-1 in its declaration", declared("ISO-8859-1"), ""],
    ["UTF-16 in its declaration", declared("UTF-16"), ""],
    ["ASCII by the server", "<t>Zwölf 研究</t>", "text/xml; charset=us-ascii"],
    ["Latin-1 by the server", "<t>Zwölf 研究</t>", 'text/xml; charset="ISO-8859-1"'],
    ["a mistake of a script", "<t>Zwölf 研究</t>", "text/xml; charset=undefined"],
  ])("that are UTF-8 are read so, said to be %s", (_name, text, contentType) => {
    expect(decodeText(Buffer.from(text), contentType)).toEqual({ text, forgiven: null });
  });

  test.each([
    ["the declaration", `<?xml version="1.0" encoding="KOI8-R"?><t>`, ""],
    ["the server", "<t>", "text/xml; charset=koi8-r"],
    [
      "the server, when the declaration is wrong",
      `<?xml version="1.0" encoding="UTF-8"?><t>`,
      "text/xml; charset=koi8-r",
    ],
  ])("of another encoding are read by %s", (_name, head, contentType) => {
    const bytes = Buffer.concat([Buffer.from(head), Buffer.from([0xec, 0xc5, 0xc4]), Buffer.from("</t>")]);
    expect(textOf(decodeText(bytes, contentType).text)).toBe("Лед");
  });

  test("in ISO-2022-JP, which is written in ASCII, are read", () => {
    const head = Buffer.from(`<?xml version="1.0" encoding="ISO-2022-JP"?><t>`);
    const bytes = Buffer.concat([
      head,
      Buffer.from([0x1b, 0x24, 0x42, 0x49, 0x39, 0x1b, 0x28, 0x42]),
      Buffer.from("</t>"),
    ]);
    expect(textOf(decodeText(bytes).text)).toBe("氷");
  });

  test.each([
    [
      "one of them is broken",
      Buffer.concat([Buffer.from("<t>Zwölf "), Buffer.from([0xe7]), Buffer.from(" 研究</t>")]),
      "Zwölf � 研究",
    ],
    [
      "they are of windows-1252 after all",
      Buffer.from("<t>Zw\u00f6lf \u0096 caf\u00e9</t>", "latin1"),
      "Zwölf – café",
    ],
    [
      "half a character is missing at the end",
      Buffer.concat([Buffer.from("\ufeff<t>x</t>", "utf16le"), Buffer.from([0x20])]),
      "x",
    ],
  ])("are read, and that is said, when %s", (_name, bytes, text) => {
    const decoded = decodeText(bytes);
    expect(textOf(decoded.text)).toBe(text);
    expect(decoded.forgiven).toMatch(/^some bytes are not valid utf-(?:8|16le)$/);
  });
});

describe("documents", () => {
  const doctype = `<!DOCTYPE t [<!ENTITY a "b">]><t>&a;</t>`;

  test.each([
    ["at once", doctype],
    ["behind a long comment with a tag", `<!--${"x".repeat(200_000)} <a> -->${doctype}`],
    ["behind instructions", `\ufeff<?xml version="1.0"?> <?keep going?>\n<!-- a --><!-- b -->${doctype}`],
    ["behind a NUL", `\u0000${doctype}`],
  ])("with a DOCTYPE %s are refused", (_name, text) =>
    expect(() => parseDocument(text)).toThrow(
      "has a DOCTYPE or entity declarations, which feeds do not need",
    ),
  );

  test("may speak of a DOCTYPE", () => {
    expect(textOf("<!-- <!DOCTYPE a> --><t><![CDATA[<!DOCTYPE b>]]></t>")).toBe("<!DOCTYPE b>");
  });

  test("that are web pages are called so", () => {
    expect(() => parseDocument("<!DOCTYPE html><html><p>Sign in")).toThrow("expected XML, found HTML");
  });

  test("know the entities of HTML, and leave unknown ones alone", () => {
    expect(textOf("<t>a&nbsp;b &eacute; &nonsense;</t>")).toBe("a\u00a0b é &nonsense;");
  });

  // Between what can be parsed and what can be read lies a depth at which only reading overflows the stack.
  test.each([300, 3_000, 5_000, 8_000, 200_000])("nested %i deep are refused, and crash nothing", (depth) => {
    const text = `<t>${"<b>".repeat(depth)}x${"</b>".repeat(depth)}</t>`;
    expect(() => parseDocument(text)).toThrow(FormatError);
    expect(() => parseDocument(text)).toThrow("deep");
  });

  test("say in which line they break off", () => {
    expect(() => parseDocument("<t>\n<a>\n</a>")).toThrow(/^is not well-formed XML: .*line 3/);
  });

  test.each([
    [
      "of RSS 0.91",
      `<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/rss.dtd">`,
    ],
    ["of a system", `<!-- x --><!DOCTYPE t SYSTEM 'a[b>c.dtd' >\n<!-- y -->`],
    ["in small letters", "<!doctype t>"],
  ])("with a DOCTYPE %s, which declares nothing, are read", (_name, doctype) => {
    expect(parseDocument(`<?xml version="1.0"?>\n${doctype}<t>x</t>`)).toMatchObject({
      forgiven: null,
      root: { name: "t" },
    });
  });

  test.each([
    ["a second one", `<!DOCTYPE t><!DOCTYPE t [<!ENTITY a "b">]><t>&a;</t>`],
    ["an empty subset", "<!DOCTYPE t []><t/>"],
    ["an entity behind it", `<!DOCTYPE t><!ENTITY a "b"><t>&a;</t>`],
    ["one behind rubbish", `<br><!DOCTYPE rss [<!ENTITY a "b">]><rss><channel>&a;</channel></rss>`],
    ["one in the middle", `<rss>&<!ENTITY a "b">&a;</rss>`],
  ])("with %s are refused", (_name, text) =>
    expect(() => parseDocument(text)).toThrow("has a DOCTYPE or entity declarations"),
  );

  test.each<[string, string, string]>([
    ["a lone ampersand", "<t>R&D, Q & A, &amp;c. &eacute;</t>", "R&D, Q & A, &c. é"],
    ["a lone less-than sign", "<t>p < 0.05 & q</t>", "p < 0.05 & q"],
    ["an element that is not closed", "<t>a<br>b</t>", "ab"],
    ["elements closed crosswise", "<t><b><i>a</b></i></t>", "a"],
    ["attributes without quotes", "<t a=1 b>x</t>", "x"],
    ["an attribute twice", `<t a="1" a="2">x</t>`, "x"],
    ["CDATA beside an ampersand", "<t>&<![CDATA[&amp;<b>]]></t>", "&&amp;<b>"],
    ["a script behind the root", "<t>x</t>\n<script>var a</script>", "x"],
    ["a second root", "<t>x</t><t>y</t>", "x"],
    ["text behind the root", "<t>x</t>\nDone in 3 ms & 2 queries", "x"],
  ])("with %s are read, and that is said", (_name, xml, text) => {
    const { root, forgiven } = parseDocument(xml);
    expect(textIn(root)).toBe(text);
    expect(forgiven).toMatch(/^is not well-formed XML: .*line/);
  });

  test.each([
    ["a warning in HTML", "<br />\n<b>Warning</b>: x in /a.php on line 3<br />\n"],
    ["a warning in text", "Notice: Undefined index: a<b in /a.php\n"],
    ["another document", "<x/>\n"],
  ])("are read behind %s", (_name, rubbish) => {
    const { root, forgiven } = parseDocument(`${rubbish}<?xml version="1.0"?><rss><channel/></rss>`);
    expect(root.name).toBe("rss");
    expect(forgiven).not.toBeNull();
  });

  test.each(["\n\n", "\ufeff\n ", " \ufeff\t", "\u0000\r\n"])(
    "%j before the declaration costs nothing",
    (space) => {
      expect(parseDocument(`${space}<?xml version="1.0"?><t/>`)).toMatchObject({
        forgiven: null,
        root: { name: "t" },
      });
    },
  );

  test("have bounds", () => {
    const attributes = Array.from({ length: 101 }, (_, place) => `a${place}=""`).join(" ");
    for (const [xml, says] of [
      [`<t>${"<a/>".repeat(250_000)}</t>`, "has more than 250000 elements"],
      [`<t ${attributes}/>`, "has more than 100 attributes in one element (<t>)"],
      [`<t a="${"x".repeat(100_001)}"/>`, "has an attribute of more than 100000 characters (<t>)"],
      [`<t>${"x".repeat(16_000_001)}</t>`, "has a text of more than 16 million characters"],
    ] as const)
      expect(() => parseDocument(xml)).toThrow(says);
  });
});

describe("names", () => {
  const rootOf = (xml: string) => parseDocument(xml).root;

  test("go by their namespaces, whatever their prefixes", () => {
    const { children } = rootOf(
      `<a:feed xmlns:a="http://www.w3.org/2005/Atom" xmlns:d="https://purl.org/dc/elements/1.1"><d:creator/><a:Title/></a:feed>`,
    );
    expect(children).toMatchObject([{ name: "dc:creator" }, { name: "atom:title" }]);
  });

  test("of a prefix that means something else are not taken for ours", () => {
    const xml = `<rss xmlns:dc="http://example.org/donkeys"><dc:creator/><prism:doi/></rss>`;
    expect(rootOf(xml).children).toMatchObject([
      { name: "example.org/donkeys creator" },
      { name: "prism:doi" },
    ]);
  });

  test("may be declared where they stand, and not beyond", () => {
    const xml = `<r xmlns="http://purl.org/rss/1.0/"><x:date xmlns:x="http://purl.org/dc/terms/"/><x:date/></r>`;
    expect(rootOf(xml).children).toMatchObject([{ name: "dcterms:date" }, { name: "x:date" }]);
  });

  test("of attributes, too; and xml:base is handed down", () => {
    const xml = `<r xml:base="https://a.example/b/" xmlns:q="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><i q:about="u" xml:base="c/"><l/></i></r>`;
    expect(rootOf(xml).children).toMatchObject([
      {
        attributes: { "rdf:about": "u" },
        base: "https://a.example/b/c/",
        children: [{ base: "https://a.example/b/c/" }],
      },
    ]);
  });
});
