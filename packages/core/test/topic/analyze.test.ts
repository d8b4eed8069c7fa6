import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { analyze } from "../../src/topic/analyze.ts";

const terms = (text: string) =>
  analyze(text)
    .map(({ term, position }) => `${term}@${position}`)
    .join(" ");
const words = (text: string) =>
  analyze(text)
    .map(({ word }) => word)
    .join(" ");

describe("terms", () => {
  it.each([
    ["gate gates Gated GATING", "gate@0 gate@1 gate@2 gate@3"],
    ["GateLoop Gateway", "gateloop@0 gateway@1"],
    ["GPT-4", "gpt@0 gpt4@0 4@1 gpt4@1"],
    ["state-of-the-art 2019-2020", "state@0 of@1 the@2 art@3 2019@4 2020@5"],
    ["encoder/decoder gated_attention cs.CL", "encod@0 decod@1 gate@2 attent@3 cs@4 cl@5"],
    ["3D 3.5 v1.5, end.", "3d@0 3.5@1 v1.5@2 end@3"],
  ])("%s", (text, expected) => expect(terms(text)).toBe(expected));

  it.each([
    ["naïve CAFÉ cafe\u0301 Łukasz Straße ﬁne ℌ ½", "naive cafe cafe lukasz strasse fine h 1 2"],
    ["G\\\"odel Erd\\H{o}s \\'{e}t\\'e \\L{}ukasz \\o re", "godel erdos ete lukasz ore"],
    ["$\\alpha$ α $\\beta\\gamma$ µm $\\mu$m", "alpha alpha βγ μm μm"],
    ["{\\em x} \\textbf{G}ATE \\emph{y z} CO$_2$ $10^5$", "x gate y z co2 10 5"],
    ["\\cite{foo2020} \\href{http://a.b}{link} 99\\% \\ours{} \\log n", "link 99 log n"],
    ["AT&amp;T caf&eacute; &#945; &bogus;", "at t cafe alpha bogus"],
    ["H<sub>2</sub>O <b>bold</b> a<br/>b a < b", "h2o bold a b a b"],
    ["don't Poisson's ‘quoted’ O’Neil", "dont poisson quoted oneil"],
    ["C++ C# F# c+ #hash", "c++ c# f# c hash"],
    ["基于深度学习 ディープラーニング GAN网络", "基 于 深 度 学 习 ディープラーニング gan 网 络"],
    ["が か", "が か"],
    ["zero\u200bwidth soft\u00adhyphen", "zerowidth softhyphen"],
  ])("%s", (text, expected) => expect(words(text)).toBe(expected));

  it("cuts what is no word", () => {
    expect(analyze("a".repeat(5_000))[0]?.word).toHaveLength(64);
    expect(analyze("𠀀".repeat(5_000)).every(({ word }) => !/\p{Cs}/u.test(word))).toBe(true);
  });
});

describe("offsets", () => {
  const quotes = (text: string) => analyze(text).map(({ start, end }) => text.slice(start, end));

  it("point at the words as they stand", () => {
    expect(quotes('The G\\"odel of caf&eacute;s, na\u00efve multi-modal')).toEqual([
      "The",
      'G\\"odel',
      "of",
      "caf&eacute;s",
      "naïve",
      "multi",
      "multi-modal",
      "modal",
      "multi-modal",
    ]);
  });

  it("stay inside the text, in order, on any text", () => {
    const text = fc.string({
      unit: fc.constantFrom(..."ab1-.'\\{}$_^~&;<>/é\u0301学ァกα ﬁ\ud83d\ude00\"", "&amp;", "\\em "),
    });
    fc.assert(
      fc.property(text, (given) => {
        let before = 0;
        for (const { start, end, position, word } of analyze(given)) {
          expect(start).toBeLessThan(end);
          expect(end).toBeLessThanOrEqual(given.length);
          expect(position === before || position === before + 1).toBe(true);
          expect(word).not.toBe("");
          before = position;
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("cost", () => {
  it.each([
    '\\"',
    "{",
    "&",
    "&a",
    "a\u0301",
    "<i ",
    "a'",
    "a-",
    "\\cite[",
    "\\href{",
    "学",
    "ก",
    "1.",
    "\u0301",
    "é",
    "$_",
    "\\em ",
  ])("grows in step with the text: %s", (unit) => {
    const once = (text: string) => {
      const started = process.cpuUsage();
      analyze(text);
      return process.cpuUsage(started).user;
    };
    const tries = (length: number) => {
      const text = unit.repeat(Math.ceil(length / unit.length));
      return [once(text), once(text), once(text)];
    };
    // Memory that happens to be cleared meanwhile counts as well, and what is over between two ticks of the clock as nothing.
    expect(Math.min(...tries(100_000))).toBeLessThan(30 * Math.max(...tries(10_000)) + 100_000);
  });
});
