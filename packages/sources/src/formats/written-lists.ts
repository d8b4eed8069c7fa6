const SUFFIX = /^(?:jr|sr|ii|iii|iv)\.?$/i;

/** Affiliations in parentheses, which may nest. */
function withoutParentheses(text: string): string {
  let depth = 0;
  let kept = "";
  for (const character of text) {
    if (character === "(") depth += 1;
    if (depth === 0) kept += character;
    if (character === ")") depth = Math.max(0, depth - 1);
  }
  return kept;
}

/** Names written as one text: `A, B and C`, or `Last, First; Last, First`; affiliations are left out. */
function splitNames(text: string): string[] {
  const bare = withoutParentheses(text);
  if (bare.includes(";")) return bare.split(";");
  const names: string[] = [];
  for (const part of bare.split(/,|\sand\s|\s&\s/).map((each) => each.trim())) {
    const previous = names.at(-1);
    if (previous && SUFFIX.test(part)) names[names.length - 1] = `${previous} ${part}`;
    else names.push(part);
  }
  return names;
}

/** Authors as a source writes them: one text, names, or objects with a name. */
export const namesOf = (value: string | readonly (string | { readonly name: string })[]): string[] =>
  typeof value === "string"
    ? splitNames(value)
    : value.map((each) => (typeof each === "string" ? each : each.name));

/** A name of the arXiv snapshot, `[last, first, suffix]`, in reading order. */
export const parsedName = ([last = "", first = "", suffix = ""]: readonly string[]): string =>
  [first, last, suffix].filter(Boolean).join(" ");

/** Words as a source writes them: a list, or one text with separators. */
export const wordsOf =
  (separator: RegExp) =>
  (value: string | readonly string[]): string[] =>
    typeof value === "string" ? value.split(separator) : [...value];
