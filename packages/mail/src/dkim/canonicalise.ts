/** What is signed, in the "relaxed" forms of RFC 6376 section 3.4. Header text is octets: one character each (latin1). */

const [TAB, LF, CR, SPACE] = [0x09, 0x0a, 0x0d, 0x20];

/** A message cut at its first empty line; each header field with its folding, and without its last CRLF. */
export interface WireMessage {
  readonly fields: readonly string[];
  /** As SMTP carries it: every line ends in CRLF. */
  readonly body: Buffer;
}

/** Cuts a message whose lines end in CRLF. */
export function splitMessage(wire: Buffer): WireMessage {
  if (wire[0] === CR && wire[1] === LF) return { fields: [], body: wire.subarray(2) };
  const end = wire.indexOf("\r\n\r\n");
  const head = wire.toString("latin1", 0, end < 0 ? Math.max(0, wire.length - 2) : end);
  return { fields: head.split(/\r\n(?![ \t])/), body: wire.subarray(end < 0 ? wire.length : end + 4) };
}

/** The message as SMTP carries it: every line ends in CRLF (RFC 5321 section 2.3.8), the last one too. */
export function onTheWire(message: Buffer): Buffer {
  const wire = Buffer.allocUnsafe(2 * message.length + 2);
  let length = 0;
  for (let at = 0; at < message.length; at++) {
    const octet = message[at] as number;
    if (octet === LF || octet === CR) {
      if (octet === CR && message[at + 1] === LF) at++;
      wire[length++] = CR;
      wire[length++] = LF;
    } else wire[length++] = octet;
  }
  if (length === 0 || wire[length - 1] !== LF) {
    wire[length++] = CR;
    wire[length++] = LF;
  }
  return wire.subarray(0, length);
}

/** The lower-case name of a header field. */
export function nameOf(field: string): string {
  return field.slice(0, field.indexOf(":")).trimEnd().toLowerCase();
}

/** Section 3.4.2, without a CRLF at the end. */
export function relaxField(field: string): string {
  const value = field.slice(field.indexOf(":") + 1).replace(/\r\n/g, "");
  return `${nameOf(field)}:${trimSpace(value.replace(/[ \t]+/g, " "))}`;
}

/** Section 3.4.4, for a body whose lines end in CRLF. */
export function relaxBody(body: Buffer): Buffer {
  const relaxed = Buffer.allocUnsafe(body.length + 2);
  let length = 0;
  /** Where the last line that is not empty ends. */
  let end = 0;
  let isBlank = false;
  for (let at = 0; at < body.length; at++) {
    const octet = body[at] as number;
    if (octet === SPACE || octet === TAB) isBlank = true;
    else if (octet === CR && body[at + 1] === LF) {
      relaxed[length++] = CR;
      relaxed[length++] = LF;
      isBlank = false;
      at++;
    } else {
      if (isBlank) relaxed[length++] = SPACE;
      relaxed[length++] = octet;
      isBlank = false;
      end = length;
    }
  }
  if (end === 0) return Buffer.alloc(0);
  relaxed[end] = CR;
  relaxed[end + 1] = LF;
  return relaxed.subarray(0, end + 2);
}

/** Not `trim`: to that a no-break space, or half of a UTF-8 character, is blank as well. */
function trimSpace(text: string): string {
  return text.replace(/^ /, "").replace(/ $/, "");
}
