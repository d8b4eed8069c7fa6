import { lookOf, mismatch } from "./detect.ts";
import { type FileContent, type Line, readLines } from "./lines.ts";
import { accepted, FormatError, idFromTitle, type ReadRecord, refused } from "./outcome.ts";

/** A title of more than this is an abstract, and the file has lost a line somewhere. */
const MAX_TITLE = 1_000;

const isBlank = (line: Line) => line.text !== null && line.text.trim() === "";

function readPair(title: Line, abstract: Line): ReadRecord {
  const at = `line ${title.number}`;
  if (title.text === null) return refused(at, title.problem);
  if (abstract.text === null) return refused(`line ${abstract.number}`, abstract.problem);
  if (title.text.length > MAX_TITLE)
    return refused(at, "the title is over 1,000 characters; is a line missing above?");
  const draft = {
    externalId: idFromTitle(title.text),
    title: title.text,
    abstract: abstract.text,
    authors: [],
  };
  return accepted(at, draft);
}

/**
 * Reads the `text` format: a title line, then an abstract line, repeated; blank lines do not count. Every line
 * keeps its place in the count even when it cannot be read, so that one bad line costs one paper.
 * @throws {FormatError} when the content starts like JSON, HTML or XML.
 */
export async function* readText(content: FileContent): AsyncGenerator<ReadRecord> {
  let title: Line | null = null;
  let first = true;
  for await (const line of readLines(content)) {
    if (isBlank(line)) continue;
    if (first && line.text !== null && lookOf(line.text) !== "plain text") {
      throw new FormatError(mismatch("a title line and an abstract line", line.text));
    }
    first = false;
    if (title) yield readPair(title, line);
    title = title ? null : line;
  }
  if (title) yield refused(`line ${title.number}`, "this title has no abstract line below it");
}
