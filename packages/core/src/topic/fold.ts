import { decodeHTMLStrict } from "entities";
import { readCommand } from "./latex.ts";

/** A text as the analyzer reads it, and where each of its characters came from. */
export interface FoldedText {
  readonly text: string;
  /** Offset in the original text where the folded character at `index` begins; ask with rising indexes. */
  startOf(index: number): number;
  /** Offset in the original text just after the folded character before `index`; ask with rising indexes. */
  endOf(index: number): number;
}

/** Characters of the original that the folded text does not simply repeat in lower case. */
const SPECIAL = /[\\$&{}<^_~\u0080-\uffff]/;
const PLAIN_RUN = /[^\\$&{}<^_~\u0080-\uffff]+/y;
const ENTITY = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});/iy;
const TAG = /<\/?(?:i|b|u|em|strong|sub|sup|tt|span|small|(br|p|div|li))(?:\s[^<>]{0,200})?\/?>/iy;
const CLUSTER = /[^\p{M}]?\p{M}{0,16}/uy;
/** Accents and vowel signs; the voicing marks of kana make letters of their own, and so do marks of one script. */
const MARKS = /(?![\u3099\u309a])\p{Script=Inherited}/gu;
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

const STROKED: Readonly<Record<string, string>> = {
  ß: "ss",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  ħ: "h",
  ı: "i",
  ȷ: "j",
  æ: "ae",
  œ: "oe",
  þ: "th",
  ς: "σ",
  "\u2010": "-",
  "\u2011": "-",
  "\u2013": "-",
  "\u2212": "-",
  "\u2019": "'",
  "\u02bc": "'",
};
/** The letters of `STROKED`. */
const STROKE = /[ßøłđðħıȷæœþς\u2010\u2011\u2013\u2212\u2019\u02bc]/g;

const clusters = new Map<string, string>();

/** Compatibility forms, case and accents folded away (Unicode NFKC with marks removed) from a few characters. */
function foldCluster(cluster: string): string {
  const known = clusters.get(cluster);
  if (known !== undefined) return known;
  const bare = cluster
    .toLowerCase()
    .normalize("NFKD")
    .toLowerCase()
    .replace(MARKS, "")
    .replace(INVISIBLE, "");
  const folded = bare.replace(STROKE, (letter) => STROKED[letter] ?? letter).normalize("NFC");
  if (clusters.size >= 20_000) clusters.clear();
  clusters.set(cluster, folded);
  return folded;
}

/**
 * Folds case, accents, compatibility forms, TeX and HTML out of a text, and remembers where everything stood.
 * Time and memory grow linearly with the text.
 */
export function foldText(original: string): FoldedText {
  if (!SPECIAL.test(original)) {
    return { text: original.toLowerCase(), startOf: (index) => index, endOf: (index) => index };
  }
  const segments = segmentList();
  let math = false;
  for (let at = 0; at < original.length; ) {
    PLAIN_RUN.lastIndex = at;
    const run = PLAIN_RUN.exec(original)?.[0];
    if (run !== undefined) segments.add(at, at + run.length, run.toLowerCase());
    at += run?.length ?? 0;
    if (at >= original.length) break;
    const step = readSpecial(original, at, math);
    math = step.math;
    segments.add(at, step.end, step.out);
    at = step.end;
  }
  return segments.finish();
}

interface Step {
  readonly end: number;
  readonly out: string;
  readonly math: boolean;
}

function readSpecial(text: string, at: number, math: boolean): Step {
  const next = { end: at + 1, math };
  switch (text.charAt(at)) {
    case "\\": {
      const command = readCommand(text, at);
      return { end: command.end, out: foldCluster(command.out), math: command.math ?? math };
    }
    case "$":
      return { ...next, out: "", math: !math };
    case "{":
    case "}":
      return { ...next, out: "" };
    case "~":
    case "^":
      return { ...next, out: " " };
    case "_":
      return { ...next, out: math && /^\{?\d/.test(text.slice(at + 1, at + 3)) ? "" : "_" };
    case "&":
      return { ...readMatch(ENTITY, text, at, ([entity]) => foldCluster(decodeHTMLStrict(entity))), math };
    case "<":
      return { ...readMatch(TAG, text, at, ([, block]) => (block === undefined ? "" : " ")), math };
    default:
      return { ...readMatch(CLUSTER, text, at, ([cluster]) => foldCluster(cluster)), math };
  }
}

function readMatch(pattern: RegExp, text: string, at: number, replace: (match: RegExpExecArray) => string) {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  if (match === null || match[0] === "") return { end: at + 1, out: text.charAt(at) };
  return { end: pattern.lastIndex, out: replace(match) };
}

/** Collects runs of folded text, each with the stretch of the original it came from. */
function segmentList() {
  const parts: string[] = [];
  /** Three numbers a segment: offset in the folded text, and start and end in the original. */
  const bounds: number[] = [];
  let length = 0;
  return {
    add(start: number, end: number, out: string): void {
      if (out === "") return;
      parts.push(out);
      bounds.push(length, start, end);
      length += out.length;
    },
    finish(): FoldedText {
      bounds.push(length);
      return { text: parts.join(""), startOf: locator(bounds, "start"), endOf: locator(bounds, "end") };
    },
  };
}

/** Walks the segments forward; an end at a border belongs to the segment before it, a start to the one after. */
function locator(bounds: readonly number[], side: "start" | "end") {
  let at = 0;
  const border = side === "start" ? 0 : 1;
  return (index: number): number => {
    while (at + 4 < bounds.length && (bounds[at + 3] ?? 0) <= index - border) at += 3;
    const offset = bounds[at] ?? 0;
    const start = bounds[at + 1] ?? 0;
    const end = bounds[at + 2] ?? 0;
    const verbatim = end - start === (bounds[at + 3] ?? 0) - offset;
    return verbatim ? start + index - offset : side === "start" ? start : end;
  };
}
