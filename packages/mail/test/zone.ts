import type { Resolver } from "../src/index.ts";

/** What a name server knows, by name; addresses of `ptr` as they are written in `a` and `aaaa`. */
export interface Records {
  readonly txt?: Readonly<Record<string, readonly string[]>>;
  readonly mx?: Readonly<Record<string, readonly string[]>>;
  readonly a?: Readonly<Record<string, readonly string[]>>;
  readonly aaaa?: Readonly<Record<string, readonly string[]>>;
  readonly ptr?: Readonly<Record<string, readonly string[]>>;
}

/** How a name server says no, as `node:dns` has it. */
export const missing = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));

/** A resolver that knows these records and no others. */
export function zone({ txt = {}, mx = {}, a = {}, aaaa = {}, ptr = {} }: Records): Resolver {
  const found = async (records: Readonly<Record<string, readonly string[]>>, name: string) =>
    records[name] === undefined ? missing("ENOTFOUND") : [...records[name]];
  return {
    resolve4: (name) => found(a, name),
    resolve6: (name) => found(aaaa, name),
    reverse: (address) => found(ptr, address),
    resolveMx: async (name) => (await found(mx, name)).map((exchange) => ({ exchange })),
    // Long records come in pieces.
    resolveTxt: async (name) => (await found(txt, name)).map((text) => text.match(/.{1,200}/g) ?? []),
  };
}

/** A resolver that fails each question with one code. */
export function silent(code: string): Resolver {
  const fail = () => missing(code);
  return { resolve4: fail, resolve6: fail, reverse: fail, resolveMx: fail, resolveTxt: fail };
}
