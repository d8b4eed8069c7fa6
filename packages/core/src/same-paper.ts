import { identityKeys } from "./identity.ts";
import type { PaperDraft } from "./paper.ts";
import type { PaperRecord } from "./paper-record.ts";
import { titleKeyParts } from "./title-key.ts";

/** Headings that journals print again and again: the same title, by the same editor, of another text. */
const RECURRING = new Set(
  `abstracts|acknowledgment|acknowledgments|acknowledgement|acknowledgements|addendum|announcement|announcements|
   author index|book review|book reviews|comment|commentary|contents|correction|corrections|corrigenda|corrigendum|
   cover|discussion|editorial|editorial board|editorial note|editors note|erratum|errata|expression of concern|foreword|
   front matter|from the editor|guest editorial|highlights|in memoriam|in this issue|index|introduction|
   introduction to the special issue|letter to the editor|letters to the editor|list of reviewers|masthead|news|
   notes|obituary|perspective|preface|reply|response|retraction|retraction notice|review|special issue|
   subject index|table of contents|viewpoint`
    .split("|")
    .map((title) => title.trim()),
);
/** A title of so many characters and words stands for one work even when nobody tells who wrote it. */
const DISTINCT_LENGTH = 20;
const DISTINCT_WORDS = 4;
/** Two abstracts of one work share most of the long words of the shorter one, also when that is a teaser. */
const SHARED = 0.5;
/** As much of an abstract stays when only the title was corrected. */
const UNCHANGED = 0.8;
const LONG_WORD = /[\p{L}\p{N}]{5,}/gu;
/** How an id begins that a reader of files made from a title. */
export const TITLE_ID = "title:";
/** Compared up to here: what stands behind tells no more. */
const COMPARED = 4_000;

/** What identity looks at; a stored paper has it and a draft has it. */
interface Known {
  readonly titleKey: string;
  readonly abstract: string;
  readonly url?: string | undefined;
}

/**
 * Whether a draft is a sighting of this paper, given that they share a key. An arXiv id or DOI decides; two papers
 * that carry different ones are different, however alike their titles. Without, title and first author do; where
 * one of them names no author, or the title is one of those that come again in every issue, page and abstract have
 * to agree as well, or the title has to be long.
 *
 * @param wasShown whether the draft's source has shown this paper under the draft's own id before.
 */
export function isSamePaper(record: PaperRecord, draft: PaperDraft, wasShown = false): boolean {
  const keys = identityKeys(draft);
  if (record.arxivId !== null && keys.arxivId !== null) return record.arxivId === keys.arxivId;
  if (record.doi !== null && keys.doi !== null) return record.doi === keys.doi;
  const seen = { ...draft, titleKey: keys.titleKey };
  return wasShown ? isShownAgain(record, seen) : isSameByTitle(record, seen);
}

/**
 * An id made from a title alone (see `idFromTitle`) says no more than the title. Under an id of the source's own a title may
 * be corrected, but some feeds give all they have one id, so the abstracts have to agree then.
 */
function isShownAgain(record: Known, seen: Known & Pick<PaperDraft, "externalId">): boolean {
  const isSameTitle = titleKeyParts(record.titleKey).title === titleKeyParts(seen.titleKey).title;
  if (seen.externalId.startsWith(TITLE_ID)) return isSameTitle && contentAgrees(record, seen) !== false;
  return isSameTitle || abstractsAgree(record.abstract, seen.abstract, UNCHANGED) === true;
}

/** Whether two papers may be one after all: not when they carry different arXiv ids or different DOIs. */
export function mayBeOne(a: PaperRecord, b: PaperRecord): boolean {
  return agrees(a.arxivId, b.arxivId) && agrees(a.doi, b.doi);
}

/** Whether a draft, which carries no id that another title belongs to, is known by a title that a paper once had. */
export function isKnownAs(record: PaperRecord, formerTitleKey: string, draft: PaperDraft): boolean {
  const { arxivId, doi, titleKey } = identityKeys(draft);
  return (
    agrees(record.arxivId, arxivId) &&
    agrees(record.doi, doi) &&
    isSameByTitle({ ...record, titleKey: formerTitleKey }, { ...draft, titleKey })
  );
}

const agrees = (a: string | null, b: string | null) => a === null || b === null || a === b;

function isSameByTitle(a: Known, b: Known): boolean {
  const [one, other] = [titleKeyParts(a.titleKey), titleKeyParts(b.titleKey)];
  if (one.title !== other.title) return false;
  // Where nothing at all differs it is the same record, read again.
  if (one.author === other.author && a.abstract === b.abstract && !haveDifferentPages(a, b)) return true;
  const bothNamed = one.author !== "" && other.author !== "";
  if (bothNamed && one.author !== other.author) return false;
  if (RECURRING.has(one.title)) return contentAgrees(a, b) === true;
  if (bothNamed) return true;
  return isDistinct(one.title) ? contentAgrees(a, b) !== false : contentAgrees(a, b) === true;
}

const haveDifferentPages = (a: Known, b: Known) => Boolean(a.url && b.url && a.url !== b.url);

/** Scripts without spaces say in few characters what English says in many. */
const isDistinct = (title: string): boolean =>
  title.length >= DISTINCT_LENGTH && (title.split(" ").length >= DISTINCT_WORDS || !/[a-z]/.test(title));

/** Null when neither page nor abstract can tell. */
function contentAgrees(a: Known, b: Known): boolean | null {
  return a.url && a.url === b.url ? true : abstractsAgree(a.abstract, b.abstract);
}

function abstractsAgree(a: string, b: string, share = SHARED): boolean | null {
  if (a === "" || b === "") return null;
  if (a === b) return true;
  const [some, more] = [longWords(a), longWords(b)].sort((x, y) => x.size - y.size);
  if (some === undefined || more === undefined || some.size === 0) return null;
  const shared = [...some].filter((word) => more.has(word)).length;
  return shared / some.size >= share;
}

const longWords = (text: string): Set<string> =>
  new Set(text.slice(0, COMPARED).toLowerCase().match(LONG_WORD) ?? []);
