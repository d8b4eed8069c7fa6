import { withoutAddresses } from "./addresses.ts";
import { PHRASES, type Phrase, WEAK_PHRASES } from "./phrases.ts";

/** What a report says of some recipients, in its own words. */
export interface Finding {
  readonly recipients: readonly string[];
  /** RFC 3464 section 2.3.3, in lower case; empty when not said. */
  readonly action: string;
  /** The Status field as it stands. */
  readonly status: string;
  /** The words of the server, or of the mail. */
  readonly diagnostic: string;
}

/** What that means. */
export interface Verdict {
  readonly kind: "hard" | "soft" | "ignored";
  readonly status: string | null;
  /** False when nothing said why: `soft` is then a guess in the reader's favour. */
  readonly certain: boolean;
  /** What convinced us, as matched; empty when a status did. */
  readonly words: string;
}

const MAX_DIAGNOSTIC = 4_000;
const STATUS = /(?<![\w.-])[245]\.[0-7]\.\d{1,3}(?![\w-]|\.\d)/g;
/** A reply as in RFC 5321 section 4.2: a code at the start of something, then text. */
const REPLY =
  /(?:^|[\s:;>('"[])([45][0-5]\d)(?=[ -]|$|#)(?![ -]\d{1,3}\.\d{1,3}\.\d{1,3}\.\d)(?! ?(?:bytes|kb|mb|messages|seconds|hours|days)\b)/i;

const NOT_FAILED = new Set(["delivered", "relayed", "expanded"]);
/** RFC 3463 sections 3.2 and 3.3, and RFC 7505: about the address itself. 5.1.7 and 5.1.8 are about the sender's. */
const HARD_STATUS = /^5\.(?:1\.(?:1|2|3|4|6|10)|2\.1)$/;

/** Hard only when the address is at fault and for good; everything doubtful is soft. */
export function judge({ action, status, diagnostic }: Finding): Verdict {
  if (NOT_FAILED.has(action)) return { kind: "ignored", status: statusIn(status), certain: true, words: "" };
  const text = plain(diagnostic.slice(0, MAX_DIAGNOSTIC));
  const stated = [...statusesIn(status), ...statusesIn(text)];
  const specific = stated.find((code) => !code.endsWith(".0"));
  const meaning = matched(PHRASES, text) ?? (specific ? undefined : matched(WEAK_PHRASES, text));
  const permanent = meaning ? meaning.phrase.kind === "hard" : HARD_STATUS.test(specific ?? "");
  const passing = action === "delayed" || isTransient(status, text);
  const kind = permanent && !passing ? "hard" : "soft";
  return {
    kind,
    status: specific ?? impliedStatus(stated, meaning?.phrase, kind),
    certain: meaning !== undefined || specific !== undefined || action === "delayed",
    words: meaning?.words ?? "",
  };
}

/** `5.0.0` says nothing that a phrase does not say better, unless they disagree on whether it is for good. */
function impliedStatus(stated: readonly string[], phrase: Phrase | undefined, kind: string): string | null {
  const [vague] = stated;
  if (!phrase) return vague ?? null;
  return vague === undefined || kind === "hard" || vague[0] === phrase.status[0] ? phrase.status : vague;
}

/** The line of a text that holds the words of a verdict, and what a reply folded onto the next line. */
export function tellingLine(text: string, words: string): string | null {
  const lines = text.slice(0, MAX_DIAGNOSTIC).split(/\r?\n/);
  const hits = (line: string) => words !== "" && plain(line).includes(words);
  const exact = lines.findIndex((line) => hits(line) && hasReply(line));
  const at = exact >= 0 ? exact : lines.findIndex((line) => hits(line));
  if (at >= 0) return lines[at] ?? null;
  const folded = lines.findIndex(hasReply);
  return folded < 0
    ? null
    : `${lines[folded]} ${/\S/.test(lines[folded + 1] ?? "") ? lines[folded + 1] : ""}`;
}

/** RFC 3464 lets recipients differ; the worst is the one to act on. */
export function worst(verdicts: readonly Verdict[]): Verdict["kind"] {
  const kinds = verdicts.map(({ kind }) => kind);
  return kinds.includes("hard") ? "hard" : kinds.includes("soft") ? "soft" : "ignored";
}

/** The first RFC 3463 status in a text; IP addresses and version numbers are none. */
export function statusIn(text: string): string | null {
  return statusesIn(text)[0] ?? null;
}

/** True when a text holds an SMTP reply that refuses. */
export function hasReply(text: string): boolean {
  return REPLY.test(text) || statusIn(text) !== null;
}

/** What phrases are looked for in: a dot inside a word ends no sentence. */
function plain(text: string): string {
  return withoutAddresses(text)
    .replace(/([a-z0-9-])\.(?=[a-z]{2})/gi, "$1_")
    .replace(/\s+/g, " ")
    .toLowerCase();
}

function statusesIn(text: string): string[] {
  return (text.match(STATUS) ?? []).filter((code) => code !== "2.0.0");
}

/**
 * A server that answers 4yz has not decided. A bare `4.0.0` without such an answer is how some systems report
 * their own failed look-ups, which the words then tell apart.
 */
function isTransient(status: string, words: string): boolean {
  const reply = REPLY.exec(words)?.[1] ?? "";
  if (reply) return reply.startsWith("4");
  const said = statusIn(words) ?? statusIn(status) ?? "";
  return said.startsWith("4.") && said !== "4.0.0";
}

function matched(phrases: readonly Phrase[], text: string): { phrase: Phrase; words: string } | undefined {
  for (const phrase of phrases) {
    const [words] = phrase.pattern.exec(text) ?? [];
    if (words !== undefined) return { phrase, words };
  }
  return undefined;
}
