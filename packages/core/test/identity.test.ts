import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checkDraft,
  DRAFT_LIMITS,
  identityKeys,
  normaliseDraft,
  type PaperDraft,
  paperUrl,
  parseArxivId,
  parseDoi,
  pdfUrl,
  titleKey,
} from "../src/index.ts";

const draft = (fields: Partial<PaperDraft> = {}): PaperDraft => ({
  externalId: "x-1",
  title: "Attention Is All You Need",
  abstract: "We propose a new network architecture.",
  authors: ["Ashish Vaswani", "Noam Shazeer"],
  ...fields,
});

describe("arXiv identifiers", () => {
  test.each([
    ["2602.22661", "2602.22661", undefined],
    ["2602.22661v12", "2602.22661", 12],
    [" arXiv:2602.22661v1 ", "2602.22661", 1],
    ["0704.0001", "0704.0001", undefined],
    ["https://arxiv.org/abs/2602.22661v3", "2602.22661", 3],
    ["http://export.arxiv.org/pdf/2602.22661v3.pdf", "2602.22661", 3],
    ["arxiv.org/abs/2602.22661?context=cs#top", "2602.22661", undefined],
    ["https://huggingface.co/papers/2602.22661", "2602.22661", undefined],
    ["astro-ph/0601001v2", "astro-ph/0601001", 2],
    ["https://arxiv.org/abs/math.GT/0309136v1", "math/0309136", 1],
    ["oai:arXiv.org:hep-th/9711200", "hep-th/9711200", undefined],
    ["10.48550/arXiv.2602.22661", "2602.22661", undefined],
    ["https://doi.org/10.48550/ARXIV.2602.22661", "2602.22661", undefined],
  ])("%j is %s, version %s", (text, id, version) => {
    expect(parseArxivId(text)).toEqual(version === undefined ? { id } : { id, version });
  });

  test.each([
    "",
    "0",
    "2613.00001",
    "1234.5678",
    "2602.226",
    "2602.226611",
    "abs/2602.22661",
    "10.1000/2602.22661",
  ])("%j is none", (text) => expect(parseArxivId(text)).toBeNull());
});

describe("DOIs", () => {
  test.each([
    ["10.1103/PhysRevD.76.013009", "10.1103/physrevd.76.013009"],
    ["https://doi.org/10.1000/XYZ.", "10.1000/xyz"],
    ["http://dx.doi.org/10.1000%2Fxyz", "10.1000/xyz"],
    ["doi: 10.1000/xyz", "10.1000/xyz"],
    ["10.1000/abc 10.1000/def", "10.1000/abc"],
  ])("%j is %s", (text, doi) => expect(parseDoi(text)).toBe(doi));

  test.each(["", "10.1000", "10.1000/", "11.1000/xyz", "not a doi"])("%j is none", (text) =>
    expect(parseDoi(text)).toBeNull(),
  );
});

