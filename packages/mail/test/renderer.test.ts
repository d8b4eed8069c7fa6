import type { DigestSection } from "@paperboy/core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { TEMPLATES } from "../../../test/harness/templates.ts";
import { createRenderer, type Renderer } from "../src/index.ts";
import { digest, entry, links, paper, section } from "./fixtures.ts";
import { count, escaped, papers } from "./rendered.ts";

let renderer: Renderer;

beforeAll(async () => {
  renderer = await createRenderer(TEMPLATES);
});

describe("a digest", () => {
  it("says what it holds in the subject", () => {
    const sections = [section({ name: "Linear attention" }), section({ name: "State spaces" })];
    expect(renderer.digest(digest(...sections)).subject).toBe(
      "Gated attention for long documents and 1 more · Linear attention, State spaces",
    );
    expect(renderer.digest(digest()).subject).toBe("Gated attention for long documents · Gates");
    const many = ["A", "B", "C", "D", "E"].map((name) => section({ name }));
    expect(renderer.digest(digest(...many)).subject).toBe(
      "Gated attention for long documents and 4 more · A, B and 3 more",
    );
    expect(renderer.digest({ ...digest(), sections: [] }).subject).toBe("Paperboy: nothing new · Tue 24 Nov");
  });

  it.each([
    ["Gated DeltaNet-2: Decoupling Erase and Write", "Gated DeltaNet-2 · Gates"],
    ["A: B", "A: B · Gates"],
    [
      "On the long and winding road to gates that never ever forget",
      "On the long and winding road to gates that… · Gates",
    ],
    [" \r\n ", "A paper · Gates"],
  ])("calls %j as people do", (title, subject) => {
    expect(renderer.digest(digest(section({ papers: [entry({ title })] }))).subject).toBe(subject);
  });

  it("begins with what is in it when there are more than five papers, each linked to its place, in both parts", () => {
    const five = renderer.digest(digest(section({ papers: papers(5) })));
    expect(five.html + five.text).not.toMatch(/in this edition/i);
    const two = [section({ papers: papers(4) }), section({ name: "Other", papers: papers(6).slice(4) })];
    const { html, text } = renderer.digest(digest(...two));
    const links = [...html.matchAll(/<a href="#(p\d+)">(.*?)<\/a>/g)].map(([, place, title]) => [
      place,
      title,
    ]);
    expect(links).toEqual(papers(6).map(({ paper: { id, title } }) => [`p${id}`, title]));
    for (const [place] of links) expect(count(html, ` id="${place}"`)).toBe(1);
    expect(html.indexOf("In this edition")).toBeLessThan(html.indexOf("<h3"));
    expect(text).toContain("IN THIS EDITION\n\nGates\n    1.  Paper number 0 of many\n");
    expect(text).toContain("\n\nOther\n    5.  Paper number 4 of many\n");
  });

  it("ends with who sends it and where they are, when that is known", async () => {
    expect(renderer.digest(digest()).html).not.toContain("Sent by");
    const sender = "Paperboy, 1 Press Road, Fleet <Street>";
    const named = await createRenderer({ ...TEMPLATES, sender });
    const { html, text } = named.digest(digest());
    expect(html).toContain("Sent by Paperboy, 1 Press Road, Fleet &lt;Street&gt;");
    expect(text).toContain(`\nSent by ${sender}\n`);
  });

  it("has one main part and one heading of the first rank, in every mail", () => {
    const mails = [
      renderer.digest(digest()),
      renderer.confirmation({ confirmUrl: links.manage, validDays: 7 }),
      renderer.link({ manageUrl: links.manage, validDays: 7 }),
    ];
    for (const { html } of mails) expect([count(html, 'role="main"'), count(html, "<h1")]).toEqual([1, 1]);
  });

  it("keeps the subject on one bounded line whatever a topic is called", () => {
    const name = fc.string({ unit: "binary", maxLength: 300 });
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (names) => {
        const { subject } = renderer.digest(digest(...names.map((each) => section({ name: each }))));
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must be absent
        expect(subject).not.toMatch(/[\u0000-\u001f\u007f\u2028\u2029]/);
        expect(subject.length).toBeLessThan(130);
      }),
    );
  });

  it("carries the three links at the top and at the bottom, in both parts", () => {
    const { html, text } = renderer.digest(digest());
    for (const url of Object.values(links)) {
      expect(count(html, `href="${escaped(url)}"`)).toBe(2);
      expect(count(text, url)).toBe(2);
    }
  });

  it("shows why a paper matched, who wrote it, where it is from and where it leads", () => {
    const fields = {
      codeUrl: "https://github.com/a/b",
      upvotes: 1234,
      authors: ["A B", "C D", "E F", "G H", "I J", "K L"],
    };
    const { html, text } = renderer.digest(digest(section({ papers: [entry(fields, ["gate", "gating"])] })));
    for (const part of [html, text]) {
      expect(part).toContain("gate, gating");
      expect(part).toContain("A B, C D, E F, G H and 2 more");
      expect(part).toContain("cs.CL · arXiv · 23 Nov 2026");
      expect(part).toContain("▲ 1,234");
      for (const url of ["arxiv.org/abs/2601.00001", "arxiv.org/pdf/2601.00001", "github.com/a/b"])
        expect(part).toContain(url);
    }
  });

  it("gives the reason of a trending paper instead of matched words", () => {
    const trending: DigestSection = section({
      kind: "trending",
      name: "Trending",
      query: null,
      total: 40,
      papers: [{ paper: paper({ upvotes: 120 }), matched: [], reason: "▲ 120, 35 since yesterday" }],
    });
    const { html, text } = renderer.digest(digest(trending));
    expect(html).toContain("▲ 120, 35 since yesterday");
    expect(text).toContain("The top 1 of 40 new papers");
    expect(html).not.toContain("Matched");
  });

  it("escapes every field, and fills no placeholder from a reader's or a paper's text", () => {
    const evil = `<script>alert("x")</script>{{subject}}{{{html}}}{{#each papers}}\r\nBcc: eve@example.org`;
    const fields = { title: evil, abstract: evil, authors: [evil], categories: [evil], sources: [evil] };
    const topic = section({ name: evil, query: evil, papers: [entry(fields, [evil])] });
    const { html, subject, preheader } = renderer.digest(digest(topic));
    expect(html).not.toContain("<script");
    expect(count(html, "&lt;script&gt;")).toBeGreaterThanOrEqual(8);
    expect(html).toContain("{{subject}}");
    expect(subject + preheader).not.toMatch(/[\r\n]/);
  });

  it("links only to http, https and mailto addresses", () => {
    const fields = {
      pdfUrl: "javascript:alert(1)",
      codeUrl: "data:text/html,<script>",
      projectUrl: 'https://example.org/"onclick="x',
    };
    const { html, text } = renderer.digest(
      digest(section({ papers: [entry(fields)], total: 3, moreUrl: "ftp://example.org" })),
    );
    expect(html + text).not.toMatch(/javascript:|data:|ftp:/);
    expect(html).not.toContain('"onclick');
    expect(() => renderer.digest({ ...digest(), links: { ...links, view: "javascript:alert(1)" } })).toThrow(
      /view link/,
    );
  });

  it("loads nothing from anywhere", () => {
    const { html } = renderer.digest(digest());
    expect(html).not.toMatch(/<img|<link|<script|@import|@font-face|url\(|src=/i);
  });

  it("adapts to dark and to narrow screens", () => {
    const { html } = renderer.digest(digest());
    expect(html).toContain('<meta name="color-scheme" content="light dark">');
    expect(html).toContain("@media (prefers-color-scheme: dark)");
    expect(html).toContain("@media (max-width: 480px)");
  });

  it("renders a paper once for all readers it matched in the same way, and again when it matched otherwise", () => {
    const shared = paper({ title: "Shared" });
    const of = (...matched: string[]) =>
      digest(section({ papers: [{ paper: shared, matched, reason: null }] }));
    expect(renderer.digest(of("gate")).html).toBe(renderer.digest(of("gate")).html);
    expect(renderer.digest(of("gating")).html).toContain("gating");
  });
});

