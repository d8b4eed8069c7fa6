import { readingOrder, splitAuthors } from "@paperboy/core";

/** Authors as a source writes them: one text, names, or objects with a name. */
export const namesOf = (value: string | readonly (string | { readonly name: string })[]): string[] =>
  typeof value === "string"
    ? splitAuthors(value)
    : value.map((each) => readingOrder(typeof each === "string" ? each : each.name));

/** A name of the arXiv snapshot, `[last, first, suffix]`, in reading order. */
export const parsedName = ([last = "", first = "", suffix = ""]: readonly string[]): string =>
  [first, last, suffix].filter(Boolean).join(" ");

/** Words as a source writes them: a list, or one text with separators. */
export const wordsOf =
  (separator: RegExp) =>
  (value: string | readonly string[]): string[] =>
    typeof value === "string" ? value.split(separator) : [...value];
