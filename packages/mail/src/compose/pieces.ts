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

/** Lines that readers share but for some words of their own, which stand where marks do. */
export type CutLines = readonly (string | Fragment)[];

/** Words of a reader's own, by the mark that stands in their place; no text that is filled in can hold one. */
export type MarkedWords = ReadonlyMap<string, string>;

/** Cuts text into lines that hold one of the marks, and fragments of those that do not. */
export function cutAtMarks(text: string, marks: readonly string[], of: string): CutLines {
  const pieces: (string | Fragment)[] = [];
  let shared: string[] = [];
  const close = () => {
    if (shared.length > 0) pieces.push(fragmentOf(shared.join("\n"), of));
    shared = [];
  };
  for (const line of text.split("\n")) {
    if (marks.some((mark) => line.includes(mark))) {
      close();
      pieces.push(line);
    } else shared.push(line);
  }
  close();
  return pieces;
}

/** The lines with a reader's words in the place of the marks. */
export const fillMarks = (lines: CutLines, words: MarkedWords): Pieces =>
  lines.map((line) => {
    if (typeof line !== "string") return line;
    let filled = line;
    for (const [mark, text] of words) filled = filled.replaceAll(mark, () => text);
    return filled;
  });
