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
 * that can't become a paper, while the others do. `now` bounds dates in the future. The first `skip` records were read
 * before, and are passed over.
 * @throws {FormatError} when the whole content is of another format.
 */
export function readPapers(
  format: FileFormat,
  content: FileContent,
  { now, skip = 0 }: { readonly now: Date; readonly skip?: number },
): AsyncGenerator<ReadRecord> {
  if (format === "jsonl") return readJsonl(content, now, skip);
  return passOver(readAll(format, content, now), skip);
}

async function* passOver(records: AsyncGenerator<ReadRecord>, skip: number): AsyncGenerator<ReadRecord> {
  let passed = 0;
  for await (const record of records) if (passed++ >= skip) yield record;
}

function readAll(
  format: Exclude<FileFormat, "jsonl">,
  content: FileContent,
  now: Date,
): AsyncGenerator<ReadRecord> {
  switch (format) {
    case "text":
      return readText(content);
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
