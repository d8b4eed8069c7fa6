import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { type Collection, createCollection } from "@paperboy/core";

/** Where recorded libraries lie; those beside the project unless given. */
export interface LibraryFiles {
  readonly readers: string | undefined;
  readonly words: string | undefined;
  readonly vocabulary: string | undefined;
  readonly articles: string | undefined;
}

/** A person's library: numbers of articles, `old` in the order in which they serve as seeds, `new` to be found. */
export interface LibraryReader {
  readonly id: number;
  readonly old: readonly number[];
  readonly new: readonly number[];
}

export interface Libraries {
  readonly readers: readonly LibraryReader[];
  /** Every article, by its number. */
  readonly collection: Collection;
  /** The new articles, which are ranked for every reader. */
  readonly articles: readonly number[];
}

const RECORDED = fileURLToPath(new URL("../../../../../../shared/data/relevance/", import.meta.url));

/** Reads recorded libraries. Throws an Error that names a file that is not there, or the line that cannot be read. */
export function loadLibraries(files: LibraryFiles, limit = Number.POSITIVE_INFINITY): Libraries {
  const vocabulary = lines(files.vocabulary ?? `${RECORDED}citeulike-vocabulary.txt`, "--vocabulary");
  const collection = createCollection();
  for (const [number, line] of lines(
    files.words ?? `${RECORDED}citeulike-words.txt.gz`,
    "--words",
  ).entries()) {
    collection.add(number, bagOf(line, vocabulary, number));
  }
  const readers = lines(files.readers ?? `${RECORDED}citeulike-readers-tuning.jsonl`, "--readers");
  return {
    readers: readers.slice(0, limit).map((line) => JSON.parse(line) as LibraryReader),
    collection,
    articles: lines(files.articles ?? `${RECORDED}citeulike-new-articles.txt`, "--articles").map(Number),
  };
}

function bagOf(line: string, vocabulary: readonly string[], number: number): Map<string, number> {
  const bag = new Map<string, number>();
  for (const entry of line.split(" ").slice(1)) {
    const [word = "", count = ""] = entry.split(":");
    const term = vocabulary[Number(word)];
    if (term === undefined || !(Number(count) >= 1))
      throw new Error(`article ${number}: cannot read ${entry}`);
    bag.set(term, Number(count));
  }
  return bag;
}

function lines(path: string, option: string): string[] {
  if (!existsSync(path)) throw new Error(`${path} is not there: give recorded libraries with ${option}`);
  const content = readFileSync(path);
  const text = (path.endsWith(".gz") ? gunzipSync(content) : content).toString("utf8").trimEnd();
  return text.split("\n");
}
