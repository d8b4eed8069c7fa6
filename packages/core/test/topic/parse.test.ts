import { describe, expect, it } from "vitest";
import { parseQuery } from "../../src/topic/parse.ts";
import { printQuery } from "../../src/topic/print.ts";
import { QuerySyntaxError } from "../../src/topic/syntax-error.ts";

const canonical = (text: string) => printQuery(parseQuery(text, { dates: true }));

function refusal(text: string, dates = true): QuerySyntaxError {
  try {
    parseQuery(text, { dates });
  } catch (error) {
    if (error instanceof QuerySyntaxError) return error;
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

describe("what can be said", () => {
  it.each([
    ["Mamba   VISION", "mamba vision"],
    ['"Linear  Attention" OR mamba -vision', '"linear attention" OR mamba -vision'],
    ["mamba NOT vision", "mamba -vision"],
    ["(mamba)", "mamba"],
    ["a (b c) d", "a b c d"],
    ["a (b OR c) d", "a (b OR c) d"],
    ["(a b) OR c", "a b OR c"],
    ["x -(a OR b)", "x -(a OR b)"],
    ["x -(a b)", "x -(a b)"],
    ["a -(-b)", "a b"],
    ["a -(-b c)", "a -(-b c)"],
    ["NOT NOT a", "a"],
    ["Gate*", "gate*"],
    ["GPT-4 3D cs.CL", "gpt-4 3d cs.cl"],
    ["Kolmogorov–Arnold", "kolmogorov-arnold"],
    ["pre-gat*", "pre-gat*"],
    ['"gate"', '"gate"'],
    ['"GPT4" author:"Hinton" "图"', "gpt4 author:hinton 图"],
    ['title:"Organ"', 'title:"organ"'],
    ['"Linear att*"', '"linear att*"'],
    ['title:"linear att* "', 'title:"linear att*"'],
    ['"att*"', "att*"],
    ['"beyond A*: better C*-algebras"', '"beyond a better c algebras"'],
    ['"A*"', "a"],
    ["TesserAct: Learning 4D Worlds", "tesseract learning 4d worlds"],
    ["mamba (survey: attention:)", "mamba survey attention"],
    ["titel: gate", "titel gate"],
    ["“smart quotes”", '"smart quotes"'],
    ['"A* search"', '"a search"'],
    ["title:(gate OR loop*)", "title:gate OR title:loop*"],
    ['TITLE:"Linear Attention"', 'title:"linear attention"'],
    ["author:Hinton keyword:rag", "author:hinton keyword:rag"],
    ["category:cs.CL category:cs.*", "category:cs.cl category:cs.*"],
    ['category:"Machine Learning"', 'category:"machine learning"'],
    ["source:HF has:code", "source:hf has:code"],
    ["upvotes>=010 stars>100 comments=0 stars≤5", "upvotes>=10 stars>100 comments=0 stars<=5"],
    ["x after:2026 before:2026-11-24", "x after:2026-01-01 before:2026-11-24"],
    ["$\\alpha$-divergence", "alpha-divergence"],
    ["Gödel G\\'odel", "godel godel"],
    ["and or not", "and or not"],
    ["图像识别方法 GAN网络", "图像识别方法 gan网络"],
    ["C++ C#", "c++ c#"],
    ["mamba (vision OR -audio)", "mamba (vision OR -audio)"],
  ])("%s", (written, expected) => expect(canonical(written)).toBe(expected));
});

describe("what is refused, with a column and advice", () => {
  it.each([
    ["", 1, "an empty query", "For example"],
    ["   ", 4, "an empty query", "For example"],
    ["mamba AND vision", 7, "AND", "AND is implied, leave it out: mamba vision"],
    ["*", 1, '"*"', "gate* finds gate"],
    ["mamba *", 7, '"*"', "gate* finds gate"],
    ["*gate", 1, "* inside a word", "Write gate*"],
    ["ga*te", 3, "* inside a word", "Write gate*"],
    ["g*", 1, '"g*"', "without the star"],
    ['mamba "linear attention', 7, "a quote that is never closed", 'Write "linear attention"'],
    ["titel:gate", 1, 'the unknown field "titel:"', "Did you mean title:?"],
    ["x au:hinton", 3, 'the unknown field "au:"', "Did you mean author:?"],
    ["https://arxiv.org", 1, 'the unknown field "https:"', "put them in quotes"],
    ["upvotes:10", 1, 'the unknown field "upvotes:"', "upvotes>=10"],
    ["upvote>10", 1, '"upvote>"', "Did you mean upvotes>?"],
    ["likes>10", 1, '"likes>"', "Did you mean upvotes>?"],
    ["upvotes >= 10", 9, '">="', "Without spaces"],
    ["upvotes>= 10", 10, "nothing", "Without spaces"],
    ["upvotes=>10", 8, '"=>"', "upvotes>=10"],
    ["stars>many", 7, '"many"', "stars>10"],
    ["stars>9999999999", 7, '"9999999999"', "stars>10"],
    ["-vision", 1, 'only what to leave out ("-vision")', "attention -vision"],
    ["mamba OR -vision", 1, "only what to leave out", "what to find first"],
    ["NOT has:code", 1, "only what to leave out", "what to find first"],
    ["a OR", 5, "the end of the query", "last OR"],
    ["OR a", 1, "OR", "between two alternatives"],
    ["(a", 1, "a parenthesis that is never closed", "Add )"],
    ["a)", 2, ")", "Leave it out"],
    ["a ()", 4, ")", "empty parentheses"],
    ["a - b", 3, '"-"', "right before it"],
    ["a && b", 3, '"&&"', "AND is implied"],
    ["a || b", 3, '"||"', "Write OR"],
    ['""', 1, '""""', "Leave it out"],
    ['"lin* attention"', 5, "* inside a phrase", 'Write "lin attention"'],
    ['title:"at*tion"', 10, "* inside a phrase", "outside the quotes"],
    ['x "linear *"', 11, "* inside a phrase", 'Write "linear"'],
    ['x "ga**"', 6, "* inside a phrase", 'Write "ga"'],
    ['foo:"bar"', 1, 'the unknown field "foo:"', "put them in quotes"],
    ["stars: a study", 1, 'the unknown field "stars:"', "stars>=10"],
    ["title: gate", 7, "nothing after title:", "title:attention"],
    ["title:(a author:b)", 10, "author: inside title:( )", "Close the parenthesis"],
    ["has:video", 5, '"video"', "has:code"],
    ["x after:yesterday", 9, '"yesterday"', "after:2026-11-24"],
    ["x after:2026-02-30", 9, '"2026-02-30"', "after:2026-11-24"],
    ["category:*", 10, '"*"', ""],
  ])("%s", (written, column, found, advice) => {
    const error = refusal(written);
    expect(error.found).toContain(found);
    expect(error.column).toBe(column);
    expect(error.suggestion ?? "").toContain(advice);
    expect(error.message).toContain(`Column ${column}: found `);
  });

  it.each([
    ["https://arxiv.org/abs/2401.00001", '"https://arxiv.org/abs/2401.00001"'],
    ["A Model for Aquaculture & Fisheries", '"A Model for Aquaculture & Fisheries"'],
    ["Source: what “we” read, and A* - again", '"Source: what we read, and A - again"'],
  ])("offers it in quotes: %s", (written, quoted) => {
    const error = refusal(written);
    expect(error.quoted).toBe(quoted);
    expect(parseQuery(quoted)).toMatchObject({ kind: "text", quoted: true });
  });

  it("says so in its advice when the text was hardly meant as a query", () => {
    expect(refusal("A Model for Aquaculture & Fisheries").suggestion).toContain(
      'put it in quotes: "A Model for Aquaculture & Fisheries"',
    );
    expect(refusal("mamba AND vision").suggestion).not.toContain("quotes");
    expect(refusal("&").quoted).toBeNull();
    expect(refusal("a ".repeat(70)).quoted).toBeNull();
  });

  it("counts two characters of Han as one word", () => {
    expect(parseQuery("学".repeat(128))).toMatchObject({ kind: "text" });
    expect(refusal("学".repeat(130)).expected).toBe("at most 64");
  });

  it("keeps dates for search", () => {
    expect(refusal("mamba after:2026-01-01", false).suggestion).toContain("Dates are for search");
  });

  it.each([
    ["length", "a ".repeat(501), "1,000"],
    ["terms", "a ".repeat(65), "64"],
    ["terms", `"${"a ".repeat(65)}"`, "64"],
    ["depth", `${"(".repeat(11)}a${")".repeat(11)}`, "10"],
    ["depth", `x ${"NOT ".repeat(11)}a`, "10"],
  ])("names the limit it passed: %s", (_, written, limit) => {
    expect(refusal(written).expected).toBe(`at most ${limit}`);
  });
});
