import type { PaperCard } from "../paper-card.ts";
import type { Encoder } from "./quoted-printable.ts";
import { requireSoundBody } from "./sound.ts";

/** A part of a mail in pieces that begin and end with a line: the reader's own text, and cards, which readers share. */
export type Pieces = readonly (string | PaperCard)[];

/** How a card stands in a part. */
type Form = "html" | "text";

/** The whole part; a card stands in it in its form. */
export const joinPieces = (pieces: Pieces, form: Form): string =>
  pieces.map((piece) => (typeof piece === "string" ? piece : piece[form])).join("\n");

/** The size of the whole part in UTF-8. */
export function bytesOf(pieces: Pieces, form: Form): number {
  let bytes = pieces.length - 1;
  for (const piece of pieces) {
    if (typeof piece === "string") bytes += Buffer.byteLength(piece);
    else {
      piece.bytes[form] ??= Buffer.byteLength(piece[form]);
      bytes += piece.bytes[form];
    }
  }
  return bytes;
}

/**
 * The quoted-printable octets of a part, those of a card made once for all its readers.
 *
 * @throws UnsoundMail naming the paper
 */
export function encodePieces(pieces: Pieces, form: Form, encode: Encoder): Buffer[] {
  return pieces.map((piece) => {
    if (typeof piece === "string") return encode(piece);
    piece.octets[form] ??= soundOctets(piece, form, encode);
    return piece.octets[form];
  });
}

function soundOctets(card: PaperCard, form: Form, encode: Encoder): Buffer {
  const octets = encode(card[form]);
  requireSoundBody(octets, `paper ${card.paperId} (${card.title})`);
  return octets;
}
