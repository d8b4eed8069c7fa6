import { Resolver as SystemResolver } from "node:dns/promises";

/** The part of `node:dns/promises` that is asked; tests bring their own. */
export interface Resolver {
  resolve4(name: string): Promise<string[]>;
  resolve6(name: string): Promise<string[]>;
  /** Names of an address. */
  reverse(address: string): Promise<string[]>;
  resolveMx(name: string): Promise<{ readonly exchange: string }[]>;
  resolveTxt(name: string): Promise<string[][]>;
}

/** What a bounded resolver stands on. */
export interface NameServer extends Resolver {
  resolveNs(name: string): Promise<string[]>;
  /** Gives up whatever is still asked. */
  cancel(): void;
}

/** A resolver that is closed by whoever opened it. */
export interface BoundedResolver extends Resolver {
  close(): void;
}

/**
 * Asks the name server of this machine, each question once, for `milliseconds` all together; what has no answer by then
 * fails with ETIMEOUT. A server that denies a name, and the root of DNS as well, is that of a sealed network: its no
 * says nothing of the internet, and fails with ENOROOT.
 */
export function openResolver(
  milliseconds: number,
  server: NameServer = new SystemResolver({ timeout: 2_000, tries: 2 }),
): BoundedResolver {
  const deadline = startDeadline(milliseconds);
  let root: Promise<boolean> | undefined;
  const knowsRoot = () => {
    root ??= server.resolveNs(".").then(
      () => true,
      (error) => !isDenied(error),
    );
    return root;
  };
  const ask = async <Answer>(question: Promise<Answer>): Promise<Answer> => {
    try {
      return await deadline.before(question);
    } catch (error) {
      if (!isDenied(error) || (await deadline.before(knowsRoot()))) throw error;
      throw failure("ENOROOT");
    }
  };
  return {
    resolve4: onceEach((name) => ask(server.resolve4(name))),
    resolve6: onceEach((name) => ask(server.resolve6(name))),
    reverse: onceEach((address) => ask(server.reverse(address))),
    resolveMx: onceEach((name) => ask(server.resolveMx(name))),
    resolveTxt: onceEach((name) => ask(server.resolveTxt(name))),
    close() {
      deadline.stop();
      server.cancel();
    },
  };
}

function startDeadline(milliseconds: number) {
  let giveUp: (error: Error) => void = () => {};
  const passed = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  passed.catch(() => {}); // nobody may be waiting when it passes
  const timer = setTimeout(() => giveUp(failure("ETIMEOUT")), milliseconds);
  return {
    before: <Answer>(work: Promise<Answer>): Promise<Answer> => Promise.race([work, passed]),
    stop: () => clearTimeout(timer),
  };
}

function onceEach<Answer>(ask: (name: string) => Promise<Answer>): (name: string) => Promise<Answer> {
  const asked = new Map<string, Promise<Answer>>();
  return (name) => {
    const answer = asked.get(name) ?? ask(name);
    asked.set(name, answer);
    return answer;
  };
}

const failure = (code: string) => Object.assign(new Error(code), { code });
const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;
const isDenied = (error: unknown) => codeOf(error) === "ENOTFOUND";

/** Null when the name or the record does not exist; anything else that goes wrong is thrown. */
export async function none<Answer>(asked: Promise<Answer>): Promise<Answer | null> {
  try {
    return await asked;
  } catch (error) {
    if (isDenied(error) || codeOf(error) === "ENODATA") return null;
    throw error;
  }
}

/** The TXT records of a name, each in one piece. */
export async function textsAt(name: string, resolver: Resolver): Promise<string[]> {
  return ((await none(resolver.resolveTxt(name))) ?? []).map((parts) => parts.join(""));
}

const REASONS: Readonly<Record<string, string>> = {
  ETIMEOUT: "no name server answered in time; try again later",
  ECANCELLED: "no name server answered in time; try again later",
  ECONNREFUSED: "no name server answers where this machine looks for one; see /etc/resolv.conf",
  ESERVFAIL: "the name server could not find out (SERVFAIL); look at the name servers of the domain",
  EREFUSED: "the name server refuses this machine; see /etc/resolv.conf",
  ENOROOT: "the name server of this machine does not reach the internet; run doctor where one does",
};

/** Why a question had no answer, and what to do, for people. */
export function whyNoAnswer(error: unknown): string {
  const code = codeOf(error);
  return REASONS[code ?? ""] ?? code ?? (error as Error).message;
}
