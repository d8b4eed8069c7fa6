import type { Encoder } from "./quoted-printable.ts";
import { requireSoundBody } from "./sound.ts";

/** Whole lines that readers share, and what was made of them once. */
export interface Fragment {
  /** What it is of, for whoever has to look into it. */
  readonly of: string;
  /** Its lines, without the end of the last one. */
  readonly text: string;
  /** The size of `text` in UTF-8. */
  readonly bytes: number;
  /** Its lines as they stand in a message, once they were encoded. */
  octets?: Buffer;
}

/** A part of a mail in pieces that begin and end with a line: the reader's own text, and what they share with others. */
export type Pieces = readonly (string | Fragment)[];

export const fragmentOf = (text: string, of: string): Fragment => ({
  of,
  text,
  bytes: Buffer.byteLength(text),
});

/** The whole part. */
export const joinPieces = (pieces: Pieces): string =>
  pieces.map((piece) => (typeof piece === "string" ? piece : piece.text)).join("\n");

/** The size of the whole part in UTF-8. */
export function bytesOf(pieces: Pieces): number {
  let bytes = pieces.length - 1;
  for (const piece of pieces) bytes += typeof piece === "string" ? Buffer.byteLength(piece) : piece.bytes;
  return bytes;
}

/**
 * The quoted-printable octets of a part; those of a fragment are made once for all its readers.
 *
 * @throws UnsoundMail naming what the fragment is of
 */
export function encodePieces(pieces: Pieces, encode: Encoder): Buffer[] {
  return pieces.map((piece) => {
    if (typeof piece === "string") return encode(piece);
    piece.octets ??= soundOctets(piece, encode);
    return piece.octets;
  });
}

function soundOctets({ text, of }: Fragment, encode: Encoder): Buffer {
  const octets = encode(text);
  requireSoundBody(octets, of);
  return octets;
}

/** Lines that readers share but for some words of their own, which stand where the mark does. */
export type CutLines = readonly (string | Fragment)[];

/** Cuts text into lines that hold the mark, and fragments of those that do not. */
export function cutAtMark(text: string, mark: string, of: string): CutLines {
  const pieces: (string | Fragment)[] = [];
  let shared: string[] = [];
  const close = () => {
    if (shared.length > 0) pieces.push(fragmentOf(shared.join("\n"), of));
    shared = [];
  };
  for (const line of text.split("\n")) {
    if (line.includes(mark)) {
      close();
      pieces.push(line);
    } else shared.push(line);
  }
  close();
  return pieces;
}

/** The lines with a reader's words in the place of the mark. */
export const fillMark = (lines: CutLines, mark: string, words: string): Pieces =>
  lines.map((line) => (typeof line === "string" ? line.replaceAll(mark, () => words) : line));
