import type { PaperDraft } from "./paper.ts";
import { titleKey } from "./title-key.ts";

/** An arXiv identifier taken apart; `version` is absent when the text names none. */
export interface ArxivRef {
  readonly id: string;
  readonly version?: number;
}

/** What a draft is resolved to a paper by, strongest first. */
export interface IdentityKeys {
  readonly arxivId: string | null;
  readonly doi: string | null;
  readonly titleKey: string;
}

const ARXIV_PREFIX =
  /^(?:(?:https?:\/\/)?(?:[a-z0-9-]+\.)*(?:arxiv\.org|ar5iv\.org)\/(?:abs|pdf|html|format|src|e-print)\/|(?:https?:\/\/)?(?:www\.)?huggingface\.co\/papers\/|oai:arxiv\.org:|arxiv:\s*|(?:https?:\/\/)?(?:dx\.)?(?:doi\.org\/|doi:\s*)?10\.48550\/arxiv\.)/i;
/** Since April 2007: year, month, `.`, four digits, five since 2015. */
const ARXIV_NEW = /^(\d{2}(?:0[1-9]|1[0-2])\.\d{4,5})(?:v([1-9]\d{0,2}))?(?:\.pdf)?(?:[?#].*|\/)?$/i;
/** Before: archive, an optional subject class that is no part of the identity, year, month, three digits. */
const ARXIV_OLD =
  /^([a-z]+(?:-[a-z]+)?)(?:\.[a-z]{2})?\/(\d{2}(?:0[1-9]|1[0-2])\d{3})(?:v([1-9]\d{0,2}))?(?:\.pdf)?(?:[?#].*|\/)?$/i;
const DOI_PREFIX = /^(?:(?:https?:\/\/)?(?:www\.)?(?:dx\.)?doi\.org\/|doi:\s*|urn:doi:)/i;
const DOI = /^10\.\d{4,9}(?:\.\d+)*\/[^\s<>"]{1,200}/;

/**
 * Reads an arXiv identifier in any of its costumes: bare, `arXiv:`, abstract and PDF links, OAI, its own DOI,
 * old ids with or without a subject class. Null when the text is anything else.
 */
export function parseArxivId(text: string): ArxivRef | null {
  const bare = text.trim().replace(ARXIV_PREFIX, "");
  const recent = ARXIV_NEW.exec(bare);
  const old = recent ? null : ARXIV_OLD.exec(bare);
  const id = recent ? recent[1] : old && `${old[1]?.toLowerCase()}/${old[2]}`;
  if (!id) return null;
  const version = recent ? recent[2] : old?.[3];
  return version ? { id, version: Number(version) } : { id };
}

/** Lower-cases a DOI and strips its resolver and the punctuation of the sentence it stood in; null when it is none. */
export function parseDoi(text: string): string | null {
  const bare = text.trim().replace(DOI_PREFIX, "").replace(/%2f/gi, "/").toLowerCase();
  const found = DOI.exec(bare)?.[0].replace(/[.,;:]+$/, "");
  return found && DOI.test(found) ? found : null;
}

const isArxivDoi = (text: string) => parseDoi(text)?.startsWith("10.48550/arxiv.") ?? false;

/** The arXiv identity of a draft: its own field, else its arXiv DOI, else a link to arXiv; any of them may tell the version. */
export function arxivRef(draft: PaperDraft): ArxivRef | null {
  const doi = draft.doi && isArxivDoi(draft.doi) ? draft.doi : undefined;
  const refs = [draft.arxivId, doi, draft.url, draft.pdfUrl].flatMap(
    (text) => parseArxivId(text ?? "") ?? [],
  );
  const [first] = refs;
  return refs.find((ref) => ref.id === first?.id && ref.version !== undefined) ?? first ?? null;
}

/** The journal's DOI; an arXiv DOI says no more than the arXiv id, so it is none. */
export function journalDoi(draft: PaperDraft): string | null {
  return draft.doi && !isArxivDoi(draft.doi) ? parseDoi(draft.doi) : null;
}

/**
 * Preprint servers that number versions inside the DOI: bioRxiv and medRxiv, ChemRxiv, Research Square, Preprints.org,
 * OSF, TechRxiv.
 */
const VERSIONED_DOI =
  /^(10\.(?:1101\/[\d.]*\d|26434\/chemrxiv[-.][\w.-]*?\w|21203\/rs\.[\w.-]*\w|20944\/preprints[\d.]*\d|31219\/osf\.io\/\w+?|36227\/techrxiv\.[\d.]*\d))[-./_]?v\d{1,3}(?:\.full(?:\.pdf|-text)?)?$/;

/** A DOI without the version some preprint servers end it with. */
const doiOfAnyVersion = (doi: string): string => VERSIONED_DOI.exec(doi)?.[1] ?? doi;

const known = new WeakMap<PaperDraft, IdentityKeys>();

/** Keys of a draft, whatever version, case, spacing, accents or TeX it came in; normalised first or not. */
export function identityKeys(draft: PaperDraft): IdentityKeys {
  const before = known.get(draft);
  if (before !== undefined) return before;
  const doi = journalDoi(draft);
  const keys = {
    arxivId: arxivRef(draft)?.id ?? null,
    doi: doi && doiOfAnyVersion(doi),
    titleKey: titleKey(draft.title, draft.authors),
  };
  known.set(draft, keys);
  return keys;
}

const isArxivLink = (url: string) =>
  /^https?:\/\/(?:[a-z]+\.)?arxiv\.org\//i.test(url) && parseArxivId(url) !== null;

/**
 * Where a reader of a normalised draft goes: the given page, else arXiv's abstract, else the DOI's resolver. A
 * given link to arXiv yields to the one without a version, which always leads to the newest. Null when
 * nothing is known: the caller then links to its own page of the paper.
 */
export function paperUrl(draft: PaperDraft): string | null {
  if (draft.url && !isArxivLink(draft.url)) return draft.url;
  const { arxivId } = identityKeys(draft);
  if (arxivId) return `https://arxiv.org/abs/${arxivId}`;
  const doi = journalDoi(draft);
  return doi && `https://doi.org/${encodeURIComponent(doi).replaceAll("%2F", "/")}`;
}

/** The PDF: the given one, else arXiv's; null when neither is known. */
export function pdfUrl(draft: PaperDraft): string | null {
  if (draft.pdfUrl) return draft.pdfUrl;
  const ref = arxivRef(draft);
  return ref ? `https://arxiv.org/pdf/${ref.id}` : null;
}
