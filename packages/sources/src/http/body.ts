import { type Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BodyRefused, counting, unpackersOf } from "./unpack.ts";

export { BodyRefused };

export interface BodyLimits {
  /** As it comes over the wire. */
  readonly packedBytes: number;
  /** Unpacked. */
  readonly bytes: number;
  /** How many times larger than it came a body may become, once it is past a megabyte. */
  readonly ratio: number;
}

/** Why a body that begins so is not taken; null when it is, undefined when that can't be told yet. */
export type Judge = (beginning: Buffer, isAll: boolean) => Error | null | undefined;

/** Below this a high ratio harms nobody. */
const RATIO_MATTERS = 2 ** 20;

/**
 * Reads a body whole, unpacked.
 * @param judge looks at the beginning, as soon as there is one.
 * @throws {BodyRefused} when a limit is passed; the connection is cut then.
 */
export async function readBody(
  body: Readable,
  encoding: string | null,
  limits: BodyLimits,
  judge: Judge = () => null,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await pour(body, encoding, limits, chunks, judge);
  return Buffer.concat(chunks);
}

/** Reads the first bytes of a body, unpacked; fewer when it fails before. */
export async function readBeginning(
  body: Readable,
  encoding: string | null,
  limits: BodyLimits & { readonly beginning: number },
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const bounds = { ...limits, bytes: limits.beginning };
  await pour(body, encoding, bounds, chunks, () => null).catch(() => undefined);
  return Buffer.concat(chunks).subarray(0, limits.beginning);
}

/** Unpacks a body into `chunks`, counting on both sides of the unpacking. */
async function pour(
  body: Readable,
  encoding: string | null,
  limits: BodyLimits,
  chunks: Buffer[],
  judge: Judge,
): Promise<void> {
  const seen = { packed: 0, bytes: 0 };
  let verdict: ReturnType<Judge>;
  const count = counting((packed) => {
    seen.packed = packed;
    return packed <= limits.packedBytes
      ? null
      : new BodyRefused(`larger than ${inWords(limits.packedBytes)}`);
  });
  const collect = new Writable({
    write(chunk: Buffer, _encoding, done) {
      seen.bytes += chunk.length;
      chunks.push(chunk);
      if (verdict === undefined) verdict = judge(Buffer.concat(chunks), false);
      done(verdict ?? refusalOf(seen, limits));
    },
    final(done) {
      done(verdict ?? judge(Buffer.concat(chunks), true) ?? null);
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

export const inWords = (bytes: number): string =>
  bytes >= 2 ** 20 ? `${Math.floor(bytes / 2 ** 20)} MB` : `${bytes} bytes`;
