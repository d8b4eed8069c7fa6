import { beforeAll, describe, expect, it } from "vitest";
import { TEMPLATES } from "../../../test/harness/templates.ts";
import { createRenderer, type Renderer } from "../src/index.ts";
import { digest, entry, section } from "./fixtures.ts";
import { count, escaped, papers } from "./rendered.ts";

let renderer: Renderer;

beforeAll(async () => {
  renderer = await createRenderer(TEMPLATES);
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
