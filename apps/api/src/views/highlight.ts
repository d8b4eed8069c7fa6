const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export const escapeHtml = (text: string) =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);

/** Text as HTML, escaped, with the words that matched in `<mark>`. */
export function highlight(text: string, words: readonly string[]): string {
  const pattern = wordPattern(words);
  if (pattern === null) return escapeHtml(text);
  // A captured separator stands at every odd place of what `split` gives.
  return text
    .split(pattern)
    .map((part, place) => (place % 2 === 1 ? `<mark>${escapeHtml(part)}</mark>` : escapeHtml(part)))
    .join("");
}

function wordPattern(words: readonly string[]): RegExp | null {
  const wanted = words.filter((word) => word.trim() !== "").sort((a, b) => b.length - a.length);
  if (wanted.length === 0) return null;
  const alternatives = wanted.map((word) => word.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|");
  return new RegExp(`(?<![\\p{L}\\p{N}])(${alternatives})(?![\\p{L}\\p{N}])`, "giu");
}
