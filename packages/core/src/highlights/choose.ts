import type { Span } from "../topic/highlight.ts";
import { FEATURE_NAMES, featuresOf, type HighlightWeights } from "./features.ts";
import { sentencesOf } from "./sentences.ts";
import { WEIGHTS } from "./weights.ts";

/** An abstract up to this long is shown whole. */
const SHORT = 420;
const MOST = 700;
const MOST_SENTENCES = 3;
/** What stands below is not read: an abstract is shorter, and what is longer is no abstract. */
const READ = 6_000;
const READ_SENTENCES = 30;
/** How much saying what came out counts beside saying what the paper does. */
const CAME_OUT = 0.8;

/**
 * The sentences of an abstract that tell best what the paper does and what came out: up to three, together at most 700
 * characters, as spans of the abstract, ascending; sentences that follow one another are one span. A short abstract is one
 * span. Empty when there is no text, or when every sentence is too long.
 */
export function chooseHighlights(abstract: string, weights: HighlightWeights = WEIGHTS): Span[] {
  const sentences = readSentences(abstract);
  const [first, last] = [sentences[0], sentences.at(-1)];
  if (first === undefined || last === undefined) return [];
  if (abstract.trim().length <= SHORT) return [{ start: first.start, end: last.end }];
  const features = featuresOf(abstract, sentences);
  const candidates = sentences.map((span, place) => ({
    span,
    does: probability(weights.does, features[place] ?? []),
    cameOut: probability(weights.cameOut, features[place] ?? []),
  }));
  return joinNeighbours(abstract, bestOf(candidates));
}

function readSentences(abstract: string): Span[] {
  const sentences = sentencesOf(abstract.slice(0, READ));
  // The last one may have been cut.
  return (abstract.length > READ ? sentences.slice(0, -1) : sentences).slice(0, READ_SENTENCES);
}

function probability(weights: Readonly<Record<string, number>>, features: readonly number[]): number {
  let sum = 0;
  for (const [place, name] of FEATURE_NAMES.entries()) sum += (weights[name] ?? 0) * (features[place] ?? 0);
  return 1 / (1 + Math.exp(-sum));
}

interface Candidate {
  readonly span: Span;
  readonly does: number;
  readonly cameOut: number;
}

/** Which sentences together are likeliest to say both, among all choices that fit. */
function bestOf(candidates: readonly Candidate[]): Span[] {
  let best: readonly Candidate[] = [];
  let highest = 0;
  const extend = (chosen: readonly Candidate[], from: number, length: number) => {
    const worth = worthOf(chosen);
    if (worth > highest) {
      best = chosen;
      highest = worth;
    }
    if (chosen.length === MOST_SENTENCES) return;
    for (let place = from; place < candidates.length; place++) {
      const next = candidates[place] as Candidate;
      const longer = length + next.span.end - next.span.start;
      if (longer <= MOST) extend([...chosen, next], place + 1, longer);
    }
  };
  extend([], 0, 0);
  return best.map(({ span }) => span);
}

function worthOf(chosen: readonly Candidate[]): number {
  let [silentOnWork, silentOnResult] = [1, 1];
  for (const { does, cameOut } of chosen) {
    silentOnWork *= 1 - does;
    silentOnResult *= 1 - cameOut;
  }
  return 1 - silentOnWork + CAME_OUT * (1 - silentOnResult);
}

function joinNeighbours(text: string, spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last && text.slice(last.end, span.start).trim() === "")
      joined[joined.length - 1] = { start: last.start, end: span.end };
    else joined.push(span);
  }
  return joined;
}
