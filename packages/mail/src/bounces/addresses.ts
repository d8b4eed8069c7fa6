const LINK = /\b(?:https?|ftp|mailto):[^\s<>"]{1,2000}/gi;
const LETTER = /^[\p{L}\p{N}]$/u;
const LOCAL_SIGNS = new Set("!#$%&'*+/=?^_`{|}~.-");
/** RFC 5321 section 4.5.3.1. */
const MAX_LOCAL = 64;
const MAX_DOMAIN = 254;

/** Every address in a text, as written, each once, in order. */
export function addressesIn(text: string): string[] {
  const found = spansOf(text).map(({ from, to }) => text.slice(from, to).replace(/^[.'`*_=]+/, ""));
  return unique(found.filter(plausible));
}

/** The same in lower case: how recipients are compared and stored. */
export function recipientsIn(text: string): string[] {
  return unique(addressesIn(text).map((address) => address.toLowerCase()));
}

/**
 * Words inside addresses and links say nothing of what went wrong: `spam-club@example.org` is a reader, and
 * `https://example.org/blocked` a help page.
 */
export function withoutAddresses(text: string): string {
  const unlinked = text.replace(LINK, " ");
  const kept: string[] = [];
  let end = 0;
  for (const { from, to } of spansOf(unlinked)) {
    kept.push(unlinked.slice(end, from));
    end = to;
  }
  return [...kept, unlinked.slice(end)].join("@");
}

/** Feedback loops replace the reader's address with words like these (RFC 6590). */
export function isRedacted(address: string): boolean {
  const local = address.slice(0, address.indexOf("@"));
  return /^(?:redacted|removed|hidden|anonymous|undisclosed|x{3,}|[*.]+)$/i.test(local);
}

/** Machines write mail under these names; they never subscribe. */
export function isDaemon(address: string): boolean {
  return /^(?:mail(?:er)?[-_.]?daemon|mdaemon|po{1,2}st-?master|mail-?delivery|mail-?system|bounces?|noreply|no-reply)@/i.test(
    address,
  );
}

export function unique<T>(values: Iterable<T>): T[] {
  return [...new Set(values)];
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Where addresses stand: looked for from each @, and bounded on both sides of it, so that no text makes it slow. */
function spansOf(text: string): Span[] {
  const spans: Span[] = [];
  let at = text.indexOf("@");
  while (at >= 0) {
    const from = startOfLocal(text, at, spans.at(-1)?.to ?? 0);
    const to = from === null ? null : endOfDomain(text, at + 1);
    if (from !== null && to !== null) spans.push({ from, to });
    at = text.indexOf("@", Math.max(at + 1, to ?? 0));
  }
  return spans;
}

/** Null when nothing stands before the @, too much, or another @. */
function startOfLocal(text: string, at: number, floor: number): number | null {
  let from = at;
  while (from > floor) {
    const character = before(text, from);
    if (!LOCAL_SIGNS.has(character) && !LETTER.test(character)) break;
    from -= character.length;
    if (at - from > MAX_LOCAL) return null;
  }
  return from === at || text[from - 1] === "@" ? null : from;
}

/** Null when no domain stands there. */
function endOfDomain(text: string, start: number): number | null {
  let to = start;
  let end: number | null = null;
  while (to < text.length && to - start < MAX_DOMAIN) {
    const character = String.fromCodePoint(text.codePointAt(to) ?? 0);
    const isLetter = LETTER.test(character);
    if (!isLetter && (to === start || (character !== "." && character !== "-"))) break;
    to += character.length;
    if (isLetter) end = to;
  }
  return end;
}

function before(text: string, at: number): string {
  const character = text[at - 1] ?? "";
  const isPair = /^[\udc00-\udfff]$/.test(character) && /^[\ud800-\udbff]$/.test(text[at - 2] ?? "");
  return isPair ? text.slice(at - 2, at) : character;
}

function plausible(address: string): boolean {
  const at = address.indexOf("@");
  return at > 0 && !address.slice(at).includes("..");
}
