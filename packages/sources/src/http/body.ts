import { type Readable, type Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

export interface BodyLimits {
  /** Milliseconds without a byte. */
  readonly idleMs: number;
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
const UNPACKERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/**
 * Reads a body whole, unpacked, counting on both sides of the unpacking.
 * @throws {BodyRefused} when a limit is passed; the connection is cut then.
 */
export async function readBody(body: Readable, encoding: string | null, limits: BodyLimits): Promise<Buffer> {
  const seen = { packed: 0, bytes: 0 };
  const chunks: Buffer[] = [];
  const counted = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      seen.packed += chunk.length;
      if (seen.packed > limits.packedBytes)
        throw new BodyRefused(`larger than ${megabytes(limits.packedBytes)}`);
      yield chunk;
    }
  };
  const collect = new Writable({
    write(chunk: Buffer, _encoding, done) {
      seen.bytes += chunk.length;
      chunks.push(chunk);
      done(problem(seen, limits));
    },
  });
  const [first, second] = unpackers(encoding);
  if (first && second) await pipeline(body, counted, first, second, collect);
  else if (first) await pipeline(body, counted, first, collect);
  else await pipeline(body, counted, collect);
  return Buffer.concat(chunks);
}

function problem({ packed, bytes }: { packed: number; bytes: number }, limits: BodyLimits): Error | null {
  if (bytes > limits.bytes) return new BodyRefused(`unpacks to more than ${megabytes(limits.bytes)}`);
  if (bytes > RATIO_MATTERS && bytes > packed * limits.ratio) {
    return new BodyRefused(`unpacks to more than ${limits.ratio} times its size`);
  }
  return null;
}

function unpackers(encoding: string | null): Transform[] {
  const names = (encoding ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim());
  const used = names.filter((name) => name !== "" && name !== "identity").reverse();
  if (used.length > 2) throw new BodyRefused(`packed ${used.length} times over`);
  return used.map((name) => {
    const unpacker = UNPACKERS[name];
    if (unpacker === undefined) throw new BodyRefused(`packed in a way that is not read here (${name})`);
    return unpacker();
  });
}

const megabytes = (bytes: number) =>
  bytes >= 2 ** 20 ? `${Math.floor(bytes / 2 ** 20)} MB` : `${bytes} bytes`;
