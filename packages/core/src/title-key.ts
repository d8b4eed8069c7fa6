import { cleanLine } from "./clean-text.ts";
import { STROKED, STROKED_LETTER, TITLE_SYMBOLS } from "./letters.ts";
import { isName, nameFromTex } from "./tex-names.ts";

/** Longest folded title kept in a key; four bytes a character still fit a Postgres btree entry (2,704 bytes). */
const MAX_TITLE = 300;
const MAX_NAME = 80;

/** A control word swallows the space after it. */
const TEX_LETTERS = /\\(ss|ae|oe|aa|o|l|i|j)(?![a-z])\s*/g;
const TEX_ACCENT =
  /\\[`'^"~=.]\s*\{?\\?([a-z])\}?|\\[uvhtcdbkr](?:\s*\{\\?([a-z]{1,2})\}|\s+([a-z])(?![a-z]))/g;
const TEX_FONT = /\\(?:(?:text|math)[a-z]*|emph|operatorname|rm|bf|it|sc)(?![a-z])/g;
const INLINE_TAG = /<\/?(?:i|b|u|em|strong|sub|sup|tt|span|small|scp)(?:\s[^<>]*)?>/g;
const NAME_SUFFIX = /^(?:jr|sr|ii|iii|iv|2nd|3rd)$/;

/** TeX as it would read once typeset: accents on their letters, Greek as Greek, fonts and maths marks gone. */
function untex(text: string): string {
  return text
    .replace(TEX_ACCENT, (_, mark: string, braced: string, spaced: string) => mark ?? braced ?? spaced)
    .replace(TEX_LETTERS, (_, name: string) => (name === "aa" ? "a" : name))
    .replace(TEX_FONT, "")
    .replace(/\\([a-z]+)\*?/g, (_, name: string) => TITLE_SYMBOLS[name] ?? " ")
    .replace(/[{}$_^]/g, "");
}

/**
 * Text as identity sees it: compatibility forms, case, accents, TeX, inline tags and punctuation folded away,
 * words separated by one space. Scripts other than Latin keep the marks that change their letters.
 */
function fold(text: string): string {
  const plain = text.normalize("NFKD").toLowerCase().replace(INLINE_TAG, "");
  return untex(plain)
    .replace(/[\u0300-\u036f]/g, "")
    .replace(STROKED_LETTER, (letter) => STROKED[letter] ?? letter)
    .normalize("NFKC")
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, " ")
    .trim();
}

/** Cuts between characters, never inside a surrogate pair. */
const cut = (text: string, max: number) => text.slice(0, max).replace(/[\ud800-\udbff]$/, "");

/** `van der Berg, J.`, `J. van der Berg`, `J. van der Berg, Jr.` and `van der Berg J` are all `berg`. */
function lastName(author: string): string {
  const [head = ""] = author.replace(/\([^()]*\)/g, " ").split(",");
  const words = fold(head).split(" ");
  if (words.length > 1 && NAME_SUFFIX.test(words.at(-1) ?? "")) words.pop();
  // Libraries write the family name first: initials at the end are not it.
  const named = words.findLast((word) => !/^[a-z]$/.test(word));
  return cut(named ?? words.at(-1) ?? "", MAX_NAME);
}

/**
 * The weakest identity of a paper: its folded title, `|`, and its first author's folded last name, which is
 * empty when no authors are known. A title of symbols alone stands for itself, so that two of them differ.
 */
export function titleKey(title: string, authors: readonly string[]): string {
  const clean = cleanLine(title, 1_000);
  const named = authors.find((author) => isName(author) && cleanLine(nameFromTex(author), 200) !== "");
  const first = cleanLine(nameFromTex(named ?? ""), 200);
  return `${cut(fold(clean) || clean.normalize("NFKC").toLowerCase(), MAX_TITLE)}|${lastName(first)}`;
}

/** A title key taken apart; the author is empty when none is known. */
export function titleKeyParts(key: string): { readonly title: string; readonly author: string } {
  const bar = key.lastIndexOf("|");
  return { title: key.slice(0, bar), author: key.slice(bar + 1) };
}
