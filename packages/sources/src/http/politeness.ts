/** Hosts that count as one server, and the pause they ask for between two requests. */
export interface Pace {
  readonly hosts: Pick<RegExp, "test">;
  readonly minGapMs: number;
}

/** Runs calls one after the other, in the order they came. */
export type Pacer = <Result>(call: () => Promise<Result>) => Promise<Result>;

/**
 * Keeps the pace that a host asks for: one call at a time, and `minGapMs` between the end of one, however it ended,
 * and the start of the next.
 */
export function createPacer(
  { minGapMs }: Pick<Pace, "minGapMs">,
  now: () => Date,
  wait: (milliseconds: number) => Promise<void>,
): Pacer {
  let queue: Promise<unknown> = Promise.resolve();
  let endedAt: number | null = null;
  const paced = async <Result>(call: () => Promise<Result>): Promise<Result> => {
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
    const turn = queue.then(() => paced(call));
    queue = turn.catch(() => undefined);
    return turn;
  };
}

/** The paces that one fetcher keeps. */
export interface Pacing {
  /** Fetches in turn when the host of `url` asks for a pace. */
  readonly inTurn: <Result>(url: string, fetch: () => Promise<Result>) => Promise<Result>;
  /** Asks where a fetch that began at `first` was redirected to: the pause is kept there as well. */
  readonly onward: <Result>(first: string, url: string, ask: () => Promise<Result>) => Promise<Result>;
  /** Notes that the host of `url`, with all that count as one server with it, is not to be asked before an instant. */
  readonly rest: (url: string, until: Date) => void;
  /** Until when the host of `url` is not to be asked; null when it may be. */
  readonly restsUntil: (url: string) => Date | null;
}

export function createPacing(
  paces: readonly Pace[],
  now: () => Date,
  wait: (milliseconds: number) => Promise<void>,
): Pacing {
  const kept = paces.map((pace) => ({
    ...pace,
    run: createPacer(pace, now, wait),
    restsUntil: null as Date | null,
  }));
  const paceOf = (url: string) => {
    const host = URL.canParse(url) ? new URL(url).hostname : "";
    return kept.find(({ hosts }) => hosts.test(host));
  };
  return {
    inTurn: (url, fetch) => paceOf(url)?.run(fetch) ?? fetch(),
    onward: async (first, url, ask) => {
      const pace = paceOf(url);
      if (pace === undefined) return ask();
      if (pace !== paceOf(first)) return pace.run(ask);
      // The whole fetch has the turn already.
      await wait(pace.minGapMs);
      return ask();
    },
    rest: (url, until) => {
      const pace = paceOf(url);
      if (pace !== undefined) pace.restsUntil = until;
    },
    restsUntil: (url) => {
      const until = paceOf(url)?.restsUntil ?? null;
      return until !== null && until > now() ? until : null;
    },
  };
}
