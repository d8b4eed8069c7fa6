import { BlockList, isIP } from "node:net";
import { none, type Resolver } from "./resolver.ts";

/** Of a host with more addresses, the first few are looked at. */
const MOST = 8;

/** The IPv4 and IPv6 addresses of a host; an address stands for itself. Throws when nobody could be asked. */
export async function addressesOf(host: string, resolver: Resolver): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  const asked = await Promise.allSettled([none(resolver.resolve4(host)), none(resolver.resolve6(host))]);
  const found = asked.flatMap((each) => (each.status === "fulfilled" ? (each.value ?? []) : []));
  const failed = asked.find((each) => each.status === "rejected");
  if (found.length === 0 && failed) throw failed.reason;
  return found.slice(0, MOST);
}

/** Whether two spellings are one address. */
export function isSameAddress(a: string, b: string): boolean {
  if (isIP(a) === 0 || isIP(a) !== isIP(b)) return false;
  const list = new BlockList();
  list.addAddress(a, familyOf(a));
  return list.check(b, familyOf(b));
}

const NOT_PUBLIC = new BlockList();
for (const [net, prefix] of [
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
] as const)
  NOT_PUBLIC.addSubnet(net, prefix, familyOf(net));

/** An address of a network of one's own (RFC 1918, RFC 6598, RFC 4193): nobody outside ever sees it. */
export const isPrivate = (address: string): boolean => NOT_PUBLIC.check(address, familyOf(address));

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}
