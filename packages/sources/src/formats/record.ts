import { type PaperDraft, parseArxivId } from "@paperboy/core";
import { z } from "zod";
import { sortedTags } from "./categories.ts";
import { readDate } from "./dates.ts";
import { accepted, idFromTitle, nameOf } from "./outcome.ts";
import { saysWithdrawn } from "./withdrawn.ts";
import { namesOf, parsedName, wordsOf } from "./written-lists.ts";

/** Our field names and the other names the same thing goes by, in order of preference. */
const SPELLINGS = {
  title: ["title"],
  abstract: ["abstract", "summary"],
  authorsParsed: ["authors_parsed"],
  authors: ["authors", "author"],
  id: ["id"],
  externalId: ["externalId", "external_id"],
  arxivId: ["arxivId", "arxiv_id"],
  version: ["version"],
  versions: ["versions"],
  doi: ["doi"],
  categories: ["categories"],
  keywords: ["keywords", "ai_keywords"],
  url: ["url", "abs", "link"],
  pdfUrl: ["pdfUrl", "pdf_url", "pdf"],
  codeUrl: ["codeUrl", "code_url", "code", "githubRepo"],
  projectUrl: ["projectUrl", "project_url", "projectPage"],
  publishedAt: ["publishedAt", "published_at", "published", "date"],
  observedAt: ["observedAt", "observed_at", "observed", "first_seen"],
  upvotes: ["upvotes"],
  stars: ["stars", "githubStars"],
  comments: ["comments", "numComments"],
} as const;

type Field = keyof typeof SPELLINGS;

/** A check whose error says what was wanted and what was found. */
const wanted = (what: string) => ({
  error: ({ input }: { input?: unknown }) =>
    input === undefined ? "is missing" : `must be ${what}, not ${nameOf(input)}`,
});

const text = z.string(wanted("text"));
const identifier = z.union(
  [z.string(), z.int().transform(String)],
  wanted("text (as a number 2602.10 would lose its last digit)"),
);
const names = z
  .union(
    [z.string(), z.array(z.union([z.string(), z.object({ name: z.string() })]))],
    wanted("a list of names"),
  )
  .transform(namesOf);
const words = (separator: RegExp) =>
  z.union([z.string(), z.array(z.string())], wanted("a list of words")).transform(wordsOf(separator));
const date = z.union([z.string(), z.number()], wanted("a date"));
const digits = z
  .string()
  .regex(/^\s*-?\d+\s*$/)
  .transform(Number);
const whole = z.union([z.number(), digits], wanted("a whole number"));
// The arXiv snapshot's `comments` are the authors' own remarks ("37 pages"), not a count.
const countOrRemark = z.union(
  [z.number(), digits, z.string().transform(() => undefined)],
  wanted("a whole number"),
);

const recordSchema = z.object({
  title: text,
  abstract: text.optional(),
  authorsParsed: z.array(z.array(z.string()), wanted("a list of [last, first] names")).optional(),
  authors: names.optional(),
  id: identifier.optional(),
  externalId: identifier.optional(),
  arxivId: text.optional(),
  version: whole.optional(),
  versions: z
    .array(z.object({ version: z.string(), created: z.string() }), wanted("a list of versions"))
    .optional(),
  doi: text.optional(),
  categories: words(/[\s,;]+/).optional(),
  keywords: words(/[,;]/).optional(),
  url: text.optional(),
  pdfUrl: text.optional(),
  codeUrl: text.optional(),
  projectUrl: text.optional(),
  publishedAt: date.optional(),
  observedAt: date.optional(),
  upvotes: whole.optional(),
  stars: whole.optional(),
  comments: countOrRemark.optional(),
} satisfies Record<Field, z.ZodType>);

type Fields = z.infer<typeof recordSchema>;

/** The spelling of each field that this record uses; a null is a field that is not there. */
function spellings(record: Record<string, unknown>): Map<Field, string> {
  const used = new Map<Field, string>();
  for (const [field, names] of Object.entries(SPELLINGS) as [Field, readonly string[]][]) {
    const name = names.find((each) => Object.hasOwn(record, each) && record[each] !== null);
    if (name) used.set(field, name);
  }
  return used;
}

function toDraft(fields: Fields, withdrawn: boolean, now: Date): PaperDraft {
  const { id, versions, authorsParsed, abstract = "", title } = fields;
  const authors = authorsParsed?.map(parsedName) ?? fields.authors ?? [];
  const arxivId = fields.arxivId ?? (id && parseArxivId(id) ? id : undefined);
  const version = fields.version ?? (versions && Number(versions.at(-1)?.version.replace(/^v/, "")));
  const externalId =
    fields.externalId ?? id ?? arxivId ?? fields.doi ?? fields.url ?? idFromTitle(title, authors);
  const { doi, url, pdfUrl, codeUrl, projectUrl, upvotes, stars, comments } = fields;
  // Other archives call their categories what they like.
  const { categories, keywords } = arxivId === undefined ? fields : arxivTags(fields);
  // Undefined fields fall out when the draft is normalised. Not begun as the copy of another object, which is slow.
  const draft: Loose = {
    externalId,
    title,
    abstract,
    authors,
    arxivId,
    version,
    doi,
    categories,
    keywords,
    url,
    pdfUrl,
    codeUrl,
    projectUrl,
    upvotes,
    stars,
    comments,
    publishedAt: readDate(fields.publishedAt ?? versions?.[0]?.created, now),
    observedAt: readDate(fields.observedAt, now),
    withdrawn,
  };
  return draft as PaperDraft;
}

/** arXiv's own lists have MSC and ACM classes among the categories. */
function arxivTags({ categories, keywords }: Fields): Pick<PaperDraft, "categories" | "keywords"> {
  const sorted = sortedTags(categories ?? []);
  const words = [...(keywords ?? []), ...(sorted.keywords ?? [])];
  return {
    ...(sorted.categories && { categories: sorted.categories }),
    ...(words.length > 0 && { keywords: words }),
  };
}

type Loose = { [K in keyof PaperDraft]: PaperDraft[K] | undefined };

/** A paper record read, or the reason it was refused. */
export type ParsedRecord =
  | { readonly draft: PaperDraft; readonly reason?: undefined }
  | { readonly reason: string; readonly draft?: undefined };

/**
 * Reads one paper record: an object with `title` and, when known, `abstract`, `authors` (a list or "A, B"),
 * `id` or `arxivId`, `doi`, `categories`, `keywords`, links, dates and signals, or their usual synonyms,
 * the arXiv snapshot's fields included. Unknown fields are ignored, null is absent. A field of the wrong type
 * refuses the record by the name it was written under; a date that makes no sense, or lies more than two days
 * after `now`, and a count out of range are dropped, and the paper stays.
 */
export function parsePaperRecord(value: unknown, now: Date): ParsedRecord {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { reason: `expected an object, found ${nameOf(value)}` };
  }
  const record = value as Record<string, unknown>;
  const used = spellings(record);
  const parsed = recordSchema.safeParse(
    Object.fromEntries([...used].map(([field, name]) => [field, record[name]])),
  );
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path[0] as Field;
    return { reason: `${used.get(field) ?? field} ${issue?.message}` };
  }
  const remark = typeof record.comments === "string" ? record.comments : undefined;
  const withdrawn = saysWithdrawn(remark, parsed.data.abstract ?? "");
  const outcome = accepted("", toDraft(parsed.data, withdrawn, now));
  return outcome.draft ? { draft: outcome.draft } : { reason: outcome.refusal.reason };
}
