import { recipientsIn, unique } from "./addresses.ts";
import { all, type Fields, first, readGroups } from "./fields.ts";
import { oneLine, type Reading } from "./report.ts";
import { type Finding, judge, tellingLine, type Verdict, worst } from "./verdict.ts";

/** Groups beyond this are a list no mail of ours can have been addressed to. */
const MAX_RECIPIENTS = 200;

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
  const judged = findings.map((finding) => judgeWith(text, finding));
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

function judgeWith(text: string, finding: Finding): Judged {
  const verdict = judge(finding);
  const alone = { finding, verdict, words: finding.diagnostic };
  if (verdict.certain || text === "") return alone;
  const informed = judge({ ...finding, diagnostic: text });
  return informed.certain ? { finding, verdict: informed, words: text } : alone;
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
  return value.replace(/^[\w-]+\s*;\s*/, "");
}

function reasonOf({ finding, verdict, words }: Judged): string {
  const said = words.includes("\n") ? tellingLine(words, verdict.words) : words;
  return (
    oneLine(said ?? "") ||
    oneLine(verdict.words) ||
    oneLine(`${finding.action || "failed"} ${finding.status}`)
  );
}
