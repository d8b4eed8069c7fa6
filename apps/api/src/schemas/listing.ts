import { z } from "zod";

/** `limit` of a list, with the default and the most that are given at once. */
export const limitSchema = (usual: number, most: number) =>
  z.coerce
    .number({ error: "must be a number" })
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(most, `must be at most ${most}`)
    .default(usual);

export const uuidParams = z.object({ id: z.uuid() });

/** Row ids are 32-bit integers in Postgres. */
export const idParams = z.object({ id: z.coerce.number().int().min(1).max(2_147_483_647) });

export const searchQuerySchema = z.object({
  q: z.string({ error: "give a query, as in ?q=diffusion" }).trim().min(1, "is empty").max(2_000),
  limit: limitSchema(20, 100),
  before: z.string().max(500).optional().meta({ description: "`next` of the page before." }),
  sort: z.enum(["relevance", "newest"]).default("relevance"),
});

export const trendingQuerySchema = z.object({
  date: z.iso.date("must be a date such as 2026-11-24").optional(),
  limit: limitSchema(20, 100),
});
