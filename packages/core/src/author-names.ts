import {
  hasInitials,
  INSTITUTION,
  isInitialsOf,
  isInverted,
  isPaired,
  isWhole,
  isWholePart,
  type Part,
} from "./author-name-parts.ts";

/** What stands behind a name and belongs to it. */
const SUFFIX = /^(?:jr|sr|ii|iii|iv|2nd|3rd)\.?$/i;

/** What stands behind a name and does not. */
const DEGREE = /^(?:ph\.? ?d|m\.?d|m\.?sc|b\.?sc|d\.?phil|dr|prof)\.?$/i;

/** A list of authors is not longer; what stands behind is not read. */
const MAX_LIST = 400_000;

/**
 * Splits authors written as one text into names in reading order, whichever way they are written: `A, B and C`;
 * `Last, F., Last, F.`; `Last, First; Last, First`; `Last, First and Last, First` (BibTeX); one `Last, First, Jr.` alone.
 * Affiliations in parentheses, degrees and `et al.` are left out. `Jane Doe, Richard Roe` are two people, `Doe, Jane` is one.
 */
export function splitAuthors(text: string): string[] {
  const bare = prepared(text);
  if (/[;；]/.test(bare)) return named(bare.split(/[;；]/).flatMap((part) => splitJoined(part, true)));
  // Affiliations in parentheses stand behind names in reading order.
  const isListed = /\([^()]*\)/.test(text);
  return named(splitJoined(bare, false, isListed));
}

/**
 * The same of elements that name one author each, or all of them in one. Where there are several, a comma in one of them parts
 * a family name from the rest.
 */
export function splitAuthorElements(elements: readonly string[]): string[] {
  if (elements.length < 2) return elements.flatMap(splitAuthors);
  return elements.flatMap((element) => {
    const names = splitAuthors(element);
    const parts = withSuffixes(commaParts(prepared(element)));
    return names.length === 2 && parts.length === 2 && !names.some(isWhole) ? [inverted(parts)] : names;
  });
}

/** The same of a list that is known to be in reading order, as arXiv writes it: every comma parts two people. */
export const splitListedNames = (text: string): string[] =>
  named(withSuffixes(splitAnd(prepared(text)).flatMap(commaParts)).map(joined));

/**
 * Puts names together again that were split at the comma between family name and initials: `Smith`, `K. T.` is `K. T. Smith`.
 * Returns the same list when there are none.
 *
 * @param isFromText whether the list is known to have been split from one text; then `Doe`, `Jane` is `Jane Doe`, too.
 */
export function rejoinAuthors(authors: readonly string[], isFromText: boolean): readonly string[] {
  const parts = withSuffixes(authors.flatMap(withoutSuffix));
  const names = named(rejoined(parts, isFromText));
  return names.length === authors.length && names.every((name, place) => name === authors[place])
    ? authors
    : names;
}

function rejoined(parts: readonly Part[], isFromText: boolean): string[] {
  if (hasInitials(parts)) return withInitials(parts);
  return isFromText && isPaired(parts) ? withPairs(parts) : parts.map(joined);
}

/** The suffix had been put behind whatever stood before it, also behind initials. */
function withoutSuffix(author: string): string[] {
  const name = readingOrder(author);
  const space = name.lastIndexOf(" ");
  return space > 0 && SUFFIX.test(name.slice(space + 1))
    ? [name.slice(0, space), name.slice(space + 1)]
    : [name];
}

const joined = ({ name, suffix }: Part): string => (suffix === "" ? name : `${name} ${suffix}`);

function prepared(text: string): string {
  const bounded = text.slice(0, MAX_LIST).replace(/[\s\u00a0]+/g, " ");
  return withoutParentheses(bounded)
    .replace(/,? ?\b(?:et al\b\.?|and others\b)/gi, "")
    .trim();
}

/** Affiliations in parentheses, which may nest; one that never ends is no affiliation. */
function withoutParentheses(text: string): string {
  if (!text.includes("(")) return text;
  const kept: string[] = [];
  let depth = 0;
  let from = 0;
  let opened = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === 0x28) {
      if (depth === 0) {
        kept.push(text.slice(from, at));
        opened = at;
      }
      depth += 1;
    } else if (character === 0x29 && depth > 0) {
      depth -= 1;
      if (depth === 0) from = at + 1;
    }
  }
  kept.push(text.slice(depth === 0 ? from : opened));
  return kept.join("");
}

const splitAnd = (text: string): string[] => text.split(/,? (?:and|und|et|&) /i);

