import { withoutAddresses } from "./addresses.ts";
import { PHRASES, type Phrase, POLICY_PHRASES, WEAK_PHRASES } from "./phrases.ts";

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
  /** The mail is still being tried: a warning, not a failure. */
  readonly delayed: boolean;
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

/** RFC 3464 section 2.3.3, and what Postfix and Exim say when an address was only tried. */
const NOT_FAILED = new Set(["delivered", "relayed", "expanded", "deliverable"]);
/**
 * About the address itself, or its domain: RFC 3463 sections 3.2, 3.3 and 3.5, RFC 7505, RFC 7293. 5.1.7 and 5.1.8 are
 * about the sender's.
 */
const HARD_STATUS = /^5\.(?:1\.(?:1|2|3|4|6|10)|2\.1|4\.(?:4|310)|7\.1[78])$/;

/**
 * Hard only when the address is at fault and for good; everything doubtful is soft. In order: clear words, the status
 * within the words, what filters say, the Status field, weaker words.
 */
export function judge({ action, status, diagnostic }: Finding): Verdict {
  const [field] = statusesIn(status);
  if (NOT_FAILED.has(action) || (action === "" && field?.startsWith("2"))) return notFailed(status);
  const text = plain(diagnostic.slice(0, MAX_DIAGNOSTIC));
  const stated = [...statusesIn(text), ...statusesIn(status)];
  const said = statusesIn(text).find(isSpecific);
  const specific = said ?? [field].find(isSpecific);
  const meaning =
    matched(PHRASES, text) ??
    (said ? undefined : matched(POLICY_PHRASES, text)) ??
    (specific ? undefined : matched(WEAK_PHRASES, text));
  const permanent = meaning ? meaning.phrase.kind === "hard" : HARD_STATUS.test(specific ?? "");
  const delayed = action === "delayed";
  const kind = permanent && !delayed && !isTransient(status, text) ? "hard" : "soft";
  return {
    kind,
    delayed,
    status: statusOf(stated, specific, meaning?.phrase, kind),
    certain: meaning !== undefined || specific !== undefined || delayed,
    words: meaning?.words ?? "",
  };
}

function notFailed(status: string): Verdict {
  return { kind: "ignored", delayed: false, status: statusIn(status), certain: true, words: "" };
}

/** `5.0.0` names no cause. */
function isSpecific(status: string | undefined): status is string {
  return status !== undefined && !status.endsWith(".0");
}

/**
 * What was stated, unless the words say better: `5.1.1` beside "over quota" is a habit of some systems, and `5.0.0` says
 * nothing that a phrase does not say better, unless they disagree on whether it is for good.
 */
function statusOf(
  [vague]: readonly string[],
  specific: string | undefined,
  phrase: Phrase | undefined,
  kind: string,
): string | null {
  const contradicts = phrase?.kind === "soft" && HARD_STATUS.test(specific ?? "");
  if (specific !== undefined && !contradicts) return specific;
  if (!phrase) return vague ?? null;
  const fits = vague === undefined || contradicts || kind === "hard" || vague[0] === phrase.status[0];
  return fits ? phrase.status : vague;
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

/** True when a text says in clear words why a mail did not arrive. */
export function namesCause(text: string): boolean {
  return matched(PHRASES, plain(text.slice(0, MAX_DIAGNOSTIC))) !== undefined;
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

/** "The address may not exist" proves nothing. */
const DOUBT =
  /\b(?:may|might|possibly|perhaps)\b|m[öo]glicherweise|eventuell|vielleicht|peut-[êe]tre|quiz[áa]s|posiblemente|talvez|forse|возможно|можливо|かもしれ|可能/;

function matched(phrases: readonly Phrase[], text: string): { phrase: Phrase; words: string } | undefined {
  for (const phrase of phrases) {
    for (const [words] of text.matchAll(phrase.pattern)) {
      if (phrase.kind === "soft" || !DOUBT.test(words)) return { phrase, words };
    }
  }
  return undefined;
}
