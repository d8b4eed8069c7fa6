import { cleanLine } from "./clean-text.ts";

/** No name is longer. */
const MAX_NAME = 400;
const MAX_ROUNDS = 8;
/** Combining characters that TeX's accents put on a letter. */
const ACCENTS: Readonly<Record<string, string>> = {
  "'": "\u0301",
  "`": "\u0300",
  "^": "\u0302",
  '"': "\u0308",
  "~": "\u0303",
  "=": "\u0304",
  ".": "\u0307",
  u: "\u0306",
  v: "\u030c",
  H: "\u030b",
  c: "\u0327",
  d: "\u0323",
  b: "\u0331",
  k: "\u0328",
  r: "\u030a",
};

const LETTERS: Readonly<Record<string, string>> = {
  ...{ o: "ø", O: "Ø", l: "ł", L: "Ł", ss: "ß", ae: "æ", AE: "Æ", oe: "œ", OE: "Œ", aa: "å", AA: "Å" },
  ...{ i: "i", j: "j", dh: "ð", DH: "Ð", th: "þ", TH: "Þ", dj: "đ", DJ: "Đ" },
};

/** `\'e`, `\'{e}`, `\'\i`: accents that are signs need no space. */
const SIGN_ACCENT = /\\(['`^"~=.])\s*(?:\{\s*\\?([A-Za-z])\s*\}|\\?([A-Za-z])(?![A-Za-z]*\{))/g;
/** `\v{s}`, `\c c`: accents that are letters do. */
const LETTER_ACCENT = /\\([uvHcdbkr])(?:\s*\{\s*\\?([A-Za-z])\s*\}|\s+([A-Za-z]))/g;
const LETTER = /\\(ss|ae|AE|oe|OE|aa|AA|dh|DH|th|TH|dj|DJ|o|O|l|L|i|j)(?![A-Za-z])(?:\{\}|\s+)?/g;

/** A person's name as it reads, where a source wrote it in TeX: `Paul Erd\H{o}s` is `Paul Erdős`. */
export function nameFromTex(name: string): string {
  if (!/[\\{}]/.test(name)) return name;
  let read = cleanLine(name, MAX_NAME);
  // Again while something is left to read: braces may have stood between an accent and its letter. No name needs many rounds.
  let before = "";
  for (let round = 0; round < MAX_ROUNDS && before !== read; round += 1) {
    before = read;
    read = readOnce(before);
  }
  return read;
}

/** Each change takes a backslash or a brace away. */
const readOnce = (name: string): string =>
  name
    .replace(SIGN_ACCENT, accented)
    .replace(LETTER_ACCENT, accented)
    .replace(LETTER, (_, letter: string) => LETTERS[letter] ?? "")
    .replace(/[{}]/g, "")
    .normalize("NFC");

const accented = (_: string, mark: string, braced?: string, bare?: string): string =>
  `${braced ?? bare}${ACCENTS[mark]}`;

/** Whether a text can be somebody's name: arXiv's list of a collaboration and its members has a colon among the names. */
export const isName = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);
