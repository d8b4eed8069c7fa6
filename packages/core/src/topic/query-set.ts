import { printQuery } from "./print.ts";
import type { LeafQuery, Query } from "./query.ts";

/** What a node of a compiled set does with its one or two operands. */
export const OPERATION = { leaf: 0, and: 1, or: 2, andNot: 3, not: 4 } as const;

/**
 * Many queries, compiled for {@link PaperIndex.matchMany}: equal parts of them are one node, whichever query they
 * stand in. Holds some twenty bytes a node and four a query, and none of the queries themselves.
 */
export interface QuerySet {
  readonly size: number;
  readonly nodeCount: number;
  readonly leaves: readonly LeafQuery[];
  /** Adds a query and gives its number in the set, counting from 0. */
  add(query: Query): number;
  /** Operation and operands of node `n`, at `3 * n`; operands come before their node. */
  readonly nodes: Int32Array;
  /** The node of each query. */
  readonly roots: Int32Array;
}

export function createQuerySet(): QuerySet {
  const leaves: LeafQuery[] = [];
  const leafNodes = new Map<string, number>();
  const nodes = growable(3 * 1024);
  const roots = growable(1024);
  const known = pairTable(nodes);

  const leafNode = (leaf: LeafQuery): number => {
    const key = printQuery(leaf);
    const before = leafNodes.get(key);
    if (before !== undefined) return before;
    const node = nodes.push3(OPERATION.leaf, leaves.length, -1);
    leaves.push(leaf);
    leafNodes.set(key, node);
    return node;
  };
  const join = (kind: "and" | "or", a: number, b: number): number =>
    a === b ? a : known.node(OPERATION[kind], Math.min(a, b), Math.max(a, b));

  const compile = (query: Query): number => {
    if (query.kind === "not") return known.node(OPERATION.not, compile(query.of), -1);
    if (query.kind === "or") return query.of.map(compile).reduce((a, b) => join("or", a, b));
    if (!("of" in query)) return leafNode(query);
    const wanted = query.of.filter(({ kind }) => kind !== "not").map(compile);
    const unwanted = query.of.flatMap((part) => (part.kind === "not" ? [compile(part.of)] : []));
    const [first = unwanted[0] ?? 0] = wanted;
    if (wanted.length === 0) return unwantedOnly(known, unwanted);
    const all = wanted.slice(1).reduce((a, b) => join("and", a, b), first);
    return unwanted.reduce((a, b) => known.node(OPERATION.andNot, a, b), all);
  };

  return {
    get size() {
      return roots.length;
    },
    get nodeCount() {
      return nodes.length / 3;
    },
    leaves,
    add(query) {
      roots.push(compile(query));
      return roots.length - 1;
    },
    get nodes() {
      return nodes.view();
    },
    get roots() {
      return roots.view();
    },
  };
}

function unwantedOnly(known: PairTable, unwanted: readonly number[]): number {
  const any = unwanted.reduce((a, b) => known.node(OPERATION.or, Math.min(a, b), Math.max(a, b)));
  return known.node(OPERATION.not, any, -1);
}

type Growable = ReturnType<typeof growable>;

/** Numbers in a typed array that doubles when it is full. */
function growable(capacity: number) {
  let data = new Int32Array(capacity);
  let length = 0;
  const push = (value: number): void => {
    if (length === data.length) {
      const larger = new Int32Array(length * 2);
      larger.set(data);
      data = larger;
    }
    data[length++] = value;
  };
  return {
    get length() {
      return length;
    },
    push,
    /** Adds three numbers and gives the number of the triple. */
    push3(a: number, b: number, c: number): number {
      push(a);
      push(b);
      push(c);
      return length / 3 - 1;
    },
    at: (index: number): number => data[index] ?? -1,
    view: (): Int32Array => data.subarray(0, length),
  };
}

interface PairTable {
  /** The node that does this, made now if there is none. */
  node(operation: number, a: number, b: number): number;
}

/** Finds nodes by what they do: open addressing over the nodes themselves, which costs eight bytes a node. */
function pairTable(nodes: Growable): PairTable {
  let table = new Int32Array(1024).fill(-1);
  let used = 0;
  const slotOf = (operation: number, a: number, b: number): number => {
    const hash =
      Math.imul(Math.imul(a + 1, 0x9e3779b1) ^ (b + 7), 0x85ebca6b) ^ Math.imul(operation, 0xc2b2ae35);
    const mask = table.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let node = table[slot] ?? -1; node >= 0; node = table[slot] ?? -1) {
      if (nodes.at(3 * node) === operation && nodes.at(3 * node + 1) === a && nodes.at(3 * node + 2) === b)
        break;
      slot = (slot + 1) & mask;
    }
    return slot;
  };
  const grow = (): void => {
    const before = table;
    table = new Int32Array(before.length * 2).fill(-1);
    for (const node of before) {
      if (node >= 0) table[slotOf(nodes.at(3 * node), nodes.at(3 * node + 1), nodes.at(3 * node + 2))] = node;
    }
  };
  return {
    node(operation, a, b) {
      const slot = slotOf(operation, a, b);
      const before = table[slot] ?? -1;
      if (before >= 0) return before;
      const node = nodes.push3(operation, a, b);
      table[slot] = node;
      if (++used * 2 > table.length) grow();
      return node;
    },
  };
}
