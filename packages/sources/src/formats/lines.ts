import { isUtf8 } from "node:buffer";
import { FormatError } from "./outcome.ts";

/** Content of a file: whole, or as it is read. Text and UTF-8 bytes may be mixed. */
export type FileContent = string | Uint8Array | AsyncIterable<string | Uint8Array>;

/** One line without its end; `text` is null when it cannot be read, and `problem` then says why. */
export type Line =
  | { readonly number: number; readonly text: string }
  | { readonly number: number; readonly text: null; readonly problem: string };

/** A paper with every author of a large collaboration is 200 KB; no line that is a paper comes near this. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;
const LF = 0x0a;

async function* chunksOf(content: FileContent): AsyncGenerator<Buffer> {
  const parts = typeof content === "string" || content instanceof Uint8Array ? [content] : content;
  for await (const part of parts) {
    yield typeof part === "string"
      ? Buffer.from(part)
      : Buffer.from(part.buffer, part.byteOffset, part.byteLength);
  }
}

/** Text of UTF-8 bytes without byte order mark, which also stands inside files that were glued together; else null. */
const decode = (bytes: Buffer) => (isUtf8(bytes) ? bytes.toString("utf8").replace(/^\ufeff/, "") : null);

function lineOf(bytes: Buffer, number: number): Line {
  const text = decode(bytes);
  return text === null
    ? { number, text, problem: "not valid UTF-8" }
    : { number, text: text.replace(/\r$/, "") };
}

const tooLong = (number: number): Line => ({
  number,
  text: null,
  problem: `longer than ${MAX_LINE_BYTES / 2 ** 20} MB`,
});

function refuseUtf16(bytes: Buffer): void {
  const mark = bytes.length >= 2 ? bytes.readUInt16BE(0) : 0;
  if (mark === 0xfffe || mark === 0xfeff) throw new FormatError("the file is UTF-16; save it as UTF-8");
}

/**
 * Reads content line by line in constant memory. LF and CRLF end a line, a byte order mark is dropped, a line
 * that is too long or not UTF-8 is reported and the next one read.
 * @throws {FormatError} when the content is UTF-16.
 */
export async function* readLines(content: FileContent): AsyncGenerator<Line> {
  let number = 1;
  let held: Buffer[] = [];
  let heldBytes = 0;
  let first = true;
  for await (const chunk of chunksOf(content)) {
    if (first) refuseUtf16(chunk);
    first = false;
    let start = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      const rest = chunk.subarray(start, end);
      const bytes = held.length === 0 ? rest : Buffer.concat([...held, rest]);
      yield heldBytes + rest.length > MAX_LINE_BYTES ? tooLong(number) : lineOf(bytes, number);
      number += 1;
      held = [];
      heldBytes = 0;
      start = end + 1;
    }
    const tail = chunk.subarray(start);
    heldBytes += tail.length;
    // What is longer than a line may be is counted, not kept.
    if (heldBytes > MAX_LINE_BYTES) held = [];
    else if (tail.length > 0) held.push(tail);
  }
  if (heldBytes > MAX_LINE_BYTES) yield tooLong(number);
  else if (heldBytes > 0) yield lineOf(Buffer.concat(held), number);
}

/**
 * Reads content whole, as one UTF-8 text without byte order mark.
 * @throws {FormatError} when it is not UTF-8 or larger than `maxBytes`.
 */
export async function readWhole(content: FileContent, maxBytes: number): Promise<string> {
  const bytes = await readBytes(content, maxBytes);
  refuseUtf16(bytes);
  const text = decode(bytes);
  if (text === null) throw new FormatError("the file is not valid UTF-8");
  return text;
}

/**
 * Reads content whole, as bytes.
 * @throws {FormatError} when it is larger than `maxBytes`.
 */
export async function readBytes(content: FileContent, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunksOf(content)) {
    size += chunk.length;
    if (size > maxBytes)
      throw new FormatError(`the file is larger than ${Math.floor(maxBytes / 2 ** 20)} MB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
