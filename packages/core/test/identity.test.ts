import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  identityKeys,
  normaliseDraft,
  paperUrl,
  parseArxivId,
  parseDoi,
  pdfUrl,
  titleKey,
} from "../src/index.ts";
import { draft } from "./paper-draft.ts";

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
