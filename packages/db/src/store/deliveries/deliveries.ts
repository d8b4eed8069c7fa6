import type { Connection } from "../connection.ts";
import { claimStore } from "./claims.ts";
import { recoveryStore } from "./recovery.ts";
import { deliveryViews } from "./views.ts";
import { writeStore } from "./writes.ts";

/** The way of mails through SMTP. What can happen in which state is said in one place: `DELIVERY_EVENTS` of `core`. */
export const deliveryStore = (connection: Connection) => ({
  ...claimStore(connection),
  ...writeStore(connection),
  ...recoveryStore(connection),
  ...deliveryViews(connection),
});
