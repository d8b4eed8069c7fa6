import { DAY_STATES, HEALTH_STATES, type JudgedHealth, judgeSource } from "@paperboy/core";
import type { SourceView } from "@paperboy/db";
import { z } from "zod";
import type { ApiContext } from "../context.ts";
import { operation } from "../http/operation.ts";
import { Problem } from "../http/problem.ts";
import type { Route } from "../http/route.ts";
import { limitSchema } from "../schemas/listing.ts";

const TAG = "Administration";
const instant = z.iso.datetime();

/** A category of an arXiv source on its newest announcement day. */
const categorySchema = z.object({
  category: z.string(),
  day: z.iso.date(),
  state: z.enum(DAY_STATES),
  says: z.string(),
  late: z.boolean(),
  announced: z.int(),
  filled: z.int(),
  missing: z.array(z.string()).meta({ description: "arXiv ids that could not be fetched from anywhere" }),
  faults: z.array(z.string()),
});

const sourceSchema = z.object({
  id: z.int(),
  name: z.string(),
  kind: z.string(),
  everyMinutes: z.int().nullable(),
  nextRunAt: instant.nullable(),
  lastRunAt: instant.nullable(),
  papers: z.int(),
  quarantined: z.int(),
  failures: z.int(),
  health: z.object({
    state: z.enum(HEALTH_STATES),
    says: z.string(),
    late: z.boolean(),
    categories: z.array(categorySchema),
  }),
});

const newSourceSchema = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,60}$/, "must be letters, digits, dots and dashes, at most 60"),
  kind: z.string().meta({ description: "hf, arxiv-api, arxiv-rss, arxiv-oai or feed" }),
  url: z.string().optional(),
  query: z.string().optional(),
  set: z.string().optional(),
  everyMinutes: z.int().min(5).max(10_080).optional(),
});

const nameParams = z.object({ name: z.string() });

/** A source as administration shows it, judged by its runs. */
export function toSourceView(source: SourceView, now: Date): z.infer<typeof sourceSchema> {
  const { id, name, kind, everyMinutes, papers, quarantined, failures } = source;
  return {
    ...{ id, name, kind, everyMinutes, papers, quarantined, failures },
    nextRunAt: source.nextRunAt?.toISOString() ?? null,
    lastRunAt: source.lastRunAt?.toISOString() ?? null,
    health: copyOf(judgeSource({ ...source, now })),
  };
}

const copyOf = ({ state, says, late, categories }: JudgedHealth) => ({
  state,
  says,
  late,
  categories: categories.map((category) => ({
    ...category,
    missing: [...category.missing],
    faults: [...category.faults],
  })),
});

/** Where papers come from, what could not be read, and papers that were found to be one. */
export function adminSourceRoutes(context: ApiContext): Route[] {
  return [...sourceRoutes(context), ...recordRoutes(context)];
}

function sourceRoutes({ store, admin: { guard }, parseSource, now }: ApiContext): Route[] {
  const common = { path: "/api/v1/admin/sources", tag: TAG, guard };
  return [
    operation({
      ...common,
      method: "get",
      summary: "Where papers come from, and how each source does",
      success: {
        status: 200,
        description: "All sources.",
        schema: z.object({ sources: z.array(sourceSchema) }),
      },
      handle: async () => {
        const at = now();
        return { sources: (await store.sources.list(at)).map((source) => toSourceView(source, at)) };
      },
    }),
    operation({
      ...common,
      method: "post",
      summary: "Add a source, or change the one of this name",
      body: newSourceSchema,
      success: { status: 204, description: "It is read within a minute." },
      problems: [422],
      handle: async ({ body }) => {
        const source = parseSource(body);
        if ("reason" in source) throw new Problem(422, source.reason);
        await store.sources.add({ name: body.name, ...source }, now());
      },
    }),
    operation({
      method: "delete",
      path: "/api/v1/admin/sources/{name}",
      summary: "Stop reading a source; its papers stay",
      tag: TAG,
      guard,
      params: nameParams,
      success: { status: 204, description: "It is not read any more." },
      problems: [404],
      handle: async ({ params: { name } }) => {
        if (!(await store.sources.remove(name))) throw new Problem(404, "There is no such source.");
      },
    }),
  ];
}

const quarantinedSchema = z.object({
  source: z.string(),
  at: z.string(),
  reason: z.string(),
  times: z.int(),
  firstSeenAt: instant,
  lastSeenAt: instant,
});

const mergeSchema = z.object({
  id: z.int(),
  keptId: z.int(),
  mergedId: z.int(),
  title: z.string(),
  mergedTitle: z.string(),
  reason: z.string(),
  mergedAt: instant,
  undoneAt: instant.nullable(),
});

function recordRoutes({ store, admin: { guard }, now }: ApiContext): Route[] {
  const limited = z.object({ limit: limitSchema(100, 1_000) });
  return [
    operation({
      method: "get",
      path: "/api/v1/admin/quarantine",
      summary: "Records that could not be read, and why",
      tag: TAG,
      guard,
      query: limited,
      success: {
        status: 200,
        description: "Newest first.",
        schema: z.object({ records: z.array(quarantinedSchema) }),
      },
      handle: async ({ query }) => {
        const records = await store.sources.quarantined(query.limit);
        const dated = records.map((each) => ({
          ...each,
          firstSeenAt: each.firstSeenAt.toISOString(),
          lastSeenAt: each.lastSeenAt.toISOString(),
        }));
        return { records: dated };
      },
    }),
    operation({
      method: "get",
      path: "/api/v1/admin/merges",
      summary: "Papers that were found to be one",
      tag: TAG,
      guard,
      query: limited,
      success: {
        status: 200,
        description: "Newest first.",
        schema: z.object({ merges: z.array(mergeSchema) }),
      },
      handle: async ({ query }) => {
        const merges = await store.merges.list(query.limit);
        const dated = merges.map((each) => ({
          ...each,
          mergedAt: each.mergedAt.toISOString(),
          undoneAt: each.undoneAt?.toISOString() ?? null,
        }));
        return { merges: dated };
      },
    }),
    operation({
      method: "post",
      path: "/api/v1/admin/merges/{id}/undo",
      summary: "Part two papers again, for good",
      tag: TAG,
      guard,
      params: z.object({ id: z.coerce.number().int().positive() }),
      success: { status: 204, description: "They are two papers again." },
      problems: [404],
      handle: async ({ params: { id } }) => {
        if (!(await store.merges.undo(id, now()))) throw new Problem(404, "There is no such merge to undo.");
      },
    }),
  ];
}
