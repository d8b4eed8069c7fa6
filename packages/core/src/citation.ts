import type { Paper } from "./paper.ts";

/** A paper in the formats that reference managers read. */
export interface Citation {
  readonly bibtex: string;
  readonly ris: string;
  /** CSL-JSON: a list of one item. */
  readonly csl: string;
}

/** @param url the paper's own page, or ours when it has none. */
export function citationOf(paper: Paper, url: string): Citation {
  return { bibtex: bibtexOf(paper, url), ris: risOf(paper, url), csl: cslOf(paper, url) };
}

const yearOf = ({ publishedAt, announcedAt }: Paper): number | null =>
  (publishedAt ?? announcedAt)?.getUTCFullYear() ?? null;

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();

/** The name that references go by: `lovelace2026gates`, in ASCII. */
function keyOf(paper: Paper): string {
  const plain = (text: string) =>
    text
      .normalize("NFKD")
      .toLowerCase()
      .replace(/[^a-z0-9 ]/g, "");
  const family =
    plain(paper.authors[0] ?? "")
      .split(" ")
      .at(-1) ?? "";
  const word =
    plain(paper.title)
      .split(" ")
      .find(({ length }) => length > 3) ?? "";
  const key = `${family}${yearOf(paper) ?? ""}${word}`;
  return key === "" ? `paper${paper.id}` : key;
}

function bibtexOf(paper: Paper, url: string): string {
  const { title, authors, arxivId, doi, categories, publishedAt } = paper;
  const fields: (readonly [string, string | null])[] = [
    ["title", `{${texOf(oneLine(title))}}`],
    ["author", authors.length === 0 ? null : authors.map((name) => texOf(oneLine(name))).join(" and ")],
    ["year", yearOf(paper)?.toString() ?? null],
    ["month", publishedAt && String(publishedAt.getUTCMonth() + 1)],
    ["eprint", arxivId],
    ["archivePrefix", arxivId && "arXiv"],
    ["primaryClass", arxivId === null ? null : (categories[0] ?? null)],
    ["doi", doi],
    ["url", url.replace(/[{}\\\s]/g, encodeURIComponent)],
  ];
  const lines = fields.flatMap(([name, value]) => (value === null ? [] : [`  ${name} = {${value}}`]));
  return `@misc{${keyOf(paper)},\n${lines.join(",\n")}\n}\n`;
}

/** What TeX takes for itself, written as text; formulas in dollars stay when their braces match. */
function texOf(text: string): string {
  return text
    .split(/(\$[^$]+\$)/)
    .map((part, place) => (place % 2 === 1 && hasMatchingBraces(part) ? part : escapeTex(part)))
    .join("");
}

const TEX: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
};

const escapeTex = (text: string): string =>
  text.replace(/[\\~^&%$#_{}]/g, (character) => TEX[character] ?? `\\${character}`);

function hasMatchingBraces(text: string): boolean {
  let depth = 0;
  for (const [character] of text.matchAll(/(?<!\\)[{}]/g)) {
    depth += character === "{" ? 1 : -1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

function risOf(paper: Paper, url: string): string {
  const { title, abstract, authors, keywords, arxivId, doi, pdfUrl, publishedAt } = paper;
  const tags: (readonly [string, string | null])[] = [
    ["TY", arxivId === null ? "GEN" : "UNPB"],
    ["TI", title],
    ...authors.map((name) => ["AU", name] as const),
    ["PY", yearOf(paper)?.toString() ?? null],
    ["DA", publishedAt?.toISOString().slice(0, 10).replaceAll("-", "/") ?? null],
    ["AB", abstract === "" ? null : abstract],
    ...keywords.map((word) => ["KW", word] as const),
    ["DO", doi],
    ["M1", arxivId && `arXiv:${arxivId}`],
    ["UR", url],
    ["L1", pdfUrl],
    ["ER", ""],
  ];
  const lines = tags.flatMap(([tag, value]) => (value === null ? [] : [`${tag}  - ${oneLine(value)}`]));
  return `${lines.join("\r\n")}\r\n`;
}

function cslOf(paper: Paper, url: string): string {
  const { id, title, abstract, authors, arxivId, doi } = paper;
  const date = paper.publishedAt ?? paper.announcedAt;
  const item = {
    id: keyOf(paper) || String(id),
    type: "article",
    title: oneLine(title),
    author: authors.map((name) => ({ literal: oneLine(name) })),
    ...(date && {
      issued: { "date-parts": [[date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]] },
    }),
    ...(abstract !== "" && { abstract: oneLine(abstract) }),
    ...(doi !== null && { DOI: doi }),
    ...(arxivId !== null && { number: `arXiv:${arxivId}`, publisher: "arXiv" }),
    URL: url,
  };
  return `${JSON.stringify([item], null, 2)}\n`;
}
