import { readOai } from "./arxiv-oai.ts";
import type { FileFormat } from "./detect.ts";
import { readFeed } from "./feed.ts";
import { readHf } from "./hf.ts";
import { readJsonl } from "./jsonl.ts";
import type { FileContent } from "./lines.ts";
import type { ReadRecord } from "./outcome.ts";
import { readText } from "./text.ts";

/**
 * Reads papers in any file format, one record after the other: a normalised draft, or the refusal of a record
 * that can't become a paper, while the others go on. `now` bounds dates in the future.
 * @throws {FormatError} when the whole content is of another format.
 */
export function readPapers(
  format: FileFormat,
  content: FileContent,
  { now }: { readonly now: Date },
): AsyncGenerator<ReadRecord> {
  switch (format) {
    case "text":
      return readText(content);
    case "jsonl":
      return readJsonl(content, now);
    case "hf":
      return readHf(content, now);
    case "arxiv-atom":
    case "arxiv-rss":
    case "feed":
      return readFeed(content, format, now);
    case "arxiv-oai":
      return readOai(content, now);
    default:
      return format satisfies never;
  }
}
