import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { createPaperIndex, type PaperIndex } from "../../src/topic/paper-index.ts";
import { parseQuery } from "../../src/topic/parse.ts";
import { paperOf } from "./paper.ts";
import { ids, indexOf } from "./small-index.ts";

const gatePapers = fileURLToPath(new URL("../../../../../shared/data/papers-gate.txt", import.meta.url));

describe("words in Chinese", () => {
  const index = indexOf(
    { title: "浦发银行" },
    { title: "浦发银行股份有限公司" },
    { title: "浦发基金管理有限公司", abstract: "银行间市场" },
    { title: "浦发-中心" },
  );

  it.each([
    ["浦发 公司", [2, 3]],
    ["浦发 -公司", [1, 4]],
    ['"浦发基金" 公司', [3]],
    ["浦发基金", [3]],
    ['"公司 浦发"', []],
    ["有限 股份", [2]],
    ["title:银行", [1, 2]],
    ["股份有限*", [2]],
  ])("are found inside compounds: %s", (query, expected) => expect(ids(index, query)).toEqual(expected));
});

describe("a word as it is written", () => {
  const index = indexOf(
    { title: "Organ" },
    { title: "Organs", abstract: "an ORGAN" },
    { title: "Organization", authors: ["Jane Organ"] },
    { title: "Organizing gpt4", keywords: ["organ"] },
  );

  it.each([
    ["organ", [1, 2, 3, 4]],
    ["organization", [1, 2, 3, 4]],
    ['"organ"', [1, 2, 3, 4]],
    ['title:"organ"', [1]],
    ['title:"organs"', [2]],
    ['"organization"', [3]],
    ['"organizing" -"organization"', [4]],
    ['keyword:"organ"', [4]],
    ['keyword:"organs"', []],
    ['author:"organ"', [3]],
    ["organ*", [1, 2, 3, 4]],
    ['"gpt4"', [4]],
  ])("%s", (query, expected) => expect(ids(index, query)).toEqual(expected));
});

describe("what a query finds", () => {
  const index = indexOf(
    { title: "Gated linear attention", abstract: "We study gates.", authors: ["Ada Manning"], upvotes: 12 },
    {
      title: "GateLoop",
      abstract: "Linear recurrence; attention in abstract.",
      categories: ["cs.CL"],
      stars: 7,
    },
    {
      title: "Multi-modal man",
      keywords: ["linear attention", "retrieval"],
      codeUrl: "https://example.org/c",
    },
    { title: "Multimodal GPT4", sources: ["HF"], categories: ["cs.CV", "math.AG"], upvotes: 3 },
    { title: "GPT-4 in 3D", abstract: "cs.CL is a category", publishedAt: new Date("2026-02-01T10:00:00Z") },
    { title: "图像识别方法", abstract: "基于深度学习", announcedAt: new Date("2026-03-01T00:00:00Z") },
    { title: 'Über $\\alpha$-divergence by Kurt G\\"odel', authors: ["Linear One", "Attention Two"] },
  );

  it.each([
    ["gate", [1]],
    ["gating", [1]],
    ["gate*", [1, 2]],
    ["title:gate*", [1, 2]],
    ["abstract:gate", [1]],
    ["linear attention", [1, 2, 3, 7]],
    ['"linear attention"', [1, 3]],
    ['title:"linear attention"', [1]],
    ['keyword:"linear attention"', [3]],
    ['author:"linear attention"', []],
    ['"one attention"', []],
    ['"attention we"', []],
    ["author:manning", [1]],
    ["manning", [1, 3]],
    ["title:manning", [3]],
    ["author:man", []],
    ["author:man*", [1]],
    ["multi-modal", [3, 4]],
    ["multimodal", [3, 4]],
    ['"multi modal"', [3]],
    ['"linear att*"', [1, 3]],
    ['title:"gated linear att*"', [1]],
    ['"attention lin*"', []],
    ["GPT-4", [4, 5]],
    ["gpt4", [4, 5]],
    ["gpt*", [4, 5]],
    ["3d", [5]],
    ["cs.CL", [2, 5]],
    ["category:cs.CL", [2]],
    ["category:cs.*", [2, 4]],
    ["source:hf", [4]],
    ["has:code", [3]],
    ["upvotes>=3", [1, 4]],
    ["upvotes<12", [4]],
    ["stars=7 OR upvotes>3", [1, 2]],
    ["linear -upvotes>=3", [2, 3, 7]],
    ["attention -title:gate* -retrieval", [7]],
    ["attention NOT (gated OR retrieval)", [2, 7]],
    ["after:2026-02", [5, 6]],
    ["before:2026-02-02", [5]],
    ["识别", [6]],
    ["深度学习", [6]],
    ["uber goedel OR godel", [7]],
    ["α-divergence", [7]],
    ["alpha", [7]],
    ["nothing*", []],
  ])("%s", (query, expected) => expect(ids(index, query)).toEqual(expected));

  it.skipIf(!existsSync(gatePapers))("gate finds 81 of the 85 papers, gate* all", () => {
    const lines = readFileSync(gatePapers, "utf8").trim().split("\n");
    const real = createPaperIndex();
    for (let at = 0; at < lines.length; at += 2) {
      real.add([paperOf(at / 2 + 1, { title: lines[at] ?? "", abstract: lines[at + 1] ?? "" })]);
    }
    const order = real.match(parseQuery("gate")).map(({ paperId }) => paperId);
    expect(order.slice(0, 5).toSorted()).toEqual([1, 2, 3, 4, 5]);
    expect(order.slice(0, 20).filter((id) => id <= 20).length).toBeGreaterThanOrEqual(15);
    expect(real.count(parseQuery("gate"))).toBe(81);
    expect(real.count(parseQuery("gate*"))).toBe(85);
  });
});