const commaParts = (text: string): string[] =>
  text
    .split(/[,，、]/)
    .map((part) => part.trim())
    .filter((part) => part !== "" && !/^(?:and|&)$/i.test(part));

/** Names joined by `and`, commas, or both. @param isOne whether something else parts people, so that a comma does not have to. */
function splitJoined(text: string, isOne: boolean, isListed = false): string[] {
  const pieces = piecesOf(text).map((piece) => withSuffixes(commaParts(piece)));
  if (isListed && !hasInitials(pieces.flat())) return pieces.flat().map(joined);
  if (pieces.length === 1) return isOne ? turned(pieces[0] as Part[]) : resolved(pieces[0] as Part[]);
  // BibTeX: every piece is turned around.
  const isTurned = (parts: readonly Part[]) => (parts.length === 2 && isInverted(parts)) || isPaired(parts);
  if (pieces.every(isTurned)) return pieces.flatMap(withPairs);
  const parts = pieces.flat();
  return hasInitials(parts) ? withInitials(parts) : parts.map(joined);
}

/** `Centers for Disease Control and Prevention` is one. */
function piecesOf(text: string): string[] {
  const pieces = splitAnd(text);
  const [first = "", second = ""] = pieces;
  const isTitle =
    pieces.length === 2 && / (?:for|of) /i.test(first) && !first.includes(",") && !second.includes(" ");
  return isTitle ? [text] : pieces;
}

function withSuffixes(parts: readonly string[]): Part[] {
  const kept: Part[] = [];
  for (const name of parts.map((part) => part.trim())) {
    const before = kept.at(-1);
    if (name === "" || (before !== undefined && DEGREE.test(name))) continue;
    if (before !== undefined && SUFFIX.test(name))
      kept[kept.length - 1] = { name: before.name, suffix: name };
    else kept.push({ name, suffix: "" });
  }
  return kept;
}

/** One person or several, by what commas part. */
function resolved(parts: readonly Part[]): string[] {
  if (hasInitials(parts)) return withInitials(parts);
  if (parts.length === 2 && isInverted(parts)) return [inverted(parts)];
  if (parts.length >= 4 && isPaired(parts)) return withPairs(parts);
  return parts.map(joined);
}

/** One person among several: `Jane Doe, MIT` names an employer behind the comma, `Doe, Jane` the rest of the name. */
function turned(parts: readonly Part[]): string[] {
  const [first] = parts;
  const isEmployer = ({ name }: Part) =>
    INSTITUTION.test(name) || (/^\p{Lu}{3,}$/u.test(name) && first?.name.includes(" ") === true);
  const person = parts.filter((part, place) => place === 0 || !isEmployer(part));
  return person.length === 2 && !person.some(isWholePart) ? [inverted(person)] : resolved(person);
}

function inverted(parts: readonly (Part | string)[]): string {
  const [family = "", given = ""] = parts.map((part) => (typeof part === "string" ? part : part.name));
  const suffix = parts.flatMap((part) =>
    typeof part === "string" || part.suffix === "" ? [] : [part.suffix],
  );
  return [given, family, ...suffix].join(" ");
}

/** One name that may be turned around, in reading order: `Doe, Jane` is `Jane Doe`, `Davis, Sammy, Jr.` is `Sammy Davis Jr.`. */
export function readingOrder(name: string): string {
  if (!name.includes(",")) return name;
  const parts = withSuffixes(commaParts(name));
  return parts.length === 2 && !parts.some(isWholePart) ? inverted(parts) : parts.map(joined).join(", ");
}

function withPairs(parts: readonly Part[]): string[] {
  const names: string[] = [];
  for (let at = 0; at < parts.length; at += 2) names.push(inverted(parts.slice(at, at + 2)));
  return names;
}

/** Initials belong to the family name before them; what has none is a name of its own. */
function withInitials(parts: readonly Part[]): string[] {
  const names: string[] = [];
  for (let at = 0; at < parts.length; at += 1) {
    const [part, next] = [parts[at] as Part, parts[at + 1]];
    if (next === undefined || !isInitialsOf(next, part)) {
      names.push(joined(part));
    } else {
      names.push(inverted([part, next]));
      at += 1;
    }
  }
  return names;
}

/** Without what is left of punctuation. */
const named = (names: readonly string[]): string[] =>
  names.map((name) => name.replace(/ {2,}/g, " ").trim()).filter((name) => /[\p{L}\p{N}]/u.test(name));
