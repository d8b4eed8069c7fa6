import { addressesOf, isPrivate } from "./addresses.ts";
import type { RelayHost } from "./ptr.ts";
import { type Resolver, textsAt } from "./resolver.ts";
import { ok, type Verdict, warning, wrong } from "./verdict.ts";

/** RFC 7208 section 4.6.4: receivers stop at the eleventh, and the record counts for nothing. */
const MOST_LOOKUPS = 10;

/** Nobody sends from here: what a record says of it, it says of everybody, after all its look-ups. */
const STRANGER = "0.0.0.0";

/**
 * Evaluates the SPF record of a return path's domain (RFC 7208) as a receiver would, for each address of the relay and
 * for a stranger. Throws when a name server did not answer.
 */
export async function spfOf(domain: string, relay: RelayHost | null, resolver: Resolver): Promise<Verdict> {
  const records = (await textsAt(domain, resolver)).filter((text) => /^v=spf1(?: |$)/i.test(text));
  const [record] = records;
  if (record === undefined) return wrong(`publish TXT at ${domain}: v=spf1 ${termFor(relay)} -all`);
  if (records.length > 1)
    return wrong(
      `${domain} has ${records.length} SPF records, and only one may stand (RFC 7208, 4.5): join them`,
    );
  const stranger = await evaluate(domain, STRANGER, resolver);
  return whatIsWrong(domain, record, stranger) ?? (await coverage(domain, record, stranger, relay, resolver));
}

/** What would let the relay send: its own name when it is ours, what its operator names when it is not. */
const termFor = (relay: RelayHost | null) =>
  relay?.ours ? `a:${relay.host}` : "include:<what your relay names>";

interface Evaluation {
  readonly result: string;
  readonly lookups: number;
  /** What is wrong with the record, when something is. */
  readonly reason: string;
}

function whatIsWrong(
  domain: string,
  record: string,
  { result, lookups, reason }: Evaluation,
): Verdict | null {
  if (lookups > MOST_LOOKUPS)
    return wrong(
      `the SPF record of ${domain} takes more than ${MOST_LOOKUPS} DNS look-ups, and receivers then ignore it (RFC 7208, 4.6.4): take out each include, a and mx that you do not need: ${record}`,
    );
  if (result === "permerror")
    return wrong(`receivers cannot use the SPF record of ${domain}: ${reason}: repair it: ${record}`);
  if (result === "pass")
    return wrong(`${domain} lets anyone send in its name: end the record with -all: ${record}`);
  return null;
}

async function coverage(
  domain: string,
  record: string,
  { result, lookups }: Evaluation,
  relay: RelayHost | null,
  resolver: Resolver,
): Promise<Verdict> {
  if (result === "neutral")
    return warning(`${record} says nothing of other senders: end it with -all or ~all`);
  const told = `${record} (${lookups} of ${MOST_LOOKUPS} look-ups)`;
  if (relay === null) return ok(told);
  const addresses = await addressesOf(relay.host, resolver);
  const seen = addresses.filter((address) => !isPrivate(address));
  if (seen.length === 0)
    return warning(`${told}; whether it covers the relay cannot be told: ${unseen(relay, addresses)}`);
  const left = await leftOut(domain, seen, resolver);
  return left.length === 0 ? ok(`${told} covers ${relay.host}`) : uncovered(domain, record, left, relay);
}

const unseen = ({ host }: RelayHost, addresses: readonly string[]) =>
  addresses.length === 0
    ? `${host} has no address in DNS`
    : `${host} is ${addresses.join(", ")}, inside your own network; look at the address it sends from`;

async function leftOut(domain: string, addresses: readonly string[], resolver: Resolver): Promise<string[]> {
  const results = await Promise.all(addresses.map((address) => evaluate(domain, address, resolver)));
  return addresses.filter((_, index) => results[index]?.result !== "pass");
}

function uncovered(domain: string, record: string, left: readonly string[], relay: RelayHost): Verdict {
  const fault = `the SPF record of ${domain} does not cover ${relay.host} (${left.join(", ")})`;
  return relay.ours
    ? wrong(`${fault}: add a:${relay.host} to it: ${record}`)
    : warning(
        `${fault}; a relay may send from other addresses than it is reached at: ask its operator which include: to publish, unless it stands there: ${record}`,
      );
}

/** @throws when a name server did not answer. */
async function evaluate(domain: string, address: string, resolver: Resolver): Promise<Evaluation> {
  // Only `doctor` wants it, and it brings much along.
  const { spf } = await import("mailauth/lib/spf/index.js");
  const sender = `postmaster@${domain}`;
  const failures: unknown[] = [];
  const ask = askFor(address, resolver, failures);
  const { status, lookups } = await spf({
    ...{ sender, ip: address, helo: domain, mta: "doctor" },
    maxResolveCount: MOST_LOOKUPS,
    resolver: ask as (name: string, type: string) => Promise<string[]>,
  });
  if (status.result === "temperror") throw failures[0] ?? new Error("SPF could not be evaluated");
  const comment = String(status.comment ?? "");
  return {
    result: status.result,
    lookups: lookups?.count ?? 0,
    reason: comment.slice(comment.indexOf(sender) + sender.length).replace(/^:?\s*/, ""),
  };
}

/** The question as mailauth puts it; it passes over failures other than these, as though nothing had been asked. */
function askFor(address: string, resolver: Resolver, failures: unknown[]) {
  const put = (name: string, type: string): Promise<unknown[]> => {
    if (type === "TXT") return resolver.resolveTxt(name);
    if (type === "MX") return resolver.resolveMx(name);
    if (type === "PTR") return resolver.reverse(address);
    return type === "AAAA" ? resolver.resolve6(name) : resolver.resolve4(name);
  };
  return (name: string, type: string) =>
    put(name, type).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOTFOUND" || error.code === "ENODATA") throw error;
      failures.push(error);
      throw Object.assign(new Error(String(error.code)), { code: "ETIMEOUT" });
    });
}