describe("ranking", () => {
  it("puts titles before abstracts, then what trends, then what is new", () => {
    const index = indexOf(
      { title: "other words", abstract: "mamba" },
      { title: "mamba", abstract: "other words" },
      { title: "other words", abstract: "mamba", upvotes: 9 },
      { title: "other words", abstract: "mamba" },
    );
    expect(index.match(parseQuery("mamba")).map(({ paperId }) => paperId)).toEqual([2, 3, 4, 1]);
  });

  const ranked = (query: string, ...titles: Parameters<typeof paperOf>[1][]) =>
    indexOf(...titles)
      .match(parseQuery(query))
      .map(({ paperId }) => paperId);

  it("puts the word itself before a form of it, a title's beginning before its middle, and both before names and abstracts", () => {
    const order = ranked(
      "gate",
      { title: "Other words", abstract: "A gate." },
      { title: "Other words", authors: ["Ann Gate"] },
      { title: "Words of gating" },
      { title: "Words of a gate" },
      { title: "Gated words" },
      { title: "Gate words" },
      { title: "Other words", abstract: "It is gated." },
    );
    expect(order).toEqual([6, 5, 4, 3, 2, 1, 7]);
  });

  it.each([
    ["organ", ["Organization", "Organ"], [2, 1]],
    ["organization", ["Organ", "Organization"], [2, 1]],
    ["gate*", ["Gated loops", "Gates", "Gate"], [3, 2, 1]],
    ['"linear attention"', ["Linear attentions here", "Linear attention here"], [2, 1]],
    ["multi-modal", ["Multimodals", "Multi-modal"], [2, 1]],
    ["title:models", ["Model of it", "Models of it"], [2, 1]],
  ] as const)("puts the exact form first: %s", (query, titles, expected) => {
    expect(ranked(query, ...titles.map((title) => ({ title })))).toEqual(expected);
  });

  it("puts a title with all the words before one that begins with some, and the shorter of two that begin alike", () => {
    const order = ranked(
      "attention linear models",
      { title: "Attention linear", abstract: "Models." },
      { title: "On the many uses of models of attention that stays linear" },
      { title: "Attention linear models and a lot of other things besides them" },
      { title: "Attention linear models" },
    );
    expect(order).toEqual([4, 3, 2, 1]);
  });

  it("depends on no other paper, and scores nothing when no word is asked for", () => {
    const papers = [{ title: "gate" }, { title: "a mamba", abstract: "gate" }];
    const scoreIn = (index: PaperIndex) => index.match(parseQuery("gate OR mamba")).map(({ score }) => score);
    const [alone] = scoreIn(indexOf(papers[1]));
    const both = indexOf(...papers);
    expect(scoreIn(both)).toContain(alone);
    expect(both.match(parseQuery("gate -upvotes>1")).every(({ score }) => score > 0)).toBe(true);
    expect(indexOf({ title: "x", upvotes: 3 }).match(parseQuery("upvotes>1"))[0]?.score).toBe(0);
  });

  it("takes the trend it is given", () => {
    const index = createPaperIndex({ trending: ({ id }) => -id });
    index.add([paperOf(2, { title: "mamba" }), paperOf(1, { title: "mamba" })]);
    expect(index.match(parseQuery("mamba")).map(({ paperId }) => paperId)).toEqual([1, 2]);
  });
});
