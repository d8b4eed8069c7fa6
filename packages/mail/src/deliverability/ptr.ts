import { addressesOf, isPrivate, isSameAddress } from "./addresses.ts";
import { none, type Resolver, whyNoAnswer } from "./resolver.ts";
import { ok, type Verdict, warning, worstOf, wrong } from "./verdict.ts";

/** Of an address with more names, the first few are looked at, as receivers do (RFC 7208 section 4.6.4). */
const MOST_NAMES = 10;

/** The host that SMTP_URL names, and whether it belongs to who sends. */
export interface RelayHost {
  readonly host: string;
  /** Its name is under the sender's own domain; the names of a relay of others are theirs to repair. */
  readonly ours: boolean;
}

/**
 * Forward-confirmed reverse DNS: each address of the relay has a name (PTR, RFC 1035 section 3.5) that leads back to
 * it, which large receivers demand of whoever connects to them.
 */
export async function ptrOf(relay: RelayHost, resolver: Resolver): Promise<Verdict> {
  const addresses = await addressesOf(relay.host, resolver);
  if (addresses.length === 0)
    return warning(
      `${relay.host} has no address in DNS: if your own network knows it, look at the address it sends from; else check the host in SMTP_URL`,
    );
  const verdict = worstOf(await Promise.all(addresses.map((address) => nameOf(address, relay, resolver))));
  return verdict.level === "error" && !relay.ours ? itsOwnAffair(verdict, relay) : verdict;
}

const itsOwnAffair = ({ says }: Verdict, { host }: RelayHost): Verdict =>
  warning(
    `${says}. But ${host} is not under your domain, and a relay of others is its operator's affair: tell them if mails are refused for it`,
  );

async function nameOf(address: string, relay: RelayHost, resolver: Resolver): Promise<Verdict> {
  if (isPrivate(address))
    return warning(
      `${relay.host} is ${address}, an address of your own network: check the PTR record of the one it sends from`,
    );
  try {
    const names = ((await none(resolver.reverse(address))) ?? []).slice(0, MOST_NAMES);
    for (const name of names) if (await leadsTo(name, address, resolver)) return ok(`${address} is ${name}`);
    return unconfirmed(address, names, relay);
  } catch (error) {
    return warning(`the name of ${address} could not be asked: ${whyNoAnswer(error)}`);
  }
}

async function leadsTo(name: string, address: string, resolver: Resolver): Promise<boolean> {
  return (await addressesOf(name, resolver)).some((found) => isSameAddress(found, address));
}

function unconfirmed(address: string, names: readonly string[], { host }: RelayHost): Verdict {
  if (names.length === 0)
    return wrong(
      `${address} has no PTR record: whoever gave out the address has to publish one that says ${host}`,
    );
  const forward = `${address.includes(":") ? "AAAA" : "A"} record of ${names[0]}`;
  return wrong(
    `${address} is called ${names.join(", ")}, which does not lead back to it: publish ${address} as ${forward}, or have the PTR record say ${host}`,
  );
}
