import type { Dispatcher } from "undici";
import type { FetchRequest } from "./outcome.ts";
import { GuardRefused, nextHop, requireAllowed } from "./url-guard.ts";

/** As much of an answer as a redirect is made of. */
export interface Hop extends Pick<Dispatcher.ResponseData, "statusCode" | "headers"> {
  readonly body: { dump(): Promise<unknown> };
}

export interface HopRules<Answer extends Hop> {
  /** Asks one server once. */
  readonly ask: (url: string, headers: Record<string, string>) => Promise<Answer>;
  readonly userAgent: string;
  readonly allowPrivate: boolean;
  /** How many of them are followed. */
  readonly redirects: number;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Asks, follows redirects, and gives the answer at their end. Every hop is judged as if somebody had typed it.
 * @throws {GuardRefused}
 */
export async function followHops<Answer extends Hop>(
  asked: FetchRequest,
  { ask, userAgent, allowPrivate, redirects }: HopRules<Answer>,
): Promise<{ readonly url: string; readonly answer: Answer }> {
  let url = asked.url;
  let isTheirs = true;
  for (let hop = 0; hop <= redirects; hop++) {
    const { origin } = requireAllowed(url, allowPrivate);
    isTheirs &&= origin === new URL(asked.url).origin;
    const answer = await ask(url, headersFor(asked, isTheirs, userAgent));
    const location = REDIRECTS.has(answer.statusCode) ? headerOf(answer, "location") : null;
    if (location === null) return { url, answer };
    await answer.body.dump();
    url = nextHop(url, location);
  }
  throw new GuardRefused(`more than ${redirects} redirects`);
}

export function headerOf({ headers }: Pick<Hop, "headers">, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** A validator that a header cannot carry would fail every fetch from now on; without it this one succeeds. */
const isSendable = (value: string | null | undefined): value is string =>
  typeof value === "string" && /^[\t\x20-\x7e\x80-\xff]+$/.test(value);

function headersFor(
  { etag, lastModified, accept, headers = {} }: FetchRequest,
  isTheirs: boolean,
  userAgent: string,
): Record<string, string> {
  const theirs = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    ...(isTheirs && Object.fromEntries(theirs)),
    "user-agent": userAgent,
    accept: [...(accept ?? []), "*/*;q=0.1"].join(", "),
    "accept-encoding": "gzip, br",
    ...(isSendable(etag) && { "if-none-match": etag }),
    ...(isSendable(lastModified) && { "if-modified-since": lastModified }),
  };
}
