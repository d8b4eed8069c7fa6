import { type FileHandle, open } from "node:fs/promises";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { FormatError } from "./formats/outcome.ts";

/** The arXiv snapshot is 5 GB and fits; a bomb ends here. */
const MAX_UNPACKED_BYTES = 8 * 1024 ** 3;
const GZIP_MAGIC = 0x1f8b;
const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  ENOTDIR: "no such file",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "is a directory",
};

/** A file that can't be opened or read; `message` is one line that starts with its path. */
export class FileError extends Error {
  override readonly name = "FileError";
}

const explain = (path: string, error: unknown) => {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return new FileError(`${path}: ${PROBLEMS[code] ?? message}`, { cause: error });
};

/** A pipe can't be looked into without taking from it, so there the name decides. */
async function isGzip(file: FileHandle, path: string, seekable: boolean): Promise<boolean> {
  if (!seekable) return path.endsWith(".gz");
  const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
  return bytesRead === 2 && buffer.readUInt16BE(0) === GZIP_MAGIC;
}

function atMost(maxBytes: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > maxBytes) done(new FormatError(`unpacks to more than ${Math.floor(maxBytes / 2 ** 20)} MB`));
      else done(null, chunk);
    },
  });
}

async function* gunzip(packed: Readable, maxBytes: number): AsyncGenerator<Buffer> {
  const unpacked = atMost(maxBytes);
  // Errors of any part arrive where the last part is read.
  const done = pipeline(packed, createGunzip(), unpacked);
  done.catch(() => undefined);
  try {
    yield* unpacked as AsyncIterable<Buffer>;
  } catch (error) {
    const damaged = String((error as NodeJS.ErrnoException).code).startsWith("Z_");
    throw damaged ? new FormatError("the gzip data is cut short or damaged") : error;
  }
}

/**
 * Reads a file of papers chunk by chunk, gunzipped when it is gzip, whatever its name says.
 * Nothing is opened before the first chunk is asked for; the file is closed when reading ends or is given up.
 * @throws {FileError} when the file is missing, unreadable or a directory.
 * @throws {FormatError} when gzip data is damaged or unpacks to more than `maxUnpackedBytes` (8 GB).
 */
export async function* openPapersFile(
  path: string,
  { maxUnpackedBytes = MAX_UNPACKED_BYTES }: { readonly maxUnpackedBytes?: number } = {},
): AsyncGenerator<Buffer> {
  const file = await open(path).catch((error) => Promise.reject(explain(path, error)));
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) throw explain(path, { code: "EISDIR" });
    const packed = await isGzip(file, path, stats.isFile());
    const stream = file.createReadStream({ ...(stats.isFile() ? { start: 0 } : {}), autoClose: false });
    yield* packed ? gunzip(stream, maxUnpackedBytes) : (stream as AsyncIterable<Buffer>);
  } catch (error) {
    throw error instanceof FormatError || error instanceof FileError ? error : explain(path, error);
  } finally {
    await file.close();
  }
}
