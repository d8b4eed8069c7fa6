import { GREEK, PLAIN_TEX_LETTERS } from "../letters.ts";

/** Where a TeX command ends and what it leaves in the text. */
export interface Command {
  readonly end: number;
  readonly out: string;
  /** Set when the command opens or closes mathematics. */
  readonly math?: boolean;
}

const CONTROL_WORD = /\\([a-zA-Z]+)\*?/y;
const ARGUMENT = /\s*(?:\[[^[\]]{0,200}\]\s*)?\{[^{}]{0,500}\}/y;
const SPACES = /[ \t\n]*/y;

const WITH_KEY =
  /^(?:(?:page|auto|eq|name)?ref|label|[cC]ite[a-z]*|href|textcolor|color|[hv]space|includegraphics)$/;
const FONT =
  /^(?:(?:text|math)[a-z]*|emph|em|bf|it|rm|sc|sl|sf|tt|bm|boldsymbol|operatorname|mbox|underline|uline|overline|hat|bar|vec|dot|tilde|wide(?:hat|tilde)|left|right)$/;
const ACCENT = /^[uvHtcdbkr]$/;
const FUNCTION = /^(?:log|exp|max|min|sup|inf|lim|sin|cos|tan|det|dim|ker|arg|argmax|argmin|softmax)$/;

/**
 * Reads the TeX command at `at`, where `text` has a backslash. Accents leave their letter bare, fonts leave
 * their text, Greek becomes Greek, operators and unknown macros become a space, keys of citations go.
 */
export function readCommand(text: string, at: number): Command {
  CONTROL_WORD.lastIndex = at;
  const name = CONTROL_WORD.exec(text)?.[1];
  return name === undefined ? controlSymbol(text, at) : controlWord(text, name, CONTROL_WORD.lastIndex);
}

function controlWord(text: string, name: string, end: number): Command {
  const letter = PLAIN_TEX_LETTERS[name];
  if (letter !== undefined) return { end: skip(SPACES, text, end), out: letter };
  const greek = GREEK[name.toLowerCase().replace(/^var/, "")];
  if (greek !== undefined) return { end, out: greek };
  if (ACCENT.test(name)) return { end: skip(SPACES, text, end), out: "" };
  if (FUNCTION.test(name)) return { end, out: ` ${name} ` };
  if (WITH_KEY.test(name)) return { end: skip(ARGUMENT, text, end), out: " " };
  return FONT.test(name) ? { end: skip(SPACES, text, end), out: "" } : { end, out: " " };
}

function controlSymbol(text: string, at: number): Command {
  const symbol = text.charAt(at + 1);
  const end = Math.min(at + 2, text.length);
  if (symbol === "(" || symbol === "[") return { end, out: " ", math: true };
  if (symbol === ")" || symbol === "]") return { end, out: " ", math: false };
  if (symbol === "-" || symbol === "/") return { end, out: "" };
  if ("`'^\"~=.".includes(symbol) && /[\p{L}\\{]/u.test(text.charAt(end))) return { end, out: "" };
  return { end, out: symbol === "_" || symbol === "&" || symbol === "#" ? symbol : " " };
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
