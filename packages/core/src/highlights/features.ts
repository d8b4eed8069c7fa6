import type { Span } from "../topic/highlight.ts";
import { CUES, OPENERS } from "./cues.ts";

const CUE_NAMES = Object.keys(CUES) as (keyof typeof CUES)[];
const OPENER_NAMES = Object.keys(OPENERS) as (keyof typeof OPENERS)[];
const WORD = /[\p{L}\p{N}]+/gu;
const FIGURE = /\d(?:\.\d+)?\s?(?:%|x\b|×|times|percent|dB)/i;
/** Words shorter than this are of the language, not of the subject. */
const LONG_WORD = 5;
const USUAL_LENGTH = 150;

/** The features of a sentence, in the order of their weights. */
export const FEATURE_NAMES: readonly string[] = [
  "bias",
  ...CUE_NAMES,
  ...OPENER_NAMES.map((name) => `opens with ${name}`),
  "first",
  "second",
  "third",
  "last",
  "last but one",
  "how far down",
  "a figure",
  "length",
  "words that return",
  "share of words that return",
  "after a proposal",
  "first proposal",
  "first, with a contrast",
  "first, its length",
  "first, with a proposal",
  "shows better",
  "experiments show better",
];

/** Two logistic models: whether a sentence says what the paper does, and whether it says what came out; by feature. */
export interface HighlightWeights {
  readonly does: Readonly<Record<string, number>>;
  readonly cameOut: Readonly<Record<string, number>>;
}

/** What is told of each sentence of a text, beside each other: the rows of a linear model, all numbers near 0 to 1. */
export function featuresOf(text: string, sentences: readonly Span[]): number[][] {
  const texts = sentences.map(({ start, end }) => text.slice(start, end));
  const words = texts.map((each) => each.toLowerCase().match(WORD) ?? []);
  const frequencies = frequenciesOf(words);
  let proposed = 0;
  return texts.map((sentence, place) => {
    const line = ` ${words[place]?.join(" ")} `;
    const cue = (name: keyof typeof CUES) => yes(CUES[name].some((phrase) => line.includes(` ${phrase} `)));
    const opens = (name: keyof typeof OPENERS) =>
      yes(OPENERS[name].some((phrase) => line.startsWith(` ${phrase} `)));
    const first = yes(place === 0);
    const length = Math.log(Math.max(20, sentence.length) / USUAL_LENGTH);
    const distinct = new Set(words[place]);
    const returning = [...distinct].filter((word) => (frequencies.get(word) ?? 0) > 1).length;
    const proposes = cue("propose");
    const before = proposed;
    proposed = Math.max(proposed, proposes);
    return [
      1,
      ...CUE_NAMES.map(cue),
      ...OPENER_NAMES.map(opens),
      first,
      yes(place === 1),
      yes(place === 2),
      yes(place === texts.length - 1),
      yes(place === texts.length - 2),
      texts.length > 1 ? place / (texts.length - 1) : 0,
      yes(FIGURE.test(sentence)),
      length,
      Math.log(1 + returning),
      returning / Math.max(LONG_WORD, distinct.size),
      before,
      proposes * (1 - before),
      first * cue("contrast"),
      first * length,
      first * proposes,
      cue("show") * cue("better"),
      cue("experiments") * cue("better"),
    ];
  });
}

const yes = (fact: boolean): number => (fact ? 1 : 0);

/** In how many sentences each long word stands. */
function frequenciesOf(sentences: readonly (readonly string[])[]): Map<string, number> {
  const frequencies = new Map<string, number>();
  for (const words of sentences) {
    for (const word of new Set(words)) {
      if (word.length >= LONG_WORD) frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
    }
  }
  return frequencies;
}
