import { isUtf8 } from "node:buffer";

/** Text of a document, and what had to be forgiven to read it; null when nothing had to. */
export interface DecodedText {
  readonly text: string;
  readonly forgiven: string | null;
}

const DECLARED = /^\s{0,100}<\?xml[^>]{0,200}?\sencoding\s{0,9}=\s{0,9}["']([A-Za-z0-9._:-]{1,40})["']/;
const SAID = /;\s{0,20}charset\s{0,9}=\s{0,9}["']?([A-Za-z0-9._:-]{1,40})/i;
/** What the bytes 0x80 to 0x9f are there; five of them are nothing. */
const WINDOWS_1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";
const ESCAPE = 0x1b;

/**
 * Text of a document as bytes. A byte order mark decides, and then the bytes: what is valid UTF-8 and more than ASCII is
 * UTF-8 whatever it is said to be, since labels outlive conversions. Only for other bytes the declaration is asked, and then
 * the server (against RFC 7303, since servers say what they say of all their files). Bytes that are not what they are said to
 * be are read as what they most likely are. Never fails.
 */
export function decodeText(bytes: Uint8Array, contentType = ""): DecodedText {
  const marked = markedEncoding(bytes);
  if (marked !== null) return decodeAs(marked, bytes) ?? damaged(marked, bytes);
  const labels = labelsOf(bytes, contentType);
  // ISO-2022-JP is written in ASCII.
  const isEscaped = labels.includes("iso-2022-jp") && bytes.includes(ESCAPE);
  if (!isEscaped && isUtf8(bytes)) return { text: new TextDecoder().decode(bytes), forgiven: null };
  for (const label of labels) {
    const decoded = label === "utf-8" ? null : decodeAs(label, bytes);
    if (decoded !== null) return decoded;
  }
  return damaged("utf-8", bytes);
}

/** By its mark; `<` shows UTF-16 without one. */
function markedEncoding([first, second, third]: Uint8Array): string | null {
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return "utf-16le";
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return "utf-16be";
  return first === 0xef && second === 0xbb && third === 0xbf ? "utf-8" : null;
}

/** Encodings it is said to have and that are known, by their standard names (https://encoding.spec.whatwg.org). */
function labelsOf(bytes: Uint8Array, contentType: string): string[] {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 400)).toString(
    "latin1",
  );
  const said = [DECLARED.exec(head)?.[1], SAID.exec(contentType)?.[1]];
  return said.flatMap((label) => {
    const known = label === undefined ? null : standardName(label);
    // Bytes in UTF-16 would have been known by their zeros.
    return known === null || known.startsWith("utf-16") ? [] : [known];
  });
}

function standardName(label: string): string | null {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}

function decodeAs(label: string, bytes: Uint8Array): DecodedText | null {
  try {
    const decoder = new TextDecoder(label, { fatal: true });
    const text = decoder.decode(bytes);
    return { text: decoder.encoding === "windows-1252" ? windows1252(text) : text, forgiven: null };
  } catch {
    return null;
  }
}

/**
 * UTF-8 with some broken bytes keeps the rest of its letters. Without a single letter beyond ASCII that is right the bytes are of
 * windows-1252, the encoding of those who do not say.
 */
function damaged(label: string, bytes: Uint8Array): DecodedText {
  const text = new TextDecoder(label).decode(bytes);
  const forgiven = `some bytes are not valid ${label}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with controls
  if (label !== "utf-8" || /[^\u0000-\u007f\ufffd]/.test(text)) return { text, forgiven };
  return { text: windows1252(new TextDecoder("windows-1252").decode(bytes)), forgiven };
}

/** Node 20 reads windows-1252, which ISO-8859-1 means on the web, as Latin-1: quotes and dashes become controls. */
const windows1252 = (text: string) =>
  text.replace(/[\u0080-\u009f]/g, (control) => WINDOWS_1252.charAt(control.charCodeAt(0) - 0x80));