describe("the title key", () => {
  test.each([
    ["The  Erdős–Rényi\n Model", "The Erd\\H{o}s-R\\'enyi model"],
    ["Poincaré Maps", "Poincar{\\'e} maps"],
    ["GAN-based α-Divergence", "GAN based $\\alpha$-divergence"],
    ["ℓ2 Regularisation in ℝ", "$\\ell_2$ regularisation in $\\mathbb{R}$"],
    ["Straße und Smørrebrød", "Stra{\\ss}e und sm\\o rrebr\\o d"],
    ["E. coli at scale", "<i>E. coli</i> at Scale"],
    ["ﬁne-tuning 𝐋𝐋𝐌s", "Fine–Tuning LLMs!"],
  ])("%j and %j are one", (one, other) => expect(titleKey(one, [])).toBe(titleKey(other, [])));

  test("different titles, first authors and symbols stay apart", () => {
    const keys = [
      titleKey("Deep Learning", ["A. Turing"]),
      titleKey("Deep Learning", ["A. Church"]),
      titleKey("Deep Learning", []),
      titleKey("Deep Learning 2", []),
      titleKey("0", []),
      titleKey("!!!", []),
      titleKey("???", []),
      titleKey("パパ", []),
      titleKey("ハハ", []),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test.each([
    "Johann van der Berg",
    "van der Berg, Johann",
    "J. van der BERG, Jr.",
    "Johann van der Bérg III (CERN)",
  ])("%j is known as berg", (name) => expect(titleKey("T", [name])).toBe("t|berg"));

  test("fits a database index however long the title is", () => {
    for (const title of ["𝔘nbounded ".repeat(50_000), "𒀀".repeat(50_000), "研究".repeat(50_000)]) {
      expect(Buffer.byteLength(titleKey(title, [title]))).toBeLessThan(2_000);
      expect(titleKey(title, [])).not.toMatch(/\p{Cs}/u);
    }
  });

  const word = fc.stringMatching(/^[A-Za-zéèüñçøåß0-9]{1,12}$/);
  test("survives version, case, white space and the way accents are encoded", () => {
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 12 }),
        word,
        fc.nat({ max: 9 }),
        (words, name, version) => {
          const one = draft({ title: words.join(" "), authors: [`A. ${name}`], arxivId: "2602.22661" });
          const other = draft({
            title: ` ${words.join(" \n\t ").toUpperCase().normalize("NFD")} `,
            authors: [`${name.toLowerCase().normalize("NFD")}, A.`],
            arxivId: `https://arxiv.org/abs/2602.22661v${version + 1}`,
          });
          expect(identityKeys(other)).toEqual(identityKeys(one));
          expect(identityKeys(normaliseDraft(other))).toEqual(identityKeys(one));
        },
      ),
    );
  });
});

