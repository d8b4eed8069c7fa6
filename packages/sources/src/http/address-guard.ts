import ipaddr from "ipaddr.js";

/** Names that lead into a machine or its network whatever DNS says (RFC 6761, RFC 6762). */
const LOCAL_NAME = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home\.arpa)\.?$/i;

/** Why a host name may not be asked for, whatever it resolves to; null when it may. */
export const refuseName = (hostname: string): string | null =>
  LOCAL_NAME.test(hostname) ? `${hostname} is a name of this machine or its network` : null;

/**
 * Why an address may not be connected to, or null when it is a public one. IPv4 inside IPv6 (mapped, NAT64, 6to4,
 * Teredo) is judged by what it leads to; what the IANA special-purpose registries keep back is refused.
 */
export function refuseAddress(address: string): string | null {
  if (!ipaddr.isValid(address)) return `${address} is no IP address`;
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  if (range === "unicast") return null;
  if (range === "ipv4Mapped") return refuseAddress((parsed as ipaddr.IPv6).toIPv4Address().toString());
  const inner = range === "rfc6052" ? lastFourBytes(parsed) : null;
  if (inner !== null && refuseAddress(inner) === null) return null;
  return `${address} is not a public address (${inner === null ? range : `leads to ${inner}`})`;
}

/** NAT64 (RFC 6052) carries the IPv4 address in its last 32 bits under the well-known prefix. */
const lastFourBytes = (address: ipaddr.IPv4 | ipaddr.IPv6): string =>
  address.toByteArray().slice(-4).join(".");
