import { type Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

export interface BodyLimits {
  /** As it comes over the wire. */
  readonly packedBytes: number;
  /** Unpacked. */
  readonly bytes: number;
  /** How many times larger than it came a body may become, once it is past a megabyte. */
  readonly ratio: number;
}

/** A body that is larger, or packed otherwise, than is taken. */
export class BodyRefused extends Error {
  override readonly name = "BodyRefused";
}

/** Below this a high ratio harms nobody. */
const RATIO_MATTERS = 2 ** 20;
const MAX_LAYERS = 2;
const UNPACKERS: ReadonlyMap<string, () => Transform> = new Map([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["deflate", createInflate],
  ["br", createBrotliDecompress],
]);

/**
 * Reads a body whole, unpacked.
 * @throws {BodyRefused} when a limit is passed; the connection is cut then.
 */
export async function readBody(body: Readable, encoding: string | null, limits: BodyLimits): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await pour(body, encoding, limits, chunks);
  return Buffer.concat(chunks);
}

/** Reads the first bytes of a body, unpacked; fewer when it fails before. */
export async function readBeginning(
  body: Readable,
  encoding: string | null,
  limits: BodyLimits & { readonly beginning: number },
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await pour(body, encoding, { ...limits, bytes: limits.beginning }, chunks).catch(() => undefined);
  return Buffer.concat(chunks).subarray(0, limits.beginning);
}

/** Unpacks a body into `chunks`, counting on both sides of the unpacking. */
async function pour(body: Readable, encoding: string | null, limits: BodyLimits, chunks: Buffer[]) {
  const seen = { packed: 0, bytes: 0 };
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen.packed += chunk.length;
      if (seen.packed <= limits.packedBytes) done(null, chunk);
      else done(new BodyRefused(`larger than ${inWords(limits.packedBytes)}`));
    },
  });
  const collect = new Writable({
    write(chunk: Buffer, _encoding, done) {
      seen.bytes += chunk.length;
      chunks.push(chunk);
      done(refusalOf(seen, limits));
    },
  });
  await pipeline([body, count, ...unpackersOf(encoding), collect]);
}

function refusalOf({ packed, bytes }: { packed: number; bytes: number }, limits: BodyLimits): Error | null {
  if (bytes > limits.bytes) return new BodyRefused(`unpacks to more than ${inWords(limits.bytes)}`);
  return bytes > RATIO_MATTERS && bytes > packed * limits.ratio
    ? new BodyRefused(`unpacks to more than ${limits.ratio} times its size`)
    : null;
}

function unpackersOf(encoding: string | null): Transform[] {
  const names = (encoding ?? "").split(",").map((name) => name.trim().toLowerCase());
  const packed = names.filter((name) => name !== "" && name !== "identity");
  if (packed.length > MAX_LAYERS) throw new BodyRefused(`packed ${packed.length} times over`);
  return packed.reverse().map((name) => {
    const unpacker = UNPACKERS.get(name);
    if (unpacker === undefined)
      throw new BodyRefused(`packed in a way that is not read here (${name.slice(0, 40)})`);
    return unpacker();
  });
}

export const inWords = (bytes: number): string =>
  bytes >= 2 ** 20 ? `${Math.floor(bytes / 2 ** 20)} MB` : `${bytes} bytes`;
