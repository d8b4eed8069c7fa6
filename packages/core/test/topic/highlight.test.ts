import { describe, expect, it } from "vitest";
import { explainMatch, highlight, matchedWords } from "../../src/topic/highlight.ts";
import { parseQuery } from "../../src/topic/parse.ts";

const paper = {
  title: "Gated Linear Attention and GateLoop",
  abstract: 'Gating helps multi-modal models; gated models of G\\"odel. Multimodal linear\nattention.',
  authors: ["Ada Manning", "Man Luo"],
  keywords: ["gates"],
};
const why = (query: string) => matchedWords(parseQuery(query), paper);
const marked = (query: string, text: string, field?: "title" | "author") =>
  highlight(parseQuery(query), text, field ?? null)
    .map(({ start, end }) => text.slice(start, end))
    .join("|");

describe("why a paper matched", () => {
  it.each([
    ["gate", ["Gated", "Gating", "gates"]],
    ["gate*", ["Gated", "GateLoop", "Gating", "gates"]],
    ["models gate", ["models", "Gated", "Gating", "gates"]],
    ['"linear attention"', ["Linear Attention"]],
    ["multimodal", ["multi-modal", "Multimodal"]],
    ["author:manning gate -vision", ["Manning", "Gated", "Gating", "gates"]],
    ["manning", ["Manning"]],
    ["title:gate", ["Gated"]],
    ["goedel OR godel", ['G\\"odel']],
    ["has:code", []],
  ])("%s", (query, expected) => expect(why(query)).toEqual(expected));

  it("says six words at most", () =>
    expect(why("a* g* li* m* h* o* mo*".replaceAll(/\b[agmho]\*/g, "ga*")).length).toBeLessThanOrEqual(6));
});

describe("an explanation", () => {
  it.each([
    "gate",
    "gat* author:man*",
    '"linear attention" OR models',
    "multimodal -vision",
    '"linear att*"',
    "luo godel",
  ])("says what words and highlights say: %s", (query) => {
    const parsed = parseQuery(query);
    expect(explainMatch(parsed, paper)).toEqual({
      matched: matchedWords(parsed, paper),
      title: highlight(parsed, paper.title, "title"),
      abstract: highlight(parsed, paper.abstract, "abstract"),
      authors: paper.authors.map((name) => highlight(parsed, name, "author")),
    });
  });
});

describe("highlights", () => {
  it.each([
    ["gate", "Gates, gating and GateLoop", "Gates|gating"],
    ["gat*", "Gates, gating and GateLoop", "Gates|gating|GateLoop"],
    ['linear "linear attention"', "A linear attention, linear", "linear attention|linear"],
    ["gpt-4 gpt*", "GPT-4 and GPT4", "GPT-4|GPT4"],
    ['"organ"', "Organ, organs and organization", "Organ"],
    ["organ", "Organ, organs and organization", "Organ|organs|organization"],
    ['"linear att*"', "linear attention, linear", "linear attention"],
    ["公司", "招商证券股份有限公司", "公司"],
    ["-gate linear", "linear gate", "linear"],
    ["cafe", "caf&eacute; CAFÉ cafe\u0301s", "caf&eacute;|CAFÉ|cafe\u0301s"],
  ])("%s in %s", (query, text, expected) => expect(marked(query, text)).toBe(expected));

  it("knows which field a text is", () => {
    expect(marked("author:man", "A man", "title")).toBe("");
    expect(marked("title:man", "The man", "title")).toBe("man");
    expect(marked("manning", "Man Luo", "author")).toBe("");
  });
});
