import { isIP } from "node:net";
import { refuseAddress, refuseName } from "./address-guard.ts";

/** The guard said no; `message` says why, in words for whoever added the source. */
export class GuardRefused extends Error {
  override readonly name = "GuardRefused";
}

/** What browsers do not speak HTTP to either (https://fetch.spec.whatwg.org/#port-blocking): mail, shells, directories. */
const REFUSED_PORTS = new Set(
  `1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123 135
   137 139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993 995
   1719 1720 1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080 0`.split(
    /\s+/,
  ),
);

/**
 * The URL that a text is, when it may be asked for as far as one can tell without asking a name server.
 * @throws {GuardRefused}
 */
export function requireAllowed(text: string, allowPrivate: boolean): URL {
  if (!URL.canParse(text)) throw new GuardRefused(`"${text.slice(0, 200)}" is no web address`);
  const url = new URL(text);
  const reason = refuseForm(url) ?? (allowPrivate ? null : refuseHost(url.hostname));
  if (reason !== null) throw new GuardRefused(reason);
  return url;
}

function refuseForm({ protocol, username, password, port }: URL): string | null {
  if (protocol !== "https:" && protocol !== "http:")
    return `only https and http are fetched, not ${protocol.slice(0, 40)}`;
  if (username !== "" || password !== "") return "addresses with a user name or password are not fetched";
  return REFUSED_PORTS.has(port) ? `port ${port} belongs to another service` : null;
}

function refuseHost(hostname: string): string | null {
  const host = hostname.replace(/^\[|\]$/g, "");
  return isIP(host) ? refuseAddress(host) : refuseName(host);
}

/**
 * Where a redirect leads.
 * @throws {GuardRefused} when that is nowhere, or gives up encryption.
 */
export function nextHop(from: string, location: string): string {
  if (!URL.canParse(location, from)) throw new GuardRefused("redirected to something that is no web address");
  const next = new URL(location, from);
  if (new URL(from).protocol === "https:" && next.protocol === "http:")
    throw new GuardRefused(`redirected from https to http (${next.host})`);
  return next.href;
}