describe("the size of a digest", () => {
  const bytes = (html: string) => Buffer.byteLength(html);

  it("spends at most 2.2 KB on a paper with everything", () => {
    const full = {
      title: "T".repeat(90),
      abstract: "Sentence of words. ".repeat(60),
      upvotes: 9999,
      authors: Array(9).fill("Some Author Name"),
    };
    const urls = {
      codeUrl: "https://github.com/organisation/project-name",
      projectUrl: "https://project-name.github.io/",
    };
    const sizeOf = (many: number) =>
      bytes(renderer.digest(digest(section({ papers: papers(many, { ...full, ...urls }) }))).html);
    expect((sizeOf(21) - sizeOf(1)) / 20).toBeLessThan(2_200);
  });

  it("drops papers from the end when they find no room, and says how many and where they are", () => {
    const { html, text } = renderer.digest(
      digest(section({ papers: papers(85, { abstract: "語".repeat(420) }), total: 90 })),
    );
    const shown = count(html, "<h3");
    expect(bytes(html)).toBeLessThanOrEqual(90_000);
    expect(bytes(html)).toBeGreaterThan(85_000);
    expect(shown).toBeLessThan(85);
    expect(html).toContain(`${90 - shown} more in Gates`);
    expect(text).toContain(`${90 - shown} more in Gates:\nhttps://paperboy.example/search?q=gate*`);
    expect(html).toContain("Paper number 0 ");
    expect(html).not.toContain("Paper number 84 ");
    expect(text).not.toContain("Paper number 84 ");
  });

  it("drops whole topics when even their names find no room", () => {
    const topics = Array.from({ length: 300 }, (_, index) =>
      section({ name: `Topic ${index} ${"n".repeat(60)}`, query: "q".repeat(120) }),
    );
    const { html, text } = renderer.digest(digest(...topics));
    expect(bytes(html)).toBeLessThanOrEqual(90_000);
    expect(html).toMatch(/\d+ more topics of this edition/);
    expect(text).toMatch(/\d+ more topics of this edition:\nhttps:\/\/paperboy.example\/digests\/v1/);
  });

  it("fits whatever matched", () => {
    const wild = fc.record({
      title: fc.string({ unit: "binary", maxLength: 3000 }),
      abstract: fc.string({ unit: "grapheme", maxLength: 3000 }),
      authors: fc.array(fc.string({ maxLength: 300 }), { maxLength: 40 }),
      url: fc.webUrl({ withQueryParameters: true, size: "large" }),
    });
    fc.assert(
      fc.property(
        fc.array(wild, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 40 }),
        (fields, copies) => {
          const all = Array.from({ length: copies }, () =>
            fields.map((each) => entry(each, [each.title])),
          ).flat();
          expect(
            bytes(renderer.digest(digest(section({ papers: all }), section())).html),
          ).toBeLessThanOrEqual(90_000);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("has no bound in a browser", () => {
    expect(count(renderer.digestPage(digest(section({ papers: papers(85) }))), "<h3")).toBe(85);
  });
});
