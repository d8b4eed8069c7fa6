import { jsonDepth } from "@paperboy/core";

/** Nothing that the API takes is nested half as deeply. */
const MAX_DEPTH = 32;
/** By which the error handler knows this fault, since the body parser gives it a status of its own. */
export const NESTED_TOO_DEEPLY = "json.nested-too-deeply";

/** Refuses a body before it is parsed. As Express's body parser calls it: with the octets as they came. */
export function refuseDeepJson(_req: unknown, _res: unknown, body: Uint8Array): void {
  if (jsonDepth(body, MAX_DEPTH) <= MAX_DEPTH) return;
  throw Object.assign(new Error(`The body is nested deeper than ${MAX_DEPTH} levels.`), {
    type: NESTED_TOO_DEEPLY,
  });
}
