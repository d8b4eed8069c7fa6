/** Hosts that count as one server, and the pause they ask for between two requests. */
export interface HostPolicy {
  readonly hosts: Pick<RegExp, "test">;
  readonly minGapMs: number;
}

/** Runs calls one after the other, in the order they came. */
export type HostQueue = <Result>(call: () => Promise<Result>) => Promise<Result>;

/**
 * Keeps the policy of a host: one call at a time, and `minGapMs` between the end of one, however it ended,
 * and the start of the next.
 */
export function createHostQueue(
  { minGapMs }: Pick<HostPolicy, "minGapMs">,
  now: () => Date,
  wait: (milliseconds: number) => Promise<void>,
): HostQueue {
  let queue: Promise<unknown> = Promise.resolve();
  let endedAt: number | null = null;
  const inTurn = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    const passed = endedAt === null ? minGapMs : now().getTime() - endedAt;
    // A clock that was set back makes nobody wait longer than the gap.
    if (passed < minGapMs) await wait(minGapMs - Math.max(passed, 0));
    try {
      return await call();
    } finally {
      endedAt = now().getTime();
    }
  };
  return (call) => {
    const turn = queue.then(() => inTurn(call));
    queue = turn.catch(() => undefined);
    return turn;
  };
}

/** The policies that one fetcher keeps. */
export interface HostLimits {
  /** Fetches in turn when the host of `url` has a policy. */
  readonly inTurn: <Result>(url: string, fetch: () => Promise<Result>) => Promise<Result>;
  /** Asks where a fetch that began at `first` was redirected to: the pause is kept there as well. */
  readonly onward: <Result>(first: string, url: string, ask: () => Promise<Result>) => Promise<Result>;
  /** Notes that the host of `url`, with all that count as one server with it, is not to be asked before an instant. */
  readonly rest: (url: string, until: Date) => void;
  /** Until when the host of `url` is not to be asked; null when it may be. */
  readonly restsUntil: (url: string) => Date | null;
}

export function createHostLimits(
  hostPolicies: readonly HostPolicy[],
  now: () => Date,
  wait: (milliseconds: number) => Promise<void>,
): HostLimits {
  const kept = hostPolicies.map((policy) => ({
    ...policy,
    run: createHostQueue(policy, now, wait),
    restsUntil: null as Date | null,
  }));
  const policyOf = (url: string) => {
    const host = URL.canParse(url) ? new URL(url).hostname : "";
    return kept.find(({ hosts }) => hosts.test(host));
  };
  return {
    inTurn: (url, fetch) => policyOf(url)?.run(fetch) ?? fetch(),
    onward: async (first, url, ask) => {
      const policy = policyOf(url);
      if (policy === undefined) return ask();
      if (policy !== policyOf(first)) return policy.run(ask);
      // The whole fetch has the turn already.
      await wait(policy.minGapMs);
      return ask();
    },
    rest: (url, until) => {
      const policy = policyOf(url);
      if (policy !== undefined) policy.restsUntil = until;
    },
    restsUntil: (url) => {
      const until = policyOf(url)?.restsUntil ?? null;
      return until !== null && until > now() ? until : null;
    },
  };
}
