import { chooseHighlights, FEATURE_NAMES, featuresOf, sentencesOf } from "@paperboy/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const cut = (text: string, spans: readonly { start: number; end: number }[]) =>
  spans.map(({ start, end }) => text.slice(start, end));
const sentence = fc
  .array(
    fc.constantFrom("we", "propose", "a", "gate", "results", "show", "12%", "naïve", "門", "𝒳", "e.g."),
    {
      minLength: 1,
      maxLength: 40,
    },
  )
  .map((words) => `${words.join(" ")}.`);
const abstract = fc.array(sentence, { maxLength: 20 }).map((sentences) => sentences.join("\n "));
const anyText = fc.oneof(abstract, fc.string({ unit: "grapheme", maxLength: 2_000 }));

describe("sentences", () => {
  it("are apart, ascending and all of the text but white space", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        let at = 0;
        for (const { start, end } of sentencesOf(text)) {
          expect(text.slice(at, start).trim()).toBe("");
          expect(end).toBeGreaterThan(start);
          at = end;
        }
        expect(text.slice(at).trim()).toBe("");
      }),
    );
  });
  it.each([
    ["Gates, e.g. LSTMs, forget. We do not.", ["Gates, e.g. LSTMs, forget.", "We do not."]],
    ["As Smith et al. Found it. So it is.", ["As Smith et al. Found it.", "So it is."]],
    [
      "It gains 3.5 points (cf. Table 2). Code is free.",
      ["It gains 3.5 points (cf. Table 2).", "Code is free."],
    ],
    ["  One line\nof text ", ["One line\nof text"]],
    ["", []],
  ])("%j", (text, sentences) => {
    expect(cut(text, sentencesOf(text))).toEqual(sentences);
  });
});

describe("highlights", () => {
  it("are whole sentences of the abstract, at most three and 700 characters, unless it is short and whole", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const spans = chooseHighlights(text);
        const shown = cut(text, spans);
        if (text.trim() === "") expect(shown).toEqual([]);
        else if (text.trim().length <= 420) expect(shown).toEqual([text.trim()]);
        else {
          const sentences = sentencesOf(text);
          const inside = sentences.filter((each) =>
            spans.some(({ start, end }) => start <= each.start && each.end <= end),
          );
          expect(inside.length).toBeLessThanOrEqual(3);
          const length = inside.reduce((sum, { start, end }) => sum + end - start, 0);
          expect(length).toBeLessThanOrEqual(700);
          const starts = spans.every(({ start }) => sentences.some((each) => each.start === start));
          const ends = spans.every(({ end }) => sentences.some((each) => each.end === end));
          expect([starts, ends]).toEqual([true, true]);
          if (sentences.some(({ start, end }) => end - start <= 700)) expect(shown.length).toBeGreaterThan(0);
        }
      }),
    );
  });

  it("are the proposal and the result, not what stands around them", () => {
    const idea =
      "In this paper, we propose a novel gate, named Dial, that learns from each word what to keep.";
    const result = "Experiments on four benchmarks show that Dial outperforms existing methods by 12%.";
    const filler =
      "Gates have been part of networks for longer than most of their users can remember. ".repeat(4);
    const shown = cut("", []).concat(
      cut(`${filler}${idea} ${filler}${result}`, chooseHighlights(`${filler}${idea} ${filler}${result}`)),
    );
    expect(shown.join(" ")).toContain(idea);
    expect(shown.join(" ")).toContain(result);
  });

  it("follow the weights they are given", () => {
    const text = `${"Nothing to see in this one, however long it may be. ".repeat(9)}The code is on GitHub.`;
    const weights = { does: { bias: -5, available: 9 }, cameOut: { bias: -9 } };
    expect(cut(text, chooseHighlights(text, weights)).join(" ")).toContain("The code is on GitHub.");
  });

  it("end before the end of what is read, and in no time, for a text that is no abstract", () => {
    const text = "We propose a gate that outperforms the rest. ".repeat(50_000);
    const spans = chooseHighlights(text);
    expect(spans.length).toBeGreaterThan(0);
    expect(Math.max(...spans.map(({ end }) => end))).toBeLessThan(6_000);
  });

  it("have a name for each feature", () => {
    const text = "We propose a gate. It works.";
    for (const row of featuresOf(text, sentencesOf(text))) expect(row).toHaveLength(FEATURE_NAMES.length);
  });
});
