import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DigestSection } from "@paperboy/core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { TEMPLATES } from "../../../test/harness/templates.ts";
import { createRenderer, type Renderer, TemplateError } from "../src/index.ts";
import { digest, entry, links, paper, section, templatesDir, temporaryDirectory } from "./fixtures.ts";

let renderer: Renderer;
beforeAll(async () => {
  renderer = await createRenderer(TEMPLATES);
});

const escaped = (url: string) => url.replaceAll("&", "&amp;");
const count = (text: string, part: string) => text.split(part).length - 1;
const papers = (many: number, fields = {}) =>
  Array.from({ length: many }, (_, index) =>
    entry({ ...fields, id: index, title: `Paper number ${index} of many` }),
  );

describe("a digest", () => {
  it("says what it holds in the subject", () => {
    const sections = [section({ name: "Linear attention" }), section({ name: "State spaces" })];
    expect(renderer.digest(digest(...sections)).subject).toBe(
      "Linear attention, State spaces: 2 new papers · Tue 24 Nov",
    );
    expect(renderer.digest(digest()).subject).toBe("Gates: 1 new paper · Tue 24 Nov");
    const many = ["A", "B", "C", "D", "E"].map((name) => section({ name }));
    expect(renderer.digest(digest(...many)).subject).toBe("A, B and 3 more: 5 new papers · Tue 24 Nov");
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

describe("the plain-text part", () => {
  it("is wrapped and numbered, with every link on a line of its own", () => {
    const long = entry({
      title: "A very long title ".repeat(8),
      abstract: "Words upon words upon words. ".repeat(20),
    });
    const { text } = renderer.digest(
      digest(section({ papers: [long, ...papers(10)] }), section({ name: "Other" })),
    );
    for (const line of text.split("\n"))
      if (!line.includes("://")) expect(line.length).toBeLessThanOrEqual(72);
    expect(text).toContain("\n1.  A very long title");
    expect(text).toContain("\n11. Paper number 9 of many\n");
    expect(text).toContain("\n12. Gated attention");
    expect(text).toContain("\n    PDF: https://arxiv.org/pdf/2601.00001\n");
  });

  const shownOf = (abstract: string): string => {
    const { text } = renderer.digest(digest(section({ papers: [entry({ abstract })] })));
    const line = text.replace(/\s+/g, " ");
    return /Gated attention.*? (?=Matched:)/.exec(line)?.[0] ?? line;
  };

  it("shows what a paper does and what came out, in its own sentences", () => {
    const idea =
      "In this paper, we propose a novel gate, named Dial, that learns from each word what to keep.";
    const result = "Experiments on four benchmarks show that Dial outperforms existing methods by 12%.";
    const filler =
      "Gates have been part of networks for longer than most of their users can remember. ".repeat(4);
    const shown = shownOf(`${filler}${idea} ${filler}${result} ${filler}`);
    expect(shown).toContain(idea);
    expect(shown).toContain(` … ${result}`);
    expect(shown.length).toBeLessThan(900);
  });

  it("shows a short abstract whole", () => {
    const abstract = `We look at gates. ${"They forget. ".repeat(20)}The code is available.`;
    expect(shownOf(abstract)).toContain(abstract);
  });

  it("cuts a sentence that is too long by itself at a word", () => {
    expect(shownOf(`${"words and ".repeat(300)}end.`)).toMatch(/words and( words and)*( words)?…/);
  });
});

describe("a confirmation", () => {
  it("holds the link and how long it works", () => {
    const confirmUrl = "https://paperboy.example/confirm?token=abc";
    const { subject, html, text } = renderer.confirmation({ confirmUrl, validDays: 7 });
    expect(subject).toBe("Confirm your Paperboy subscription");
    expect(count(html, `href="${escaped(confirmUrl)}"`)).toBe(2);
    expect(text).toContain(`\n${confirmUrl}\n`);
    for (const part of [html, text]) expect(part).toContain("7 days");
    expect(() => renderer.confirmation({ confirmUrl: "javascript:x", validDays: 7 })).toThrow(
      /confirmation link/,
    );
  });
});

describe("templates", () => {
  const copyWith = async (file: string, change: (source: string) => string) => {
    const directory = await temporaryDirectory();
    await cp(templatesDir, directory, { recursive: true });
    await writeFile(join(directory, file), change(await readFile(join(directory, file), "utf8")));
    return directory;
  };

  it.each([
    [
      "an unknown element, by file and line",
      (s: string) => s.replace("<mj-body", "<mj-bodi").replace("</mj-body", "</mj-bodi"),
      /digest\.mjml does not compile:\s+Line 7 /,
    ],
    [
      "an unknown placeholder",
      (s: string) => s.replace("{{count}}", "{{counts}}"),
      /digest\.mjml can not be filled.*counts/,
    ],
    ["a broken block", (s: string) => s.replace("{{/paper}}", ""), /digest\.mjml can not be filled/],
    [
      "a tag never closed",
      (s: string) => s.replace("{{count}}</mj-text>", "{{count}}"),
      /digest\.mjml loses|does not compile/,
    ],
    [
      "a mail without unsubscribe link",
      (s: string) => s.replaceAll("{{links.unsubscribe}}", "#"),
      /no place for the link: unsubscribe/,
    ],
  ])("refuse to start with %s", async (_name, change, message) => {
    const started = createRenderer({ templatesDir: await copyWith("digest.mjml", change) });
    await expect(started).rejects.toThrow(message);
    await expect(started).rejects.toBeInstanceOf(TemplateError);
  });

  it("names the partial at fault, and a directory that is not there", async () => {
    const broken = await copyWith("partials/paper.mjml", (source) =>
      source.replace("<mj-text", "<mj-text colour='x'"),
    );
    await expect(createRenderer({ templatesDir: broken })).rejects.toThrow(/paper\.mjml/);
    await expect(createRenderer({ templatesDir: "/nowhere" })).rejects.toThrow(/templates directory/);
  });

  it("are compiled again when they changed, and taken from the cache when not", async () => {
    const cacheDir = await temporaryDirectory();
    await createRenderer({ templatesDir, cacheDir });
    const [first] = await readdir(cacheDir);
    const cached = JSON.parse(await readFile(join(cacheDir, first ?? ""), "utf8")) as { digest: string };
    await writeFile(
      join(cacheDir, first ?? ""),
      JSON.stringify({ ...cached, digest: cached.digest.replaceAll("Paperboy", "From the cache") }),
    );
    expect((await createRenderer({ templatesDir, cacheDir })).digest(digest()).html).toContain(
      "From the cache",
    );
    const changed = await copyWith("digest.mjml", (source) => source.replaceAll("Paperboy", "Changed"));
    expect((await createRenderer({ templatesDir: changed, cacheDir })).digest(digest()).html).toContain(
      "Changed",
    );
  });
});
