import type { Paper, PublicPages } from "@paperboy/core";
import { z } from "zod";
import type { Highlights } from "../ports.ts";

const count = z.int().nullable();
const link = z.string().nullable();

/** A paper as the API shows it. */
export const paperSchema = z.object({
  id: z.int(),
  title: z.string(),
  abstract: z.string(),
  authors: z.array(z.string()),
  url: z.string().meta({ description: "The paper's own page, or ours when it has none." }),
  pdfUrl: link,
  codeUrl: link,
  projectUrl: link,
  arxivId: z.string().nullable(),
  version: count,
  doi: z.string().nullable(),
  categories: z.array(z.string()),
  keywords: z.array(z.string()),
  sources: z.array(z.string()),
  upvotes: count,
  stars: count,
  comments: count,
  publishedAt: z.iso.datetime().nullable(),
  announcedAt: z.iso.datetime().nullable(),
  withdrawn: z.boolean(),
});

export type PaperView = z.input<typeof paperSchema>;

export const foundPaperSchema = paperSchema.extend({
  score: z.number(),
  matched: z.array(z.string()).meta({ description: "The words that matched, as they stand in the paper." }),
});

const spans = z.array(z.object({ start: z.int(), end: z.int() }));

const highlights = z.object({ title: spans, abstract: spans, authors: z.array(spans) }).meta({
  description:
    "Where the words stand, as UTF-16 offsets; `end` is exclusive. `authors` has one list for each of the first ten.",
});

export const searchResultSchema = z.object({
  total: z.int().meta({ description: "How many papers match, on all pages; at most 10,000 are counted." }),
  isMore: z.boolean().meta({ description: "Whether more match than were counted." }),
  papers: z.array(foundPaperSchema.extend({ highlights })),
  next: z
    .string()
    .nullable()
    .meta({ description: "Give it as `before` to get the next page; null on the last." }),
});

export const trendingResultSchema = z.object({
  date: z.string(),
  papers: z.array(paperSchema.extend({ score: z.number(), reason: z.string().nullable() })),
});

export const previewResultSchema = z.object({
  query: z.string().meta({ description: "Canonical spelling." }),
  total: z.int().meta({ description: "How many papers match; at most 10,000 are counted." }),
  isMore: z.boolean().meta({ description: "Whether more match than were counted." }),
  days: z
    .array(z.object({ date: z.string(), count: z.int() }))
    .meta({ description: "30 days, oldest first." }),
  perDay: z.number(),
  forecast: z.string().meta({ examples: ["about 4 a day"] }),
  warning: z.string().nullable(),
  samples: z.array(paperSchema.extend({ matched: z.array(z.string()), highlights })),
});

/** Spans as answers carry them. */
export const toHighlightsView = ({ title, abstract, authors }: Highlights) => ({
  title: [...title],
  abstract: [...abstract],
  authors: authors.map((name) => [...name]),
});

export function toPaperView(paper: Paper, pages: PublicPages): PaperView {
  const { authors, categories, keywords, sources, publishedAt, announcedAt } = paper;
  const { withdrawn = false, mailable: _mailable, seq: _seq, firstSeenAt: _firstSeenAt, ...rest } = paper;
  return {
    ...rest,
    withdrawn,
    url: paper.url || pages.paper(paper.id),
    authors: [...authors],
    categories: [...categories],
    keywords: [...keywords],
    sources: [...sources],
    publishedAt: publishedAt?.toISOString() ?? null,
    announcedAt: announcedAt?.toISOString() ?? null,
  };
}
