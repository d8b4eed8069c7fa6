/** Words of family names that count as none (`van der Berg`); written with a capital only as the first of several. */
const PARTICLE =
  /^(?:van|von|vom|zu|zur|zum|der|den|de|del|della|degli|di|da|das|dos|do|du|des|la|le|las|los|el|al|bin|bint|ben|ibn|ter|ten|op|af|av|y|e)$/;

export const INSTITUTION =
  /(?:^|\s)(?:collaboration|consortium|group|team|institut|institute|university|université|universität|department|cent(?:er|re)s?|committee|society|association|organi[sz]ation|network|initiative|project|foundation|laborator(?:y|ies)|labs?|council|agency|ministry|school|college|hospital|company|inc\.?|ltd\.?|gmbh|llc)(?=$|[\s,.)])/i;

/** Scripts in which a name is written whole, family name first, and never turned around with a comma. */
const WHOLE_NAME = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** A name and the suffix behind it, which a comma may have separated from it. */
export interface Part {
  readonly name: string;
  readonly suffix: string;
}

export const isWholePart = ({ name }: Part): boolean => isWhole(name);

export const isWhole = (name: string): boolean => WHOLE_NAME.test(name) || INSTITUTION.test(name);

function wordsIn(name: string): string[] {
  const words = name.split(" ").filter((word) => word !== "" && !PARTICLE.test(word));
  const [first = ""] = words;
  return words.length > 1 && PARTICLE.test(first.toLowerCase()) ? words.slice(1) : words;
}

/** `Berg`, `O’Neil`, `d’Angelo`, and no initial. */
const isFamilyName = (word: string): boolean =>
  word.length > 1 && /^(?:\p{Lu}|\p{Ll}{1,2}['’]\p{Lu})/u.test(word) && !DOTTED.test(word);

/** Whether the first part can be a family name and the second the given names of the same person. */
export function isInverted([family, given]: readonly Part[]): boolean {
  if (family === undefined || given === undefined || isWholePart(family) || isWholePart(given)) return false;
  const [last, first] = [wordsIn(family.name), wordsIn(given.name)];
  if (!last.every(isFamilyName) || !/^\p{Lu}/u.test(first[0] ?? "")) return false;
  if (last.length === 1) return first.length <= 3;
  return last.length === 2 && first.length === 1;
}

/** `Doe, Jane, Roe, Richard`: nothing but single words, or family names of one word, two by two. */
export function isPaired(parts: readonly Part[]): boolean {
  if (parts.length === 0 || parts.length % 2 === 1) return false;
  return parts.every((part, place) => {
    if (place % 2 === 1) return true;
    return wordsIn(part.name).length === 1 && isInverted([part, parts[place + 1] as Part]);
  });
}

export const hasInitials = (parts: readonly Part[]): boolean =>
  parts.some((part, place) => place > 0 && isInitialsOf(part, parts[place - 1] as Part));

/** `K.`, `K`, `K.-T.`, `Yu.`; a run of capitals without dots is less certain. */
const INITIAL = /^\p{Lu}\p{M}?(?:\p{Ll}?\.|$)/u;

const CAPITALS = /^\p{Lu}{2,3}$/u;

const DOTTED = /^(?:\p{Lu}\p{M}?\p{Ll}?\.){1,4}$/u;

export function isInitialsOf({ name }: Part, { name: family }: Part): boolean {
  if (isInitials(family) || isWhole(family)) return false;
  const words = wordsIn(family);
  if (CAPITALS.test(name)) return words.length === 1 && /\p{Ll}/u.test(family);
  return words.length <= 3 && isInitials(name);
}

/** One to six initials, with the particles of a family name that libraries put behind them (`Berg, J. van den`). */
function isInitials(name: string): boolean {
  const words = name.split(/[ \-\u2010\u2011]+/).filter((word) => word !== "");
  const isOne = (word: string) => DOTTED.test(word) || (word.length <= 3 && INITIAL.test(word));
  const certain = words.filter(isOne);
  return certain.length > 0 && words.length <= 6 && words.every((word) => isOne(word) || PARTICLE.test(word));
}
