/**
 * What is signed, in the "relaxed" forms of RFC 6376 section 3.4. Text here is octets: one character each (latin1).
 */

/** The message as SMTP carries it: every line ends in CRLF (RFC 5321 section 2.3.8), the last one too. */
export function onTheWire(message: string): string {
  const lines = message.replace(/\r\n|\r|\n/g, "\r\n");
  return lines.endsWith("\r\n") ? lines : `${lines}\r\n`;
}

/** A message cut at its first empty line; each header field with its folding, and without its last CRLF. */
export interface WireMessage {
  readonly fields: readonly string[];
  readonly body: string;
}

/** Cuts a message whose lines end in CRLF. */
export function splitMessage(wire: string): WireMessage {
  if (wire.startsWith("\r\n")) return { fields: [], body: wire.slice(2) };
  const end = wire.indexOf("\r\n\r\n");
  const head = end < 0 ? wire.slice(0, -2) : wire.slice(0, end);
  return { fields: head.split(/\r\n(?![ \t])/), body: end < 0 ? "" : wire.slice(end + 4) };
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
export function relaxBody(body: string): string {
  // In this order every pattern is linear: a page of blanks in the body costs no more than a page of words.
  const lines = body.replace(/[ \t]+/g, " ").replace(/ \r\n/g, "\r\n");
  let end = lines.endsWith(" ") ? lines.length - 1 : lines.length;
  while (end >= 2 && lines.startsWith("\r\n", end - 2)) end -= 2;
  return end === 0 ? "" : `${lines.slice(0, end)}\r\n`;
}

/** Not `trim`: to that a no-break space, or half of a UTF-8 character, is blank as well. */
function trimSpace(text: string): string {
  return text.replace(/^ /, "").replace(/ $/, "");
}
