/** A message would break a rule of RFC 5322 or RFC 5321; nothing of it is sent. */
export class UnsoundMail extends Error {
  override readonly name = "UnsoundMail";
}

/** Whole lines of quoted-printable: short, without octets beyond ASCII or controls, each ended by CRLF. */
const ENCODED = /^(?:[ -~]{0,76}\r\n)*$/;
const DOT_AT_START = /^\./m;

/** Throws UnsoundMail, naming what they are of, unless these octets may stand in a body as they are. */
export function requireSoundBody(octets: Buffer, of: string): void {
  const text = octets.toString("latin1");
  if (!ENCODED.test(text) || DOT_AT_START.test(text)) throw new UnsoundMail(`${of} cannot stand in a mail`);
}

/** RFC 5322 section 2.2: printable ASCII, folded before white space. */
const FIELD = /^[!-9;-~]+:[\t -~]*(?:\r\n[\t ]+[!-~][\t -~]*)*$/;
/** RFC 5322 section 2.1.1, without the CRLF. */
const LONGEST_LINE = 998;

/** Throws UnsoundMail, naming the field, unless it may stand in a header as it is. */
export function requireSoundField(field: string): void {
  const longest = Math.max(...field.split("\r\n").map((line) => line.length));
  if (FIELD.test(field) && longest <= LONGEST_LINE) return;
  throw new UnsoundMail(
    `the field ${JSON.stringify(field.slice(0, field.indexOf(":")))} cannot stand in a header`,
  );
}
