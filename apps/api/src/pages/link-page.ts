import type { Request } from "express";
import type { ApiContext } from "../context.ts";
import { field, formFields } from "../http/form-body.ts";
import { openLink, tokenInQuery } from "../link-tokens.ts";
import { openManageLink } from "../manage-link.ts";

/** A token, and the id it was signed for. */
export interface OpenedLink {
  readonly token: string;
  readonly id: string;
}

/** Opens the link whose page is asked for. @throws Problem when it is expired, incomplete or not ours. */
export function linkOf({ config, now }: ApiContext, purpose: "unsubscribe", req: Request): OpenedLink {
  const token = tokenInQuery(req);
  return { token, id: openLink(purpose, token, config.keys, now()) };
}

/** Opens the manage link whose page is asked for. */
export async function manageLinkOf(context: ApiContext, req: Request): Promise<OpenedLink> {
  const token = tokenInQuery(req);
  return { token, id: await openManageLink(context, token) };
}

/** Opens the manage link that a posted form carries. */
export async function postedManageLink(context: ApiContext, req: Request): Promise<OpenedLink> {
  const token = await postedToken(req);
  return { token, id: await openManageLink(context, token) };
}

/** The token that a posted form carries, in the address or in the form; empty when there is none. */
export async function postedToken(req: Request): Promise<string> {
  return tokenInQuery(req) || field(await formFields(req), "token");
}

/** Opens the link that a posted form carries: in the address, as mailed, or in the form. */
export async function postedLink(
  { config, now }: ApiContext,
  purpose: "unsubscribe",
  req: Request,
): Promise<OpenedLink> {
  const token = await postedToken(req);
  return { token, id: openLink(purpose, token, config.keys, now()) };
}
