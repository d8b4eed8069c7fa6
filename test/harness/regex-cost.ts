import { type AST, RegExpParser, visitRegExpAST } from "@eslint-community/regexpp";
import {
  getConsumedChars,
  getFirstCharAfter,
  isPotentiallyEmpty,
  type ReadonlyFlags,
} from "regexp-ast-analysis";
import { analyse } from "scslre";
import { parseAst } from "vitest/node";

/** A regular expression as it stands in a file. */
export interface RegexLiteral {
  readonly pattern: string;
  readonly flags: string;
}

/** Every regular expression of a TypeScript file. */
export function regexLiterals(source: string): RegexLiteral[] {
  const found: RegexLiteral[] = [];
  JSON.stringify(parseAst(source, { lang: "ts" }), (_key, node) => {
    if (typeof node?.regex?.pattern === "string") found.push(node.regex);
    return typeof node === "bigint" ? String(node) : node;
  });
  return found;
}

type Chars = ReturnType<typeof getConsumedChars>["chars"];

/** What bounded repetitions may multiply to. Ten of something small count as nothing. */
const MAX_PRODUCT = 10_000;
const SMALL = 10;

/**
 * Why a pattern may cost more than in step with its text, in words; empty when it does not. In a search, which begins again
 * at each character:
 *
 * - two repetitions without a bound, of which one can take what is the other's (`\s*,?\s*x`);
 * - a repetition without a bound after which something may fail, and which passes over places where the search begins
 *   again (`\{.*\}` on `{{{{`, `\s+$` on spaces);
 * - bounded repetitions that multiply (`.{0,200}a.{0,200}b`).
 */
export function costFaults({ pattern, flags }: RegexLiteral): string[] {
  const ast = new RegExpParser().parsePattern(pattern, 0, pattern.length, { unicode: flags.includes("u") });
  const parsed = { pattern: ast, flags: new RegExpParser().parseFlags(flags) };
  const trades = analyse(parsed, { reportTypes: { Move: false, Self: true, Trade: true } }).reports;
  const faults: string[] = trades.map(({ type }) =>
    type === "Self" ? "repeats what repeats" : "repetitions share characters",
  );
  if (ast.alternatives.some((alternative) => restarts(alternative, parsed.flags))) {
    faults.push("passes over where the search begins again");
  }
  if (ast.alternatives.some((alternative) => product(alternative, alternative, parsed.flags) > MAX_PRODUCT))
    faults.push("multiplies bounds");
  return faults;
}

/**
 * Whether a repetition without a bound, after which something may fail, can take all that leads up to it: then the search
 * begins again at each of those places, and runs to the end of the repetition each time.
 */
function restarts(alternative: AST.Alternative, flags: ReadonlyFlags): boolean {
  const [start] = alternative.elements;
  const anchored = start?.type === "Assertion" && start.kind === "start";
  if (anchored && !flags.multiline) return false;
  let found = false;
  visitRegExpAST(alternative, {
    onQuantifierEnter(node) {
      if (node.max !== Number.POSITIVE_INFINITY || !mayFailAfter(node, alternative, flags)) return;
      const taken = getConsumedChars(node.element, flags).chars;
      const before = elementsBefore(node, alternative);
      const takesAll = before.every((element) => canTake(taken, element, flags));
      // A search that begins at the starts of lines passes over one only when it takes the end of a line.
      found ||= takesAll && (!anchored || LINE_ENDS.some((code) => taken.has(code)));
    },
  });
  return found;
}

const LINE_ENDS = [10, 13];

/** Whether an element may match something that is made of some characters only. */
function canTake(taken: Chars, element: AST.Element, flags: ReadonlyFlags): boolean {
  if (element.type === "Quantifier") return element.min === 0 || canTake(taken, element.element, flags);
  if (element.type === "Group" || element.type === "CapturingGroup") {
    return element.alternatives.some(({ elements }) => elements.every((each) => canTake(taken, each, flags)));
  }
  // The start of the text is passed once.
  if (element.type === "Assertion" && element.kind === "start" && !flags.multiline) return false;
  const { chars } = getConsumedChars(element, flags);
  return chars.isEmpty || !chars.isDisjointWith(taken);
}

/** The elements that stand before a node. */
function elementsBefore(node: AST.Node, root: AST.Alternative): AST.Element[] {
  const { parent } = node;
  if (node === root || parent === null) return [];
  const here =
    parent.type === "Alternative"
      ? parent.elements.slice(0, parent.elements.indexOf(node as AST.Element))
      : [];
  return [...elementsBefore(parent, root), ...here];
}

function mayFailAfter(node: AST.Node, root: AST.Alternative, flags: ReadonlyFlags): boolean {
  if (node === root || node.parent === null) return false;
  const { parent } = node;
  if (parent.type === "Alternative") {
    const after = parent.elements.slice(parent.elements.indexOf(node as AST.Element) + 1);
    const fails = after.some(
      (element) => element.type === "Assertion" || !isPotentiallyEmpty(element, flags),
    );
    if (fails) return true;
  }
  // What stands in a lookahead may fail as soon as it ends.
  if (parent.type === "Assertion") return false;
  return mayFailAfter(parent, root, flags);
}

/** The most ways in which the bounded repetitions of an alternative may share one text. */
function product(node: AST.Alternative, root: AST.Alternative, flags: ReadonlyFlags): number {
  return node.elements.reduce((ways, element) => ways * waysOf(element, root, flags), 1);
}

function waysOf(element: AST.Element, root: AST.Alternative, flags: ReadonlyFlags): number {
  if (element.type === "Quantifier") {
    return endsOf(element, root, flags) * waysOf(element.element as AST.Element, root, flags);
  }
  if (element.type === "Group" || element.type === "CapturingGroup") {
    return Math.max(...element.alternatives.map((alternative) => product(alternative, root, flags)));
  }
  return 1;
}

/** At how many places a repetition may end: at one, when what comes after it is never its own, or cannot fail. */
function endsOf(node: AST.Quantifier, root: AST.Alternative, flags: ReadonlyFlags): number {
  const spread = node.max - node.min;
  if (spread < SMALL || node.max === Number.POSITIVE_INFINITY || !mayFailAfter(node, root, flags)) return 1;
  const next = getFirstCharAfter(node, "ltr", flags).char;
  return getConsumedChars(node.element, flags).chars.isDisjointWith(next) ? 1 : spread;
}
