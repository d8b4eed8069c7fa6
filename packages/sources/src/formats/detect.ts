/** The formats a file of papers may have, as `--format` takes them. */
export const FILE_FORMATS = ["text", "jsonl", "hf", "arxiv-atom", "arxiv-rss", "feed", "arxiv-oai"] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

/** What content looks like from its first characters, in words for an error. */
type Look = "nothing" | "HTML" | "XML" | "a JSON list" | "a JSON object" | "plain text";

/** Looks at the first characters of a file; 1,000 are plenty. */
export function lookOf(head: string): Look {
  const start = head
    .replace(/^\ufeff/, "")
    .trimStart()
    .slice(0, 1_000);
  if (start === "") return "nothing";
  if (/^<(?:!doctype html|html|head|body)\b/i.test(start)) return "HTML";
  if (/^<(?:\?xml|rss|feed|rdf:rdf|oai-pmh)\b/i.test(start)) return "XML";
  if (/^\[\s*(?:[{\]]|$)/.test(start)) return "a JSON list";
  return /^\{\s*(?:["}]|$)/.test(start) ? "a JSON object" : "plain text";
}

/**
 * Guesses a file's format from what it starts with, else from its name (`.gz` is looked through); null when
 * nothing fits. A guess is for suggesting, not for reading a file as something the operator did not say.
 */
export function detectFormat(fileName: string, head: string): FileFormat | null {
  const look = lookOf(head);
  if (look === "XML") return xmlFormat(head);
  if (look === "a JSON list") return "hf";
  if (/"https:\/\/jsonfeed\.org\/version\//.test(head.slice(0, 1_000))) return "feed";
  // One object that ends with its line is JSON Lines; one that runs on is some other document.
  if (look === "a JSON object") return /^\s*\{\s*"/.test(head.split("\n", 1)[0] ?? "") ? "jsonl" : null;
  if (look === "plain text") return "text";
  if (look !== "nothing") return null;
  const extension = /\.([a-z]+)(?:\.gz)?$/i.exec(fileName)?.[1]?.toLowerCase() ?? "";
  const byName: Record<string, FileFormat> = { txt: "text", jsonl: "jsonl", ndjson: "jsonl", json: "hf" };
  return byName[extension] ?? null;
}

/** One line for a file of the wrong format: what was expected, what was found, and the format that may fit. */
export function mismatch(expected: string, head: string): string {
  const guess = detectFormat("", head);
  return `expected ${expected}, found ${lookOf(head)}${guess ? ` (is its format "${guess}"?)` : ""}`;
}

function xmlFormat(head: string): FileFormat {
  const start = head.slice(0, 4_000);
  if (/<OAI-PMH\b/.test(start)) return "arxiv-oai";
  if (/announce_type|rss\.arxiv\.org/.test(start)) return "arxiv-rss";
  return /<feed\b[^<>]*arxiv\.org\/schemas/.test(start) ? "arxiv-atom" : "feed";
}
