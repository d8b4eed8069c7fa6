import { type PaperDraft, parseArxivId, splitListedNames } from "@paperboy/core";
import { readDate } from "./dates.ts";
import { type FileContent, readBytes } from "./lines.ts";
import { accepted, FormatError, forgiving, type ReadRecord, refused } from "./outcome.ts";
import { saysWithdrawn } from "./withdrawn.ts";
import { parsedName } from "./written-lists.ts";
import { parseDocument } from "./xml.ts";
import { decodeText } from "./xml-encoding.ts";
import { childOf, childrenOf, type Element, textIn, textOf, textsOf } from "./xml-tree.ts";

const MAX_BYTES = 64 * 1024 * 1024;

/** One answer to `ListRecords` (OAI-PMH 2.0, section 4.5). */
export interface OaiPage {
  readonly records: readonly ReadRecord[];
  /** Asks for the next page; null on the last. */
  readonly resumptionToken: string | null;
  readonly completeListSize: number | null;
  /** What had to be forgiven to read it, in one line; absent when nothing had to. */
  readonly forgiven?: string;
}

/**
 * Reads an answer of arXiv's OAI-PMH server with metadata in `arXiv`, `arXivRaw` or `oai_dc`. The `datestamp` of a
 * record is when it was last changed, so it dates nothing here.
 * @throws {FormatError} when it is something else, or an error such as `badResumptionToken`.
 */
export function readOaiPage(content: string | Uint8Array, now: Date, contentType?: string): OaiPage {
  const decoded =
    typeof content === "string" ? { text: content, forgiven: null } : decodeText(content, contentType);
  const { root, forgiven } = parseDocument(decoded.text);
  if (root.name !== "oai-pmh")
    throw new FormatError(`expected OAI-PMH, found XML of another kind (<${root.name.slice(0, 60)}>)`);
  const error = childOf(root, "error");
  // Nothing new in the span that was asked for: an empty answer, not a failure.
  if (error?.attributes.code === "noRecordsMatch")
    return { records: [], resumptionToken: null, completeListSize: 0 };
  if (error)
    throw new FormatError(
      `the server answers ${error.attributes.code}: ${textIn(error).trim().slice(0, 300)}`,
    );
  const list = childOf(root, "listrecords", "getrecord");
  if (list === undefined) throw new FormatError("expected ListRecords, found none");
  const token = childOf(list, "resumptiontoken");
  const size = Number(token?.attributes.completelistsize ?? Number.NaN);
  const page = {
    records: childrenOf(list, "record").map((record, index) => readOaiRecord(record, index, now)),
    resumptionToken: (token && textIn(token).trim()) || null,
    completeListSize: Number.isInteger(size) ? size : null,
  };
  return forgiving(page, decoded.forgiven, forgiven);
}

/** Reads one answer from a file; see {@link readOaiPage}. */
export async function* readOai(content: FileContent, now: Date): AsyncGenerator<ReadRecord> {
  yield* readOaiPage(await readBytes(content, MAX_BYTES), now).records;
}

function readOaiRecord(record: Element, index: number, now: Date): ReadRecord {
  const header = childOf(record, "header");
  const at = (header && textOf(header, "identifier")) ?? `record ${index + 1}`;
  if (header?.attributes.status === "deleted") return refused(at, "deleted at the source");
  const metadata = childOf(record, "metadata");
  const body = metadata && childOf(metadata, "arxiv", "arxivraw", "oai_dc:dc");
  if (body === undefined) return refused(at, "has no metadata in a format that is read here");
  const draft = body.name === "oai_dc:dc" ? dublinCore(body, at, now) : arxivMetadata(body, at, now);
  return accepted(at, draft as PaperDraft);
}

type Loose = { [K in keyof PaperDraft]: PaperDraft[K] | undefined };

function arxivMetadata(body: Element, at: string, now: Date): Loose {
  const id = textOf(body, "id") ?? at;
  const versions = childrenOf(body, "version");
  const abstract = textOf(body, "abstract") ?? "";
  const authors = childOf(body, "authors");
  const named = authors ? childrenOf(authors, "author").map(fullName) : [];
  return {
    externalId: id,
    arxivId: id,
    version: versions.length > 0 ? versionOf(versions.at(-1)?.attributes.version) : undefined,
    title: textOf(body, "title") ?? "",
    abstract,
    authors: named.length > 0 ? named : splitListedNames(authors ? textIn(authors) : ""),
    categories: textOf(body, "categories")?.split(/\s+/),
    doi: textOf(body, "doi"),
    withdrawn: saysWithdrawn(textOf(body, "comments"), abstract),
    publishedAt: readDate(textOf(body, "created") ?? (versions[0] && textOf(versions[0], "date")), now),
  };
}

const versionOf = (text: string | undefined) => Number(text?.replace(/^v/, "")) || undefined;

const fullName = (author: Element): string =>
  [textOf(author, "forenames"), textOf(author, "keyname"), textOf(author, "suffix")]
    .filter(Boolean)
    .join(" ");

function dublinCore(body: Element, at: string, now: Date): Loose {
  const ids = textsOf(body, "dc:identifier");
  const arxiv = [...ids, at].find((text) => parseArxivId(text) !== null);
  // `Keyname, Forenames, Suffix` is how Dublin Core lists people.
  const reading = (name: string) => parsedName(name.split(/,\s*/));
  const [abstract = "", ...notes] = textsOf(body, "dc:description");
  return {
    externalId: arxiv === undefined ? at : (parseArxivId(arxiv)?.id ?? at),
    arxivId: arxiv,
    title: textOf(body, "dc:title") ?? "",
    abstract,
    authors: textsOf(body, "dc:creator").map(reading),
    keywords: textsOf(body, "dc:subject"),
    doi: ids.find((text) => /^(?:doi:|10\.|https?:\/\/(?:dx\.)?doi\.org)/i.test(text)),
    withdrawn: saysWithdrawn(notes.join(" "), abstract),
    publishedAt: readDate(textOf(body, "dc:date"), now),
  };
}
