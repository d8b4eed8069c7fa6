import { checkDraft, normaliseDraft, type PaperDraft, type Refusal } from "@paperboy/core";
import { z } from "zod";
import type { ApiContext } from "../context.ts";
import { operation } from "../http/operation.ts";
import type { Route } from "../http/route.ts";

const MAX_PAPERS = 20_000;
/** Papers of one transaction: large enough to be fast, small enough to let others in between. */
const BATCH = 1_000;

const records = z.array(z.unknown()).max(MAX_PAPERS, `has more than ${MAX_PAPERS} papers`).meta({
  description:
    "Objects with title and, when known, abstract, authors, arxivId, doi, categories, url, upvotes …",
});
const pushSchema = z.union(
  [
    records.transform((papers) => ({ source: "push", papers })),
    z.strictObject({
      source: z
        .string()
        .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "must be a short name in lower case")
        .default("push"),
      papers: records,
    }),
  ],
  "must be a list of papers, or an object with papers",
);

const outcomeSchema = z.object({
  read: z.int(),
  new: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  refused: z.int(),
  refusals: z.array(z.object({ at: z.string(), reason: z.string() })),
});

type Outcome = z.input<typeof outcomeSchema>;

export function adminPaperRoutes(context: ApiContext): Route[] {
  return [
    operation({
      method: "post",
      path: "/api/v1/admin/papers",
      summary: "Push papers; those that cannot be read are refused one by one",
      tag: "Administration",
      guard: context.admin.guard,
      body: pushSchema,
      bodyLimit: "32mb",
      success: { status: 200, description: "What became of them.", schema: outcomeSchema },
      handle: ({ body }) => push(context, body.source, body.papers),
    }),
  ];
}

/** Keeps the papers and announces them at once, so that they can be searched when the answer is there. */
async function push(context: ApiContext, source: string, values: readonly unknown[]): Promise<Outcome> {
  const { store, hint, now, logger } = context;
  const begun = performance.now();
  const { drafts, refusals } = readDrafts(values, context);
  const counts = { new: 0, updated: 0, unchanged: 0 };
  for (let at = 0; at < drafts.length; at += BATCH) {
    const part = await store.ingest({ name: source, kind: "push" }, drafts.slice(at, at + BATCH), now());
    counts.new += part.new;
    counts.updated += part.updated;
    counts.unchanged += part.unchanged;
  }
  const announced = await store.papers.announce(now());
  await hint("announce", {});
  const outcome = { read: values.length, ...counts, refused: refusals.length };
  const ms = Math.round(performance.now() - begun);
  logger.info({ source, ...outcome, announced, ms }, `Took ${values.length} papers that were pushed`);
  return { ...outcome, refusals };
}

function readDrafts(values: readonly unknown[], { parsePaperRecord, now }: ApiContext) {
  const drafts: PaperDraft[] = [];
  const refusals: Refusal[] = [];
  for (const [index, value] of values.entries()) {
    const { draft, reason } = parsePaperRecord(value, now());
    const why = draft ? checkDraft(normaliseDraft(draft)) : (reason ?? "it cannot be read");
    if (draft && why === null) drafts.push(draft);
    else refusals.push({ at: `index ${index}`, reason: why ?? "it cannot be read" });
  }
  return { drafts, refusals };
}
