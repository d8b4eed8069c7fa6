import { greekName } from "../letters.ts";
import { type FoldedText, foldText } from "./fold.ts";
import { stem } from "./stem.ts";

/** A term of a text and where it stands; `start` and `end` are UTF-16 offsets into the original text. */
export interface Token {
  /** The stem, which words are matched by. */
  readonly term: string;
  /** The folded word before stemming, which prefixes are matched by. */
  readonly word: string;
  /** Counts words from 0; the parts of a compound stand at neighbouring positions, its joined form at both. */
  readonly position: number;
  readonly start: number;
  readonly end: number;
}

/** A word of folded text; `start` and `end` are offsets into the folded text. */
export interface Piece {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** Longer "words" are cut: a lexeme has to stay small, and nobody types them. */
const MAX_WORD = 64;

/** A decimal point stays inside its number, an apostrophe inside its word. */
const WORD = /[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}]|(?<=\p{N})\.(?=\p{N})|'(?=\p{L}))*/gu;
const ASCII_WORD = /[a-z\d](?:[a-z\d]|(?<=\d)\.(?=\d)|'(?=[a-z]))*/g;
const ASCII_ONLY = /^[\0-\x7f]*$/;

/**
 * Han is read character by character, and a word of it is a phrase of them: a dictionary cuts a compound one way only, and
 * whoever asks for a part of it (公司 in 有限公司) would not find it. A katakana run is a loan word; other runs without
 * spaces need a dictionary, and are bounded because it is not linear.
 */
const SCRIPTS =
  /(?<han>[\p{Script=Han}\u3005])|(?<loan>[\p{Script=Katakana}\u30fc]+)|(?<unspaced>[\p{Script=Hira}\p{Script=Thai}\p{Script=Laoo}\p{Script=Khmr}\p{Script=Mymr}\u30fc]{1,256})|(?!['.\p{M}])[^\p{Script=Katakana}\p{Script=Han}\p{Script=Hira}\p{Script=Thai}\p{Script=Laoo}\p{Script=Khmr}\p{Script=Mymr}\u3005\u30fc]*[^\p{Script=Katakana}\p{Script=Han}\p{Script=Hira}\p{Script=Thai}\p{Script=Laoo}\p{Script=Khmr}\p{Script=Mymr}\u3005\u30fc'.]/gu;
const segmenter = new Intl.Segmenter("und", { granularity: "word" });

/** The words of a folded text in order: split at everything that is no letter or digit, and inside unspaced scripts. */
export function pieces(folded: string): Piece[] {
  const found: Piece[] = [];
  const ascii = ASCII_ONLY.test(folded);
  const pattern = ascii ? ASCII_WORD : WORD;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(folded); match !== null; match = pattern.exec(folded)) {
    const end = withSign(folded, match[0], pattern.lastIndex);
    if (ascii || end > pattern.lastIndex) found.push(piece(folded.slice(match.index, end), match.index, end));
    else splitScripts(match[0], match.index, found);
  }
  return found;
}

/** C++, C# and F# keep their signs. */
function withSign(folded: string, word: string, end: number): number {
  if (word === "c" && folded.startsWith("++", end)) return end + 2;
  return (word === "c" || word === "f") && folded.startsWith("#", end) ? end + 1 : end;
}

function splitScripts(run: string, offset: number, found: Piece[]): void {
  for (const { 0: part, index, groups } of run.matchAll(SCRIPTS)) {
    const start = offset + index;
    if (groups?.unspaced === undefined) found.push(piece(part, start, start + part.length));
    else {
      for (const { segment, index: at } of segmenter.segment(part)) {
        found.push(piece(segment, start + at, start + at + segment.length));
      }
    }
  }
}

function piece(text: string, start: number, end: number): Piece {
  const plain = text.includes("'") ? text.replace(/'s$/, "").replaceAll("'", "") : text;
  const short = plain.length > MAX_WORD ? plain.slice(0, MAX_WORD).replace(/[\ud800-\udbff]$/, "") : plain;
  return { word: greekName(short) ?? short, start, end };
}

/** What joins the parts of a compound: `GPT-4`, `encoder/decoder`, `gated_attention`, `cs.CL`. */
const LINKS = "-/_.";

/** The character that makes one compound of two neighbouring pieces; empty when nothing does. */
export function linkAfter(folded: string, found: readonly Piece[], index: number): string {
  const end = found[index]?.end;
  if (end === undefined || found[index + 1]?.start !== end + 1) return "";
  const link = folded.charAt(end);
  return LINKS.includes(link) ? link : "";
}

/**
 * For each piece that begins a compound of exactly two hyphenated parts, the compound written as one word:
 * `multi-modal` is also `multimodal`, `GPT-4` also `gpt4`. Years and page ranges stay apart.
 */
export function joinedForms(folded: string, found: readonly Piece[]): Map<number, string> {
  const joined = new Map<number, string>();
  for (let index = 0, before = ""; index + 1 < found.length; index++) {
    const link = linkAfter(folded, found, index);
    if (link === "-" && before === "" && linkAfter(folded, found, index + 1) === "") {
      const word = `${found[index]?.word}${found[index + 1]?.word}`;
      if (!/^[\d.]+$/.test(word) && word.length <= MAX_WORD) joined.set(index, word);
    }
    before = link;
  }
  return joined;
}

/**
 * Reads a text into terms, the same way for papers and for queries: Unicode NFKC, case and accents folded, TeX and
 * HTML entities unwrapped, compounds split and also joined, English stemmed, unspaced scripts segmented.
 * Linear in the length of the text.
 */
export function analyze(text: string): Token[] {
  const folded = foldText(text);
  const found = pieces(folded.text);
  const joined = joinedForms(folded.text, found);
  const spans = originalSpans(folded, found);
  const tokens: Token[] = [];
  const emit = (word: string, position: number, first: number, last: number) => {
    const [start = 0, end = 0] = [spans[2 * first], spans[2 * last + 1]];
    tokens.push({ term: stem(word), word, position, start, end });
  };
  for (const [index, { word }] of found.entries()) {
    emit(word, index, index, index);
    const whole = joined.get(index);
    if (whole !== undefined) emit(whole, index, index, index + 1);
    const before = joined.get(index - 1);
    if (before !== undefined) emit(before, index, index - 1, index);
  }
  return tokens;
}

/** Start and end of every piece in the original text, two numbers each. */
function originalSpans(folded: FoldedText, found: readonly Piece[]): number[] {
  const spans: number[] = [];
  for (const { start, end } of found) spans.push(folded.startOf(start), folded.endOf(end));
  return spans;
}
