import { createHmac, randomBytes } from "node:crypto";
import type { SigningKey } from "@paperboy/core";
import type { DeliveryKind } from "./claims.ts";

/** Gives the id of the delivery of an edition: the same whenever it is asked, and nobody without the key can tell it. */
export type DeliveryId = (subscriptionId: string, kind: DeliveryKind, edition: string) => string;

/**
 * A delivery's id names its mail: it is the Message-ID, and stands in the return path and in the link to the view. It is made
 * of what the mail is of, so that a morning planned again from a restored backup bears the names it bore, and receivers
 * know the copies for copies.
 *
 * @param keys the first one counts; without any, ids are good for one process.
 */
export function deliveryIds(keys: readonly SigningKey[]): DeliveryId {
  const secret = keys[0]?.secret ?? randomBytes(32);
  const key = createHmac("sha256", secret).update("paperboy:delivery-id").digest();
  return (subscriptionId, kind, edition) => {
    const mac = createHmac("sha256", key).update(`${subscriptionId}\n${kind}\n${edition}`).digest("hex");
    // A UUID of version 8, whose other bits are the maker's own (RFC 9562, section 5.8).
    return [
      mac.slice(0, 8),
      mac.slice(8, 12),
      `8${mac.slice(12, 15)}`,
      `8${mac.slice(15, 18)}`,
      mac.slice(18, 30),
    ].join("-");
  };
}
