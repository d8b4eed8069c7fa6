/** An encoded line has at most so many characters (RFC 2045 section 6.7). */
const WIDTH = 76;

/** Lines that are their own encoding, unless they are too long. */
const PLAIN = /^[!-<>-~]*(?: [!-<>-~]+)*$/;
/** SMTP doubles a dot at the start of a line, and mailboxes in mbox format rewrite this word. */
const SPECIAL_START = /^(?:\.|From )/;

const SPACE = 0x20;
const DOT = 0x2e;
const EQUALS = 0x3d;
const CAPITAL_F = 0x46;

const escaped = Array.from(
  { length: 256 },
  (_, octet) => `=${octet.toString(16).toUpperCase().padStart(2, "0")}`,
);
/** Each octet as it stands in an encoded line. */
const encoded = escaped.map((code, octet) =>
  octet >= SPACE && octet <= 0x7e && octet !== EQUALS ? String.fromCharCode(octet) : code,
);

/**
 * One line of text in quoted-printable (RFC 2045), as one line or more of at most 76 characters, joined by CRLF.
 *
 * Of what the encoding leaves open this takes what spares work later: no line begins with a dot, so that SMTP has none to double
 * (RFC 5321 section 4.5.2), and white space is a single blank between other characters, so that the line is in the relaxed form
 * that DKIM signs (RFC 6376 section 3.4.4).
 */
export function encodeLine(line: string): string {
  if (line.length <= WIDTH && PLAIN.test(line) && !SPECIAL_START.test(line)) return line;
  const octets = Buffer.from(line);
  let text = "";
  let column = 0;
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at] as number;
    let piece = octet === SPACE && !isSingleBlank(octets, at) ? "=20" : (encoded[octet] as string);
    const width = widthFrom(octets, at, piece);
    if (column + width > (at + lengthOf(octet) >= octets.length ? WIDTH : WIDTH - 1)) {
      text += "=\r\n";
      column = 0;
    }
    if (column === 0 && (octet === DOT || (octet === CAPITAL_F && octets[at + 4] === SPACE))) {
      piece = escaped[octet] as string;
    }
    text += piece;
    column += piece.length;
  }
  return text;
}

const isSingleBlank = (octets: Buffer, at: number): boolean =>
  at + 1 < octets.length && octets[at - 1] !== SPACE;

/** How much room must be left for what begins here: the octets of one character of UTF-8 stay together. */
function widthFrom(octets: Buffer, at: number, piece: string): number {
  const octet = octets[at] as number;
  if (octet >= 0xc0) return 3 * lengthOf(octet);
  if (octet >= 0x80) return 0; // within a character that was given its room
  return octet === DOT || octet === CAPITAL_F ? 3 : piece.length;
}

const lengthOf = (lead: number): number => (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1);

/** Encodes text of several lines, and gives whole lines: a CRLF stands behind the last one too. */
export type Encoder = (text: string) => Buffer;

/** An encoder that remembers the lines that nearly all texts have in common. */
export function createEncoder(common: Iterable<string>): Encoder {
  const known = new Map<string, string>();
  for (const line of common) known.set(line, encodeLine(line));
  return (text) => {
    const lines = text.split(/\r?\n/).map((line) => known.get(line) ?? encodeLine(line));
    return Buffer.from(`${lines.join("\r\n")}\r\n`, "latin1");
  };
}
