import { lookup as dnsLookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { Agent, type Dispatcher, request } from "undici";
import { refuseAddress, refuseName } from "./address-guard.ts";
import { type BodyLimits, BodyRefused, readBody } from "./body.ts";

export interface FetchRequest {
  readonly url: string;
  /** Validators of the last answer (RFC 9110, section 13.1). */
  readonly etag?: string | null;
  readonly lastModified?: string | null;
  /** Media types that are taken, without parameters; anything but HTML when absent. */
  readonly accept?: readonly string[];
  readonly signal?: AbortSignal;
}

/** How a fetch ended. Everything that can happen is one of these; nothing is thrown. */
export type FetchOutcome =
  | ({
      readonly kind: "ok";
      readonly url: string;
      readonly body: Buffer;
      readonly contentType: string;
    } & Validators)
  | { readonly kind: "unchanged" }
  /** 429 or 503; `retryAt` is when to come again, if the server says. */
  | { readonly kind: "busy"; readonly reason: string; readonly retryAt: Date | null }
  /** Any other answer that is no success; `body` is its beginning. */
  | { readonly kind: "failed"; readonly status: number; readonly reason: string; readonly body: Buffer }
  /** The connection, the name or the time failed. */
  | { readonly kind: "lost"; readonly reason: string }
  /** The guard said no. */
  | { readonly kind: "refused"; readonly reason: string };

export interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

export interface FetchLimits extends BodyLimits {
  readonly redirects: number;
  readonly connectMs: number;
  readonly headersMs: number;
  readonly totalMs: number;
}

export interface FetcherOptions {
  /** Names the service and how to reach who runs it. */
  readonly userAgent: string;
  /** Lets addresses of this machine and its network through; everything else is held to. */
  readonly allowPrivate: boolean;
  readonly limits?: Partial<FetchLimits>;
  /** DNS, for tests. */
  readonly resolve?: (hostname: string) => Promise<readonly { address: string; family: number }[]>;
  readonly now?: () => Date;
}

export interface Fetcher {
  fetch(request: FetchRequest): Promise<FetchOutcome>;
  close(): Promise<void>;
}

const LIMITS: FetchLimits = {
  redirects: 5,
  connectMs: 10_000,
  headersMs: 30_000,
  idleMs: 15_000,
  totalMs: 120_000,
  packedBytes: 16 * 2 ** 20,
  bytes: 32 * 2 ** 20,
  ratio: 200,
};
const MAX_WAIT_MS = 24 * 60 * 60 * 1000;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

class GuardRefused extends Error {
  override readonly name = "GuardRefused";
}

/**
 * Fetches over HTTP as a stranger's address must be fetched. A name is resolved once for a connection, every address
 * it gives is judged, and the connection goes to one of those: an answer that changes between check and connect has
 * no second chance. Each redirect is judged anew. One connection an origin.
 */
export function createFetcher(options: FetcherOptions): Fetcher {
  const limits = { ...LIMITS, ...options.limits };
  const resolve = options.resolve ?? ((name: string) => dnsLookup(name, { all: true }));
  const agent = new Agent({
    connections: 1,
    pipelining: 1,
    connect: { timeout: limits.connectMs, lookup: guardedLookup(resolve, options.allowPrivate) },
    headersTimeout: limits.headersMs,
    bodyTimeout: limits.idleMs,
  });
  const follow = async (asked: FetchRequest): Promise<FetchOutcome> => {
    const deadline = AbortSignal.timeout(limits.totalMs);
    const signal = asked.signal ? AbortSignal.any([asked.signal, deadline]) : deadline;
    let url = asked.url;
    for (let hop = 0; hop <= limits.redirects; hop++) {
      requireAllowed(url, options.allowPrivate);
      const answer = await request(url, {
        dispatcher: agent,
        headers: headersFor(asked, options.userAgent),
        signal,
      });
      const location = REDIRECTS.has(answer.statusCode) ? headerOf(answer, "location") : null;
      if (location === null)
        return await toOutcome(answer, url, asked, limits, options.now?.() ?? new Date());
      await answer.body.dump();
      url = nextHop(url, location);
    }
    throw new GuardRefused(`more than ${limits.redirects} redirects`);
  };
  return {
    fetch: (asked) => follow(asked).catch((error: unknown) => explain(error, limits)),
    close: () => agent.destroy(),
  };
}

/** The lookup of a connection: what it gives is what is connected to, so here is where it is judged. */
function guardedLookup(
  resolve: NonNullable<FetcherOptions["resolve"]>,
  allowPrivate: boolean,
): LookupFunction {
  return (hostname, { all }, done) => {
    resolve(hostname).then(
      (addresses) => {
        const refusal = allowPrivate
          ? null
          : addresses.map(({ address }) => refuseAddress(address)).find(Boolean);
        const [first] = addresses;
        if (refusal) done(new GuardRefused(`${hostname}: ${refusal}`), "");
        else if (first === undefined) done(new Error(`${hostname} has no address`), "");
        else if (all)
          done(
            null,
            addresses.map(({ address, family }) => ({ address, family })),
          );
        else done(null, first.address, first.family);
      },
      (error: Error) => done(error, ""),
    );
  };
}

function requireAllowed(text: string, allowPrivate: boolean): void {
  if (!URL.canParse(text)) throw new GuardRefused(`"${text.slice(0, 200)}" is no address`);
  const { protocol, hostname, username, password } = new URL(text);
  if (protocol !== "https:" && protocol !== "http:")
    throw new GuardRefused(`${protocol} is not fetched, only https and http`);
  if (username !== "" || password !== "")
    throw new GuardRefused("addresses with a user name or password are not fetched");
  if (allowPrivate) return;
  const host = hostname.replace(/^\[|\]$/g, "");
  const refusal = isIP(host) ? refuseAddress(host) : refuseName(host);
  if (refusal) throw new GuardRefused(refusal);
}

function nextHop(from: string, location: string): string {
  if (!URL.canParse(location, from)) throw new GuardRefused("redirected to something that is no address");
  const next = new URL(location, from);
  if (from.startsWith("https:") && next.protocol === "http:") {
    throw new GuardRefused(`redirected from https to http (${next.host})`);
  }
  return next.href;
}

function headersFor({ etag, lastModified, accept }: FetchRequest, userAgent: string): Record<string, string> {
  return {
    "user-agent": userAgent,
    accept: [...(accept ?? []), "*/*;q=0.1"].join(", "),
    "accept-encoding": "gzip, deflate, br",
    ...(etag && { "if-none-match": etag }),
    ...(lastModified && { "if-modified-since": lastModified }),
  };
}

type Answer = Dispatcher.ResponseData;

function headerOf({ headers }: Answer, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

async function toOutcome(
  answer: Answer,
  url: string,
  { accept }: FetchRequest,
  limits: FetchLimits,
  now: Date,
): Promise<FetchOutcome> {
  const { statusCode: status } = answer;
  if (status === 304) {
    await answer.body.dump();
    return { kind: "unchanged" };
  }
  const encoding = headerOf(answer, "content-encoding");
  if (status === 429 || status === 503) {
    await answer.body.dump();
    return {
      kind: "busy",
      reason: `the server answers ${status}`,
      retryAt: retryAfter(headerOf(answer, "retry-after"), now),
    };
  }
  if (status < 200 || status > 299) {
    const body = await readBody(answer.body, encoding, limits).catch(() => Buffer.alloc(0));
    return { kind: "failed", status, reason: `the server answers ${status}`, body: body.subarray(0, 65_536) };
  }
  const contentType = headerOf(answer, "content-type") ?? "";
  const type = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const taken = accept === undefined ? type !== "text/html" : type === "" || accept.includes(type);
  if (!taken) {
    // Destroying reports itself as an error that nobody else listens for.
    answer.body.on("error", () => {}).destroy();
    throw new GuardRefused(`expected ${accept?.join(" or ") ?? "a feed"}, found ${type}`);
  }
  const body = await readBody(answer.body, encoding, limits);
  const [etag, lastModified] = [headerOf(answer, "etag"), headerOf(answer, "last-modified")];
  return { kind: "ok", url, body, contentType, etag, lastModified };
}

/** Seconds or a date (RFC 9110, section 10.2.3), at most a day ahead. */
function retryAfter(value: string | null, now: Date): Date | null {
  if (value === null) return null;
  const at = /^\d+$/.test(value.trim()) ? now.getTime() + Number(value) * 1000 : Date.parse(value);
  if (Number.isNaN(at)) return null;
  return new Date(Math.min(Math.max(at, now.getTime()), now.getTime() + MAX_WAIT_MS));
}

function explain(thrown: unknown, limits: FetchLimits): FetchOutcome {
  const error = innermost(thrown);
  if (error instanceof GuardRefused || error instanceof BodyRefused)
    return { kind: "refused", reason: error.message };
  if (error.name === "TimeoutError")
    return { kind: "lost", reason: `took longer than ${limits.totalMs / 1000} s` };
  const { code = "" } = error as NodeJS.ErrnoException;
  return { kind: "lost", reason: REASONS[code] ?? (error.message || code || "the connection failed") };
}

/** Connecting to several addresses fails with all their errors in one. */
function innermost(thrown: unknown): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  return inner instanceof Error ? innermost(inner) : error;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: "the host name is not known",
  EAI_AGAIN: "the name server did not answer",
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was cut",
  UND_ERR_SOCKET: "the connection was cut",
  UND_ERR_CONNECT_TIMEOUT: "the connection took too long",
  UND_ERR_HEADERS_TIMEOUT: "the server did not answer in time",
  UND_ERR_BODY_TIMEOUT: "the server stopped sending",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "the answer was cut short",
  Z_BUF_ERROR: "the answer was cut short",
  Z_DATA_ERROR: "the answer is compressed in a damaged way",
};