describe("normaliseDraft", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.string({
      unit: fc.constantFrom(
        "\ud83d",
        "\ude00",
        "\0",
        " ",
        "\n",
        "e",
        "\u0301",
        "<b>",
        "\u202e",
        "…",
        "\\'",
        "\\v",
        "\\o",
        "{",
        "}",
        "i",
      ),
    }),
    fc.constantFrom(
      "2602.22661v2",
      "10.48550/arXiv.2602.22661",
      "https://ex.org/a b?ü",
      "javascript:alert(1)",
    ),
  );
  const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  const anything = fc
    .record({
      externalId: text,
      title: text,
      abstract: text,
      authors: fc.array(text, { maxLength: 4 }),
      arxivId: maybe(text),
      version: maybe(fc.double()),
      doi: maybe(text),
      categories: maybe(fc.array(text, { maxLength: 4 })),
      url: maybe(fc.oneof(text, fc.webUrl({ withQueryParameters: true, withFragments: true }))),
      codeUrl: maybe(text),
      upvotes: maybe(fc.double()),
      publishedAt: maybe(fc.date({ noInvalidDate: false })),
    })
    .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined)));

  test("does nothing the second time, and leaves nothing a database or a mail breaks on", () => {
    fc.assert(
      fc.property(anything, (fields) => {
        const once = normaliseDraft(fields as unknown as PaperDraft);
        expect(normaliseDraft({ ...once })).toEqual(once);
        expect(identityKeys(once)).toEqual(identityKeys(fields as unknown as PaperDraft));
        expect([once.title, once.abstract, once.externalId, ...once.authors].join("")).not.toMatch(
          /[\p{Cs}\p{Cc}]/u,
        );
        expect(Object.values(once)).not.toContain(undefined);
      }),
      { numRuns: 500 },
    );
  });

  test("cleans text, lists, links and numbers", () => {
    const clean = normaliseDraft(
      draft({
        title: "  Cafe\u0301 \u202eand\0 \ud83dTea\n with\u200b  <script>alert(1)</script> ",
        authors: [" Ada  Lovelace", "", "ada lovelace", "Charles Babbage\n"],
        arxivId: "arXiv:2602.22661v4",
        doi: "https://doi.org/10.48550/arXiv.2602.22661",
        categories: ["cs.CL", "cs.AI", "cs.CL"],
        url: "javascript:alert(1)",
        codeUrl: "HTTPS://user:secret@GitHub.com/a/b",
        projectUrl: "//no-scheme.example",
        upvotes: -1,
        stars: 3,
        comments: 1.5,
        publishedAt: new Date(Number.NaN),
      }),
    );
    expect(clean).toEqual({
      externalId: "x-1",
      title: "Café and Tea with <script>alert(1)</script>",
      abstract: "We propose a new network architecture.",
      authors: ["Ada Lovelace", "Charles Babbage"],
      arxivId: "2602.22661",
      version: 4,
      categories: ["cs.CL", "cs.AI"],
      codeUrl: "https://github.com/a/b",
      stars: 3,
    });
  });

  test.each([
    ["Paulo Andr\\'e Lima", "Paulo André Lima"],
    ['J{\\"u}rgen M\\"uller', "Jürgen Müller"],
    ["C. Bal\\'{a}zs", "C. Balázs"],
    ["Paul Erd\\H{o}s", "Paul Erdős"],
    ["Du\\v{s}an \\v Zivny", "Dušan Živny"],
    ["Fran\\c{c}ois Mart\\'{\\i}nez", "François Martínez"],
    ["S\\o ren \\AA berg", "Søren Åberg"],
    ["J{é}r{é}my Frey", "Jérémy Frey"],
    ["C:\\temp", "C:\\temp"],
  ])("reads the name %s as %s", (written, name) => {
    expect(normaliseDraft(draft({ authors: [written] })).authors).toEqual([name]);
    expect(titleKey("T", [name])).toBe(titleKey("T", [written]));
  });

  test("leaves out what is no name", () => {
    expect(normaliseDraft(draft({ authors: ["NVIDIA", ":", "-", "A. B."] })).authors).toEqual([
      "NVIDIA",
      "A. B.",
    ]);
  });

  test("bounds a 5 MB abstract at a word, in milliseconds", () => {
    const { abstract } = normaliseDraft(draft({ abstract: "gating 😀 ".repeat(600_000) }));
    expect(abstract.length).toBeLessThanOrEqual(DRAFT_LIMITS.abstract);
    expect(abstract).toMatch(/ (gating|😀)…$/u);
  });

  test("takes identity from wherever it is written", () => {
    expect(normaliseDraft(draft({ url: "http://arxiv.org/abs/astro-ph/0601001v2" }))).toMatchObject({
      arxivId: "astro-ph/0601001",
      version: 2,
    });
    expect(
      normaliseDraft(draft({ arxivId: "2602.22661", pdfUrl: "https://arxiv.org/pdf/2602.22661v3" })).version,
    ).toBe(3);
    expect(normaliseDraft(draft({ externalId: " \0", doi: "10.1000/XYZ" })).externalId).toBe("10.1000/xyz");
  });
});

test("a draft needs a title, and 0 is one", () => {
  expect(checkDraft(normaliseDraft(draft({ title: " \0\u200b " })))).toMatch(/title/);
  expect(checkDraft(normaliseDraft(draft({ title: "0", abstract: "" })))).toBeNull();
});

test("links lead to the newest version, the DOI, or nowhere yet", () => {
  expect(paperUrl(draft({ url: "https://example.org/p", arxivId: "2602.22661" }))).toBe(
    "https://example.org/p",
  );
  expect(paperUrl(draft({ url: "http://arxiv.org/abs/2602.22661v1" }))).toBe(
    "https://arxiv.org/abs/2602.22661",
  );
  expect(paperUrl(draft({ doi: "10.1000/a<b>#1" }))).toBe("https://doi.org/10.1000/a");
  expect(paperUrl(draft())).toBeNull();
  expect(pdfUrl(draft({ arxivId: "astro-ph/0601001v2" }))).toBe("https://arxiv.org/pdf/astro-ph/0601001");
  expect(pdfUrl(draft())).toBeNull();
});
