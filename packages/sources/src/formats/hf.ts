import { isUtf8 } from "node:buffer";
import { type PaperDraft, parseArxivId } from "@paperboy/core";
import { z } from "zod";
import { readDate } from "./dates.ts";
import { lookOf, mismatch } from "./detect.ts";
import { jsonProblem } from "./jsonl.ts";
import { type FileContent, readWhole } from "./lines.ts";
import { accepted, FormatError, nameOf, type ReadRecord, refused } from "./outcome.ts";

/** A day's answer is a quarter of a megabyte; a month in one file still fits. */
const MAX_BYTES = 64 * 1024 * 1024;

/** What the answer may lack: fields appeared over the years, and a change to one of them must not cost the paper. */
const maybe = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);
const required = z.string({
  error: ({ input }) => (input === undefined ? "is missing" : `must be text, not ${nameOf(input)}`),
});
const author = z.object({ name: z.string(), hidden: maybe(z.boolean()) });

const paperSchema = z.object(
  {
    id: required,
    title: maybe(z.string()),
    summary: maybe(z.string()),
    authors: maybe(z.array(z.unknown())),
    publishedAt: maybe(z.string()),
    submittedOnDailyAt: maybe(z.string()),
    upvotes: maybe(z.number()),
    ai_keywords: maybe(z.array(z.string())),
    githubRepo: maybe(z.string()),
    githubStars: maybe(z.number()),
    projectPage: maybe(z.string()),
  },
  { error: ({ input }) => (input === undefined ? "is missing" : `must be an object, not ${nameOf(input)}`) },
);

const entrySchema = z.object(
  {
    paper: paperSchema,
    title: maybe(z.string()),
    summary: maybe(z.string()),
    publishedAt: maybe(z.string()),
    numComments: maybe(z.number()),
  },
  { error: ({ input }) => `expected an object with "paper", found ${nameOf(input)}` },
);

type Entry = z.infer<typeof entrySchema>;

/** Authors who hid themselves are left out; so is an entry that is no author. */
function visibleNames(authors: readonly unknown[] = []): string[] {
  return authors.flatMap((each) => {
    const { data } = author.safeParse(each);
    return data && !data.hidden ? [data.name] : [];
  });
}

function toDraft({ paper, ...entry }: Entry, now: Date): PaperDraft {
  const isArxiv = parseArxivId(paper.id) !== null;
  return {
    externalId: paper.id,
    arxivId: isArxiv ? paper.id : undefined,
    url: isArxiv ? undefined : `https://huggingface.co/papers/${encodeURIComponent(paper.id)}`,
    title: paper.title ?? entry.title ?? "",
    abstract: paper.summary ?? entry.summary ?? "",
    authors: visibleNames(paper.authors),
    keywords: paper.ai_keywords,
    codeUrl: paper.githubRepo,
    projectUrl: paper.projectPage,
    upvotes: paper.upvotes,
    stars: paper.githubStars,
    comments: entry.numComments,
    // The outer date is shifted by a time zone, so that it can be a day off.
    publishedAt: readDate(paper.publishedAt ?? entry.publishedAt, now),
    listedAt: readDate(paper.submittedOnDailyAt, now),
    // Undefined fields fall out when the draft is normalised.
  } as PaperDraft;
}

/** Reads one entry of the daily papers answer of Hugging Face; `place` says where it stood. */
export function readHfEntry(place: string, value: unknown, now: Date): ReadRecord {
  const id = (value as { paper?: { id?: unknown } } | null)?.paper?.id;
  const at = typeof id === "string" && id.trim() !== "" ? `${place} (${id})` : place;
  const parsed = entrySchema.safeParse(value);
  if (parsed.success) return accepted(at, toDraft(parsed.data, now));
  const [issue] = parsed.error.issues;
  return refused(at, [issue?.path.join("."), issue?.message].filter(Boolean).join(" "));
}

function parseList(text: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!lookOf(text).startsWith("a JSON")) throw new FormatError(mismatch("a JSON list of papers", text));
    throw new FormatError(`expected a JSON list of papers, found damaged JSON (${jsonProblem(error)})`);
  }
  if (Array.isArray(value)) return value;
  throw new FormatError(`expected a JSON list of papers, found ${nameOf(value)}`);
}

/**
 * Reads an answer that is at hand; `day` says where a record stood.
 * @throws {FormatError} when it is not a JSON list in UTF-8, which JSON is in (RFC 8259, section 8.1).
 */
export function parseHfAnswer(body: Uint8Array, now: Date, day: string): ReadRecord[] {
  if (!isUtf8(body)) throw new FormatError("expected JSON, found text that is not valid UTF-8");
  const entries = parseList(new TextDecoder().decode(body));
  return entries.map((entry, index) => readHfEntry(`${day} index ${index}`, entry, now));
}

/** Nobody knows when an answer in a file was given; the day it lists is the nearest to that. */
function kept(record: ReadRecord): ReadRecord {
  const { at, draft } = record as { at: string; draft?: PaperDraft };
  return draft?.listedAt === undefined ? record : { at, draft: { ...draft, observedAt: draft.listedAt } };
}

/**
 * Reads the `hf` format: an answer of `https://huggingface.co/api/daily_papers`, read whole (at most 64 MB).
 * @throws {FormatError} when the content is not a JSON list, with what it is instead.
 */
export async function* readHf(content: FileContent, now: Date): AsyncGenerator<ReadRecord> {
  const entries = parseList(await readWhole(content, MAX_BYTES));
  for (const [index, entry] of entries.entries()) yield kept(readHfEntry(`index ${index}`, entry, now));
}
