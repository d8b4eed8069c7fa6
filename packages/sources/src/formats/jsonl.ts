import { lookOf, mismatch } from "./detect.ts";
import { type FileContent, readLines } from "./lines.ts";
import { FormatError, type ReadRecord, refused } from "./outcome.ts";
import { parsePaperRecord } from "./record.ts";

/** Says what is wrong with JSON text, with its column where the parser tells. */
export function jsonProblem(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [, position] = /at position (\d{1,15})/.exec(message) ?? [];
  const end = message.search(/ in JSON| at position| \(/);
  const reason = end === -1 ? message : message.slice(0, end);
  return `not JSON${position ? ` at column ${Number(position) + 1}` : ""}: ${reason}`;
}

function readLine(at: string, text: string, now: Date): ReadRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refused(at, jsonProblem(error));
  }
  const { draft, reason } = parsePaperRecord(value, now);
  return draft ? { at, draft } : refused(at, reason);
}

function refuseOtherFormats(firstLine: string): void {
  const look = lookOf(firstLine);
  if (look === "HTML" || look === "XML" || look === "a JSON list") {
    throw new FormatError(mismatch("one JSON object a line", firstLine));
  }
  if (firstLine.trim() === "{")
    throw new FormatError("expected one JSON object a line, found one spread over lines");
}

/**
 * Reads the `jsonl` format: one paper record a line (see `parsePaperRecord`), in constant memory. The first `skip` records
 * are not even parsed.
 * @throws {FormatError} when the content starts like HTML, XML, a JSON list or one pretty-printed object.
 */
export async function* readJsonl(content: FileContent, now: Date, skip = 0): AsyncGenerator<ReadRecord> {
  let first = true;
  let passed = 0;
  for await (const line of readLines(content)) {
    if (line.text !== null && line.text.trim() === "") continue;
    if (first && line.text !== null) refuseOtherFormats(line.text);
    if (line.text !== null) first = false;
    if (passed++ < skip) continue;
    const at = `line ${line.number}`;
    yield line.text === null ? refused(at, line.problem) : readLine(at, line.text, now);
  }
}
