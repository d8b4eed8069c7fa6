import { recipientsIn, unique } from "./addresses.ts";
import { all, type Fields, first, readGroups } from "./fields.ts";
import { oneLine, type Reading } from "./report.ts";
import { type Finding, judge, tellingLine, type Verdict, worst } from "./verdict.ts";

/** Groups beyond this are a list no mail of ours can have been addressed to. */
const MAX_RECIPIENTS = 50;

/**
 * Reads delivery-status bodies (RFC 3464); null when they name neither a recipient nor an action. When a group says
 * nothing about the cause, `text`, the part for people, is asked.
 */
export function readDeliveryStatus(bodies: readonly string[], text: string): Reading | null {
  const findings = bodies.flatMap(readGroups).map(toFinding).filter(saysSomething).slice(0, MAX_RECIPIENTS);
  return findings.length === 0 ? null : toReading(findings, "dsn", text);
}

/** The worst of several findings, and the recipients it holds for: no reader pays for another one's address. */
export function toReading(findings: readonly Finding[], format: Reading["format"], text = ""): Reading {
  const informed = judgeOnce(text);
  const judged = findings.map((finding) => judgeWith(informed, finding, text));
  const kind = worst(judged.map(({ verdict }) => verdict));
  const those = judged.filter(({ verdict }) => verdict.kind === kind);
  const leading = those.find(({ verdict }) => verdict.certain) ?? those[0];
  return {
    kind,
    delayed: those.length > 0 && those.every(({ verdict }) => verdict.delayed),
    recipients: unique(those.flatMap(({ finding }) => finding.recipients)),
    status: leading?.verdict.status ?? null,
    reason: leading ? reasonOf(leading) : "",
    format,
  };
}

interface Judged {
  readonly finding: Finding;
  readonly verdict: Verdict;
  /** Where the cause was found. */
  readonly words: string;
}

function judgeWith(judgeText: (finding: Finding) => Verdict, finding: Finding, text: string): Judged {
  const verdict = judge(finding);
  const alone = { finding, verdict, words: finding.diagnostic };
  if (verdict.certain || text === "") return alone;
  const informed = judgeText(finding);
  return informed.certain ? { finding, verdict: informed, words: text } : alone;
}

/** One text stands behind many recipients, and is the same for all whose fields say the same. */
function judgeOnce(text: string): (finding: Finding) => Verdict {
  const known = new Map<string, Verdict>();
  return ({ recipients, action, status }) => {
    const key = `${action} ${status}`;
    const verdict = known.get(key) ?? judge({ recipients, action, status, diagnostic: text });
    known.set(key, verdict);
    return verdict;
  };
}

function toFinding(group: Fields): Finding {
  return {
    recipients: recipientsIn(all(group, "original-recipient", "final-recipient").map(typed).join(" ")),
    action: (/^[a-z]+/i.exec(first(group, "action"))?.[0] ?? "").toLowerCase(),
    status: first(group, "status"),
    diagnostic: all(group, "diagnostic-code").map(untyped).join(" "),
  };
}

/** Only a group of a recipient has any of these (RFC 3464 section 2.3). */
function saysSomething({ recipients, action, status }: Finding): boolean {
  return recipients.length > 0 || action !== "" || status !== "";
}

/** `rfc822; reader@example.org`, where some write no type at all. */
function typed(value: string): string {
  return value.slice(value.indexOf(";") + 1).replace(/[<>"']/g, " ");
}

function untyped(value: string): string {
  return value.replace(/^[\w-]{1,60}\s*;/, "").trimStart();
}

function reasonOf({ finding, verdict, words }: Judged): string {
  const said = words.includes("\n") ? tellingLine(words, verdict.words) : words;
  return (
    oneLine(said ?? "") ||
    oneLine(verdict.words) ||
    oneLine(`${finding.action || "failed"} ${finding.status}`)
  );
}
