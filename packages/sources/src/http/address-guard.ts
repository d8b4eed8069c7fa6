import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** Names that lead into a machine or its network whatever DNS says (RFC 6761, 6762, 8375), with or without final dot. */
const LOCAL_NAME = /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|lan|home\.arpa)\.*$/i;
/** All that the internet routes (RFC 4291); what is outside was never handed out. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");
const NAT64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");

/** Why a host name may not be asked for, whatever it resolves to; null when it may. */
export const refuseName = (hostname: string): string | null =>
  LOCAL_NAME.test(hostname) ? `${hostname} is a name of this machine or its network` : null;

/**
 * Why an address may not be connected to, or null when it is a public one. What the IANA special-purpose registries
 * keep back is refused. IPv4 inside IPv6 is judged by what it leads to when mapped or behind the well-known NAT64
 * prefix; 6to4, Teredo and NAT64 under a network's own prefix are never public.
 */
export function refuseAddress(address: string): string | null {
  if (isIP(address) === 0) return `"${address.slice(0, 100)}" is no IP address`;
  if (address.includes("%")) return `${address} is not a public address (it has a zone)`;
  const parsed = ipaddr.parse(address);
  const why = parsed instanceof ipaddr.IPv4 ? special(parsed.range()) : refuseIpv6(parsed);
  return why && `${address} is not a public address (${why})`;
}

const special = (range: string): string | null => (range === "unicast" ? null : range);

function refuseIpv6(address: ipaddr.IPv6): string | null {
  if (address.isIPv4MappedAddress() || address.match(NAT64)) {
    const inner = address.toByteArray().slice(-4).join(".");
    return refuseAddress(inner) && `leads to ${inner}`;
  }
  return special(address.range()) ?? (address.match(GLOBAL_IPV6) ? null : "not in use");
}
