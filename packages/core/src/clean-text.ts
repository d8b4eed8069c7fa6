/**
 * Characters nobody can see and something breaks on: controls, lone surrogates, noncharacters, zero-width
 * spaces, soft hyphens and the direction overrides that make text read as what it is not. Joiners stay:
 * Persian and emoji need them.
 */
const INVISIBLE =
  /[\p{Cs}\p{Cc}\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufdd0-\ufdef\ufffe\uffff]/gu;

/** White space other than the plain one; not U+FEFF, which is a stray byte order mark wherever it stands. */
const ODD_SPACE = /[\t-\r\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g;
const SPACES = / {2,}/g;
/** Most text is this, and needs no more cleaning. */
const PRINTABLE_ASCII = /^[ -~]*$/;

/** Cuts at the last word that fits and marks the cut with `…`; text that fits is returned as it is. */
export function cutAtWord(text: string, max: number): string {
  if (text.length <= max) return text;
  const room = text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, "");
  const space = room.lastIndexOf(" ");
  // A "word" longer than a tenth of the room is no word: cut inside it rather than lose it all.
  return `${(space > max * 0.9 ? room.slice(0, space) : room).trimEnd()}…`;
}

/** One line of clean text: NFC, white space collapsed, nothing invisible, at most `max` units long. */
export function cleanLine(text: string, max: number): string {
  // Bounded first, so that megabytes of rubbish cost no more than the text that is kept.
  const bounded = text.length > max * 8 ? text.slice(0, max * 8) : text;
  const spaced = bounded.replace(ODD_SPACE, " ").replace(SPACES, " ").trim();
  if (PRINTABLE_ASCII.test(spaced)) return cutAtWord(spaced, max);
  const visible = spaced.replace(INVISIBLE, "").normalize("NFC");
  return cutAtWord(visible.replace(SPACES, " ").trim(), max);
}

/** An absolute http(s) address without credentials, in its canonical spelling; undefined when it is anything else. */
export function cleanUrl(text: string, max: number): string | undefined {
  const bare = text.trim();
  if (bare.length > max || !URL.canParse(bare)) return undefined;
  const url = new URL(bare);
  if (url.protocol !== "https:" && url.protocol !== "http:") return undefined;
  url.username = "";
  url.password = "";
  return url.href.length <= max ? url.href : undefined;
}
