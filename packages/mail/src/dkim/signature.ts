import { createHash, sign } from "node:crypto";
import { nameOf, relaxField } from "./canonicalise.ts";
import type { DkimKey } from "./keys.ts";

/** RFC 8058 section 4 wants both unsubscribe fields under the signature. */
const SIGNED = [
  "from",
  "to",
  "subject",
  "date",
  "message-id",
  "mime-version",
  "content-type",
  "content-transfer-encoding",
  "list-id",
  "list-unsubscribe",
  "list-unsubscribe-post",
  "auto-submitted",
  "feedback-id",
];

/** Named once more than they occur, so that a second one, added on the way, breaks the signature (section 8.15). */
const OVERSIGNED = new Set(["from", "to", "subject", "date"]);

const WIDTH = 76;

/**
 * One DKIM-Signature field for each key, folded, without a CRLF at the end.
 *
 * @param all the header, each field with its folding
 * @param body the body in its relaxed form, in pieces
 */
export function signatureFields(
  all: readonly string[],
  body: readonly Buffer[],
  keys: readonly DkimKey[],
  at: Date,
): string[] {
  const bodyHash = hashOf(body);
  const { names, fields } = selectFields(all);
  const signed = fields.map((field) => `${relaxField(field)}\r\n`).join("");
  return keys.map((key) => {
    const unsigned = fold([
      "DKIM-Signature: v=1;",
      ` a=${key.type}-sha256;`,
      " c=relaxed/relaxed;",
      ` d=${key.domain};`,
      ` s=${key.selector};`,
      ` t=${Math.floor(at.getTime() / 1000)};`,
      ...names.map((name, i) => `${i === 0 ? " h=" : ""}${name}${i < names.length - 1 ? ":" : ";"}`),
      ` bh=${bodyHash};`,
      " b=",
    ]);
    const signature = signatureOf(signed + relaxField(unsigned), key);
    return fold([unsigned, ...(signature.match(/.{1,4}/g) ?? [])]);
  });
}

function hashOf(body: readonly Buffer[]): string {
  const hash = createHash("sha256");
  for (const piece of body) hash.update(piece);
  return hash.digest("base64");
}

/** Which fields are signed, in the order of `h=`: of several alike the lowest first (section 5.4.2). */
function selectFields(all: readonly string[]): { names: string[]; fields: string[] } {
  const names: string[] = [];
  const fields: string[] = [];
  for (const name of SIGNED) {
    const alike = all.filter((field) => nameOf(field) === name).reverse();
    fields.push(...alike);
    names.push(...alike.map(() => name), ...(OVERSIGNED.has(name) ? [name] : []));
  }
  return { names, fields };
}

/** RFC 8463 section 3 signs the SHA-256 of what RSA signs. */
function signatureOf(text: string, { type, privateKey }: DkimKey): string {
  const octets = Buffer.from(text, "latin1");
  const signature =
    type === "rsa"
      ? sign("sha256", octets, privateKey)
      : sign(null, createHash("sha256").update(octets).digest(), privateKey);
  return signature.toString("base64");
}

/** Joins pieces, breaking the line before the first that would pass the width. */
function fold(pieces: readonly string[]): string {
  let text = "";
  let column = 0;
  for (const piece of pieces) {
    const broken = column > 0 && column + piece.length > WIDTH;
    const next = broken && !piece.startsWith(" ") ? ` ${piece}` : piece;
    text += broken ? `\r\n${next}` : next;
    column = broken ? next.length : text.length - (text.lastIndexOf("\n") + 1);
  }
  return text;
}
