import { isIP, type LookupFunction } from "node:net";
import { refuseAddress } from "./address-guard.ts";
import { GuardRefused } from "./url-guard.ts";

export type Resolve = (hostname: string) => Promise<readonly { address: string; family: number }[]>;

/**
 * The lookup of a connection. It asks once, and the connection goes to what was judged: an answer that changes
 * between check and connect has no second chance. One private address among public ones refuses them all.
 */
export function pinnedLookup(resolve: Resolve, allowPrivate: boolean): LookupFunction {
  return (hostname, { all }, done) => {
    judged(hostname, resolve, allowPrivate).then(
      ([first, ...others]) =>
        all ? done(null, [first, ...others]) : done(null, first.address, first.family),
      (error: Error) => done(error, ""),
    );
  };
}

interface Resolved {
  address: string;
  family: number;
}

async function judged(
  hostname: string,
  resolve: Resolve,
  allowPrivate: boolean,
): Promise<[Resolved, ...Resolved[]]> {
  // Read once: what is judged and what is connected to are the same strings.
  const [first, ...others] = (await resolve(hostname)).map(({ address }) => ({
    address,
    family: isIP(address),
  }));
  if (first === undefined) throw new Error(`${hostname} has no address`);
  const reasons = allowPrivate ? [] : [first, ...others].map(({ address }) => refuseAddress(address));
  const reason = reasons.find((each) => each !== null);
  if (reason) throw new GuardRefused(`${hostname}: ${reason}`);
  return [first, ...others];
}
