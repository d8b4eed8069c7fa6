import { isIP } from "node:net";
import { domainOf } from "@paperboy/core";
import type { DkimSettings } from "../dkim.ts";
import { isAligned, organisationalDomain } from "./alignment.ts";
import { ptrOf, type RelayHost } from "./ptr.ts";
import { dkimOf, dmarcOf, mxOf } from "./records.ts";
import { readRelayUrl } from "./relay-url.ts";
import { type Resolver, whyNoAnswer } from "./resolver.ts";
import {
  ALLOWED_BY,
  envelopeDomainOf,
  type SendingFault,
  type SendingSettings,
  sendingFaults,
} from "./sending-faults.ts";
import { spfOf } from "./spf.ts";
import { ok, type Verdict, warning, wrong } from "./verdict.ts";

export interface DeliverabilityInput extends SendingSettings {
  readonly dkim: readonly DkimSettings[];
  /** The relay, whose addresses SPF has to cover and PTR has to name; neither is asked without it. */
  readonly smtpUrl?: string;
}

/** One thing that mailbox providers look at. */
export interface DeliverabilityCheck extends Verdict {
  readonly name: "https" | "alignment" | "spf" | "dkim" | "dmarc" | "mx" | "ptr";
}

type Name = DeliverabilityCheck["name"];

/**
 * Looks at what a sender has to publish: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), names of the relay's
 * addresses (RFC 1912 section 2.1), a way back for bounces, and an https address for one-click unsubscribing (RFC 8058).
 * A name server that does not answer is a warning; without a resolver only the settings are looked at.
 */
export async function checkDeliverability(
  input: DeliverabilityInput,
  resolver: Resolver | null,
): Promise<DeliverabilityCheck[]> {
  const faults = await sendingFaults(input);
  const settings = [
    named("https", async () => faultOr(faults, "https") ?? ok(input.publicUrl)),
    named("alignment", async () => faultOr(faults, "alignment") ?? alignmentOf(input)),
  ];
  const unsigned = faultOr(faults, "dkim");
  if (unsigned) settings.push(named("dkim", async () => unsigned));
  return Promise.all([...settings, ...(resolver === null ? [] : await published(input, resolver))]);
}

async function published(
  input: DeliverabilityInput,
  resolver: Resolver,
): Promise<Promise<DeliverabilityCheck>[]> {
  const [domain, envelopeDomain] = [domainOf(input.from), envelopeDomainOf(input)];
  const relay = await relayHost(input);
  return [
    ...(relay ? [named("ptr", () => ptrOf(relay, resolver))] : []),
    named("spf", () => spfOf(envelopeDomain, relay, resolver)),
    ...input.dkim.map((key) => named("dkim", () => dkimOf(key, resolver))),
    named("dmarc", () => dmarcOf(domain, resolver)),
    named("mx", () => mxOf(envelopeDomain, resolver)),
  ];
}

async function named(name: Name, look: () => Promise<Verdict>): Promise<DeliverabilityCheck> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    return { name, ...warning(`could not be asked: ${whyNoAnswer(error)}`) };
  }
}

function faultOr(faults: readonly SendingFault[], name: SendingFault["name"]): Verdict | null {
  const fault = faults.find((each) => each.name === name);
  if (fault === undefined) return null;
  return fault.allowed ? warning(`${fault.what} (${ALLOWED_BY[name]}=1 allows it)`) : wrong(fault.says);
}

async function alignmentOf({ from, dkim }: DeliverabilityInput): Promise<Verdict> {
  const domain = domainOf(from);
  for (const key of dkim)
    if (await isAligned(domain, key.domain))
      return ok(`${key.domain}, which DKIM signs for, covers ${domain}`);
  return warning(
    `${domain} is aligned by its return path only, and forwarding breaks that: sign for it (DKIM_DOMAIN)`,
  );
}

async function relayHost(input: DeliverabilityInput): Promise<RelayHost | null> {
  const { smtpUrl, from } = input;
  if (smtpUrl === undefined) return null;
  const { host } = readRelayUrl(smtpUrl);
  if (isIP(host) !== 0) return { host, ours: false };
  const ours = [domainOf(from), envelopeDomainOf(input)].map(organisationalDomain);
  return { host, ours: (await Promise.all(ours)).includes(await organisationalDomain(host)) };
}
