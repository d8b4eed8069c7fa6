import { domainToASCII } from "node:url";
import { mailboxKey } from "./mailbox-key.ts";

/** A mailbox we are willing to write to, or why not. */
export type ParsedAddress =
  | {
      readonly ok: true;
      /** Ready for an envelope: local part as typed, domain in lower-case ASCII (punycode). */
      readonly address: string;
      /** Equal for two spellings of one mailbox, see `mailboxKey`. */
      readonly key: string;
    }
  | { readonly ok: false; readonly reason: string };

/** RFC 5321 section 4.5.3.1, in octets; the path limit of 256 counts the angle brackets. */
const LIMITS = { local: 64, total: 254, label: 63 };

/** What would make a mailer see a list, a group, a comment, a route or a display name instead of one address. */
const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  [/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/, "it holds a line break or another control character"],
  [/\s/, "it holds a space"],
  [/[,;:]/, "it holds , ; or : (give one address only)"],
  [/["\\]/, "quoted names are not supported"],
  [/[<>()]/, "write the bare address, without <> or ()"],
  [/[[\]]/, "a domain name is needed, not an IP address"],
];

const LOCAL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/**
 * Reads exactly one addr-spec (RFC 5322 section 3.4.1) in dot-atom form, without comments, quotes, folding or
 * IP literals, so that no mailer can split or fold what is accepted here. An internationalised domain becomes
 * punycode; a local part outside ASCII is refused, because not every relay speaks SMTPUTF8.
 */
export function parseAddress(text: string): ParsedAddress {
  for (const [pattern, reason] of FORBIDDEN) if (pattern.test(text)) return refuse(reason);
  const [local = "", domain, ...rest] = text.split("@");
  if (text === "") return refuse("it is empty");
  if (domain === undefined) return refuse("the @ is missing");
  if (rest.length > 0) return refuse("it holds more than one @");
  const wrong = checkLocal(local);
  if (wrong) return refuse(wrong);
  const ascii = asciiDomain(domain);
  if ("reason" in ascii) return refuse(ascii.reason);
  const address = `${local}@${ascii.domain}`;
  if (address.length > LIMITS.total) return refuse(`it is longer than ${LIMITS.total} characters`);
  return { ok: true, address, key: mailboxKey(address) };
}

function refuse(reason: string): ParsedAddress {
  return { ok: false, reason };
}

function checkLocal(local: string): string | null {
  if (local === "") return "the part before the @ is missing";
  if (/[^ -~]/.test(local)) return "the part before the @ must be ASCII";
  if (local.length > LIMITS.local) return `the part before the @ is longer than ${LIMITS.local} characters`;
  if (!LOCAL.test(local))
    return "the part before the @ has a misplaced dot or a character that is not allowed";
  return null;
}

/** Lower-case ASCII form of a host name of at least two labels, or why it is none. */
function asciiDomain(domain: string): { domain: string } | { reason: string } {
  if (domain === "") return { reason: "the domain is missing" };
  // domainToASCII speaks URL, where % escapes and 0x7f is an address: only names may reach it.
  if (/[^A-Za-z0-9.\-\u0080-\u{10ffff}]/u.test(domain)) {
    return { reason: "the domain holds a character that is not allowed" };
  }
  const ascii = domainToASCII(domain);
  const labels = ascii.split(".");
  if (ascii === "") return { reason: "the domain is not a valid name" };
  if (labels.length < 2) return { reason: "the domain needs a dot, as in example.org" };
  if (labels.includes("")) return { reason: "the domain has a misplaced dot" };
  if (labels.some((label) => label.length > LIMITS.label)) {
    return { reason: `a part of the domain is longer than ${LIMITS.label} characters` };
  }
  if (!labels.every((label) => LABEL.test(label))) return { reason: "the domain is not a valid name" };
  if (/^\d+$/.test(labels.at(-1) ?? "")) return { reason: "a domain name is needed, not an IP address" };
  return { domain: ascii };
}

/** What stands behind the last `@`, in lower case. */
export const domainOf = (address: string): string =>
  address.slice(address.lastIndexOf("@") + 1).toLowerCase();
