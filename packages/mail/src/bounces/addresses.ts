// Bounded on both sides of the @ (RFC 5321 section 4.5.3.1), so that no input makes it slow.
const ADDRESS =
  /(?<![\w.!#$%&'*+/=?^`{|}~@-])[\p{L}\p{N}!#$%&'*+/=?^_`{|}~.-]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,252}[\p{L}\p{N}])?/gu;
const LINK = /\b(?:https?|ftp|mailto):[^\s<>"]{1,2000}/gi;

/** Every address in a text, as written, each once, in order. */
export function addressesIn(text: string): string[] {
  const found = (text.match(ADDRESS) ?? []).map((address) => address.replace(/^[.'`*_=]+/, ""));
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
  return text.replace(LINK, " ").replace(ADDRESS, "@");
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

function plausible(address: string): boolean {
  const at = address.indexOf("@");
  return at > 0 && !address.slice(at).includes("..");
}
