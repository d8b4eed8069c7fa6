import { analyze, type Paper } from "@paperboy/core";
import { randomStream } from "./corpus.ts";

/**
 * Topics of one to four terms as readers write them: words together, alternatives, exclusions, phrases, prefixes.
 * Their words are those of titles, which are what papers are about.
 */
export function makeTopics(papers: readonly Paper[], count: number, seed = 7): string[] {
  const random = randomStream(seed);
  const titles = papers.map(({ title }) => wordsOf(title)).filter((words) => words.length > 1);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const word = () => pick(pick(titles));
  const phrase = () => {
    const words = pick(titles);
    const at = Math.floor(random() * (words.length - 1));
    return `"${words[at]} ${words[at + 1]}"`;
  };
  const shapes: (() => string)[] = [
    word,
    () => `${word()} ${word()}`,
    () => `${word()} ${word()} ${word()}`,
    () => `${word()} OR ${word()}`,
    () => `(${word()} OR ${word()}) ${word()}`,
    () => `${word()} ${word()} -${word()}`,
    phrase,
    () => `${phrase()} OR ${word()}`,
    () => `${word().slice(0, 5)}* ${word()}`,
    () => `${word()} ${word()} OR ${phrase()} -${word()}`,
  ];
  return Array.from({ length: count }, () => pick(shapes)());
}

function wordsOf(text: string): string[] {
  const words = analyze(text).map(({ word }) => word);
  return words.filter((word) => /^[a-z]{4,}$/.test(word));
}
