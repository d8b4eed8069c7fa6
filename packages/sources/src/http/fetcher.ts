import { lookup } from "node:dns/promises";
import { setTimeout as pause } from "node:timers/promises";
import { arxivHostPolicy } from "../arxiv/policy.ts";
import { readAnswer } from "./answer.ts";
import type { BodyLimits } from "./body.ts";
import { outcomeOfError, Stopped } from "./faults.ts";
import { followHops } from "./hops.ts";
import type { FetchOutcome, FetchRequest } from "./outcome.ts";
import { pinnedLookup, type Resolve } from "./pinned-lookup.ts";
import { createHostLimits, type HostPolicy } from "./politeness.ts";

export interface FetchLimits extends BodyLimits {
  readonly redirects: number;
  readonly connectMs: number;
  readonly headersMs: number;
  /** Milliseconds without a byte of the body. */
  readonly idleMs: number;
  /** From the question to the last byte, redirects included. */
  readonly totalMs: number;
}

export interface FetcherOptions {
  /** Names the service and how to reach who runs it. */
  readonly userAgent: string;
  /** Lets addresses of this machine and its network through; everything else is held to. */
  readonly allowPrivate: boolean;
  readonly limits?: Partial<FetchLimits>;
  /** DNS, for tests. */
  readonly resolve?: Resolve;
  readonly now?: () => Date;
  /** Hosts that ask for a pause between requests; arXiv when absent. */
  readonly hostPolicies?: readonly HostPolicy[];
  /** Waits for a host's pause, for tests. */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

export interface Fetcher {
  fetch(request: FetchRequest): Promise<FetchOutcome>;
  /** Ends what is under way and closes all connections. */
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
  ratio: 100,
};

/**
 * Fetches over HTTP as a stranger's address must be fetched: a name is resolved once for a connection and the
 * connection goes to what was judged, each redirect is judged anew, and whatever comes is bounded in size and time.
 * Keeps one connection for each origin, the policy of a host, and no cookies.
 */
export function createFetcher({ resolve, now = () => new Date(), ...options }: FetcherOptions): Fetcher {
  const limits = { ...LIMITS, ...options.limits };
  const closing = new AbortController();
  const pauseUnlessClosed = async (milliseconds: number) => {
    await pause(milliseconds, undefined, { signal: closing.signal }).catch(() => undefined); // closed
  };
  const hostLimits = createHostLimits(
    options.hostPolicies ?? [arxivHostPolicy()],
    now,
    options.wait ?? pauseUnlessClosed,
  );
  const nameLookup = pinnedLookup(resolve ?? ((name) => lookup(name, { all: true })), options.allowPrivate);
  let client: ReturnType<typeof openClient> | undefined;
  const answer = async (asked: FetchRequest, signal: AbortSignal): Promise<FetchOutcome> => {
    let isFirst = true;
    const last = await followHops(asked, {
      ask: (url, headers) => {
        const ask = async () => {
          client ??= openClient(limits, nameLookup);
          const { request, agent } = await client;
          return request(url, { dispatcher: agent, headers, signal });
        };
        if (!isFirst) return hostLimits.onward(asked.url, url, ask);
        isFirst = false;
        return ask();
      },
      userAgent: options.userAgent,
      allowPrivate: options.allowPrivate,
      redirects: limits.redirects,
    });
    return readAnswer(last.answer, { ...asked, url: last.url }, limits, now());
  };
  return {
    fetch: (asked) => {
      // Time runs from the turn on, however long the queue was.
      const fetch = async (): Promise<FetchOutcome> => {
        const until = hostLimits.restsUntil(asked.url);
        if (until !== null) return stillBusy(until);
        const outcome = await within(limits.totalMs, asked.signal, (signal) => answer(asked, signal));
        if (outcome.kind === "busy" && outcome.retryAt !== null) hostLimits.rest(asked.url, outcome.retryAt);
        return outcome;
      };
      return unlessStopped(hostLimits.inTurn(asked.url, fetch), asked.signal).catch(outcomeOfError);
    },
    close: async () => {
      closing.abort();
      await (await client)?.agent.destroy();
    },
  };
}

/** What a server that asked for a pause would say again is not asked for. */
const stillBusy = (until: Date): FetchOutcome => ({
  kind: "busy",
  status: 429,
  reason: `the server asked us to wait until ${until.toISOString()}`,
  retryAt: until,
});

/** Loaded with the first request: most processes that could fetch never do. */
async function openClient(limits: FetchLimits, lookup: ReturnType<typeof pinnedLookup>) {
  const { Agent, request } = await import("undici");
  const agent = new Agent({
    connections: 1,
    pipelining: 1,
    connect: { timeout: limits.connectMs, lookup },
    headersTimeout: limits.headersMs,
    bodyTimeout: limits.idleMs,
  });
  return { request, agent };
}

/** Does not wait for a turn any more when told to stop. */
async function unlessStopped<Result>(
  work: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (signal === undefined) return work;
  let stop: (() => void) | undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(new Stopped("it was told to stop"));
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
  });
  work.catch(() => undefined); // nobody may be listening any more
  return Promise.race([work, stopped]).finally(() => signal.removeEventListener("abort", stop as () => void));
}

/** Does not wait for the work to notice: undici hears no signal while a request waits for its connection. */
async function within<Result>(
  milliseconds: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    controller.signal.addEventListener("abort", () => reject(controller.signal.reason));
  });
  const stop = (reason: string) => controller.abort(new Stopped(reason));
  const stopHere = () => stop("it was told to stop");
  const timer = setTimeout(() => stop(`took longer than ${milliseconds / 1000} s`), milliseconds);
  outer?.addEventListener("abort", stopHere);
  if (outer?.aborted) stopHere();
  // Nobody may be listening any more when it is told to stop late.
  stopped.catch(() => undefined);
  try {
    controller.signal.throwIfAborted();
    return await Promise.race([work(controller.signal), stopped]);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", stopHere);
  }
}
