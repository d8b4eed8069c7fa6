import { cleanLine } from "./clean-text.ts";
import { TEX_ACCENTS, TEX_LETTERS } from "./letters.ts";

/** No name is longer. */
const MAX_NAME = 400;
const MAX_ROUNDS = 8;

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
    .replace(LETTER, (_, letter: string) => TEX_LETTERS[letter] ?? "")
    .replace(/[{}]/g, "")
    .normalize("NFC");

const accented = (_: string, mark: string, braced?: string, bare?: string): string =>
  `${braced ?? bare}${TEX_ACCENTS[mark]}`;

/** Whether a text can be somebody's name: arXiv's list of a collaboration and its members has a colon among the names. */
export const isName = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);
