import { Duplex, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from "node:zlib";

/** A body that is larger, packed otherwise, or of another kind than is taken. */
export class BodyRefused extends Error {
  override readonly name = "BodyRefused";
}

const MAX_LAYERS = 2;

type Unpack = (source: AsyncIterable<Buffer>) => AsyncGenerator<Buffer>;

/**
 * What undoes a Content-Encoding (RFC 9110, section 8.4), outermost layer first. What the bytes are counts more than what they
 * are called: servers pack what they do not say, say what they did not do, and know two kinds of `deflate`.
 * @throws {BodyRefused} for a coding that is not known, unless the bytes turn out to be plain; then when they are read.
 */
export function unpackersOf(encoding: string | null): Duplex[] {
  const names = (encoding ?? "").split(",", 20).map((name) => name.trim().toLowerCase());
  const packed = names.filter((name) => name !== "" && name !== "identity");
  if (packed.length > MAX_LAYERS) throw new BodyRefused(`packed ${packed.length} times over`);
  return [...packed.reverse(), "identity"].map((name) => Duplex.from(unpackerOf(name)));
}

const unpackerOf = (name: string): Unpack =>
  async function* unpack(source) {
    const chunks = source[Symbol.asyncIterator]();
    let first = await chunks.next();
    while (first.done !== true && first.value.length === 0) first = await chunks.next();
    if (first.done === true) return;
    const rest = followed(first.value, chunks);
    const unpacker = chosen(name, first.value);
    if (unpacker === null) {
      yield* rest;
      return;
    }
    // Errors of any part arrive where the last part is read.
    pipeline(rest, unpacker).catch(() => undefined);
    yield* unpacker as AsyncIterable<Buffer>;
  };

async function* followed(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

/** By the first bytes, then by the name; null for bytes that are plain. */
function chosen(name: string, head: Buffer): Transform | null {
  if (head[0] === 0x1f && (head.length < 2 || head[1] === 0x8b)) return createGunzip();
  if (name === "identity") return null;
  if (isPlain(head)) return null;
  if (name === "gzip" || name === "x-gzip") return createGunzip();
  if (name === "br") return createBrotliDecompress();
  if (name === "deflate") return isZlib(head) ? createInflate() : createInflateRaw();
  throw new BodyRefused(`packed in a way that is not read here (${name.slice(0, 40)})`);
}

/** Whether bytes begin as XML or JSON does; a packed body hardly ever begins so and continues in letters. */
function isPlain(head: Buffer): boolean {
  const text = head.toString("latin1", 0, 64).replace(/^(?:ï»¿|ÿþ|þÿ)/, "");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: text has none
  return /^[\s\0]*[<{[][\s\0]*(?:[!?/a-z"{[\]}]|$)/i.test(text) && !/[\x01-\x08\x0e-\x1f\x7f]/.test(text);
}

/** RFC 1950, section 2.2: the method is 8, and the first two bytes are a multiple of 31. */
const isZlib = ([first = 0, second]: Buffer): boolean =>
  (first & 0x0f) === 8 && (second === undefined || ((first << 8) | second) % 31 === 0);

/** Counts what passes through. @param refuse why it may not continue, if it may not. */
export function counting(refuse: (bytes: number) => Error | null): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      const refusal = refuse(seen);
      if (refusal === null) done(null, chunk);
      else done(refusal);
    },
  });
}
