import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PaperDraft } from "@paperboy/core";

/** Titles as papers have them: signs, scripts, TeX and punctuation that a query language may trip over. */
const TITLES = [
  "TerraMind: Planning With State-Space Models for 3D Worlds",
  "Is Attention All We Need? A Re-Evaluation of GPT-4 & Friends",
  "Gated Linear Attention: a long-context, hardware-efficient trainer",
  "Linear Attention and Mamba-2 — what's the difference?",
  "C++ and C# Code Generation with F#-Style Types",
  "R&D Budgets, AT&T Logs and Q&A Benchmarks",
  "α-β Divergences for γ-Ray Bursts",
  "$\\alpha$-Stable Noise and $O(n \\log n)$ Sorting in $\\mathbb{R}^d$",
  "Beyond A*: Learning to Search in C*-Algebras",
  '\\textbf{BERT}-like Encoders for G\\"odel Numbers and Erd\\H{o}s Graphs',
  "基于深度学习的图像识别方法：综述",
  "招商银行股份有限公司 Annual Report Mining",
  "ディープラーニングによる画像認識 (GAN ネットワーク)",
  "การเรียนรู้ของเครื่องสำหรับภาษาไทย",
  "딥러닝 기반 한국어 요약",
  "Обучение с подкреплением: обзор",
  "التعلم العميق للغة العربية",
  "🚀 RocketLM 🧪: Emoji-Aware Tokens 👩‍🔬 for Social Text",
  "AND, OR, NOT: Boolean Circuits (or Not)",
  'The "Lottery Ticket" Hypothesis, “Smart Quotes” and ‘Others’',
  "x^2 + y_i <= z; a != b -> c => d",
  "title: a study of fields",
  "https://example.org/abs/2401.00001v2",
  "100% of <b>HTML</b> &amp; entities &lt;script&gt;",
  "Don't Stop: O'Neil's naïve café Straße ﬁne ℌ ½",
  "Self-Supervised Vision-Language-Action Models (VLA-0.5) [Extended]",
  "Mixture-of-Experts/Dense Hybrids at 1.5B–7B: 10x Faster?",
  "- A Title That Begins With a Dash",
  "|| pipes || and ** stars **",
  "Re: Re: Fwd: Notes on e-mail, #hashtags, @mentions and ~tildes~",
];

const RECORDED = fileURLToPath(new URL("../../../../shared/data/papers-gate.txt", import.meta.url));

/** Recorded titles when they lie beside the project, else as many halves of the titles above, each with the other half of another. */
function moreTitles(): string[] {
  if (!existsSync(RECORDED))
    return TITLES.slice(0, MORE).map((title, n) => `${half(title, 0)} ${half(TITLES.at(-1 - n) ?? "", 1)}`);
  const lines = readFileSync(RECORDED, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "");
  return lines.filter((_, place) => place % 2 === 0);
}

/** Titles beyond those above of which queries are made. */
const MORE = 10;

function half(title: string, which: 0 | 1): string {
  const words = title.split(" ");
  const middle = Math.ceil(words.length / 2);
  return (which === 0 ? words.slice(0, middle) : words.slice(middle)).join(" ");
}

/** Real text to search in: the titles above and more, each with a text about it. */
export function realPapers(): PaperDraft[] {
  return [...TITLES, ...moreTitles()].map((title, n) => ({
    externalId: `real-${n}`,
    title,
    abstract: `We look at "${title}" again, and at gates and attention in part ${n}. `.repeat(1 + (n % 4)),
    authors: ["Ana-María O'Brien", "李 明", `Jürgen Müller-${n}`],
    categories: ["cs.CL"],
    keywords: n % 3 === 0 ? ["state-space", "C++"] : [],
    upvotes: n,
  }));
}

/** What people type or paste when they look for these: whole titles, parts of them, quotes, prefixes, fields, and too much. */
export function realQueries(): string[] {
  const queries = new Set<string>();
  for (const [n, { title }] of realPapers()
    .slice(0, TITLES.length + MORE)
    .entries()) {
    const words = title.split(/\s+/);
    const middle = Math.floor(words.length / 2);
    const word = words[middle] ?? title;
    const pair = words.slice(middle, middle + 2).join(" ");
    const forms = [
      title,
      `"${title.replaceAll('"', "")}"`,
      pair,
      `"${pair.replaceAll('"', "")}"`,
      `"${word.replaceAll('"', "")}"`,
      `${word}*`,
      `"${pair.replaceAll(/["*]/g, "")}*"`,
      `title:${word} OR abstract:${words[0]}`,
      `gate -${word}`,
      `${word} ${word.toUpperCase()} ${[...word].slice(0, 3).join("")}*`,
    ];
    // Each title in half of the forms, in turn, so that every form meets every kind of text and the test stays quick.
    for (const [form, query] of forms.entries()) if ((form + n) % 2 === 0) queries.add(query);
  }
  for (const query of HARD) queries.add(query);
  return [...queries];
}

const HARD = [
  '"linear attention" OR mamba',
  "gate*",
  "title:reasoning -survey",
  "C++",
  "R&D",
  "α-β",
  "gpt-4 state-space long-*",
  "公司 -银行",
  '"有限公司"',
  "🚀",
  "👩‍🔬 emoji",
  "\\alpha $\\beta$",
  "(".repeat(5_000),
  "gate ".repeat(1_000),
  "学".repeat(5_000),
  `"${"x".repeat(4_998)}"`,
  "a\u0000b",
  "%",
  "+",
  "gate AND attention",
  "author:o'brien",
  'author:"müller-1"',
  "category:cs.* keyword:c++",
  "upvotes>=10 has:code",
  "ga* at* li* mo* st* re* co* in* pr* de*".split(" ").join(" OR "),
];
