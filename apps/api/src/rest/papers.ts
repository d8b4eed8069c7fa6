import type { ApiContext } from "../context.ts";
import { operation } from "../http/operation.ts";
import { Problem } from "../http/problem.ts";
import type { Route } from "../http/route.ts";
import { idParams, searchQuerySchema, trendingQuerySchema } from "../schemas/listing.ts";
import {
  paperSchema,
  searchResultSchema,
  toHighlightsView,
  toPaperView,
  trendingResultSchema,
} from "../schemas/paper.ts";

export function paperRoutes({ library, store, pages, now }: ApiContext): Route[] {
  return [
    operation({
      method: "get",
      path: "/api/v1/papers/trending",
      summary: "The day's trending papers, strongest first",
      tag: "Papers",
      query: trendingQuerySchema,
      success: { status: 200, description: "Ranked papers.", schema: trendingResultSchema },
      handle: async ({ query: { date, limit } }) => {
        const list = await library.trending({ limit, ...(date !== undefined && { date }) }, now());
        const papers = list.papers.map(({ paper, score, reason }) => ({
          ...toPaperView(paper, pages),
          score,
          reason,
        }));
        return { date: list.date, papers };
      },
    }),
    operation({
      method: "get",
      path: "/api/v1/papers/search",
      summary: "Papers that a query in the topic language matches",
      tag: "Papers",
      query: searchQuerySchema,
      success: { status: 200, description: "A page of results.", schema: searchResultSchema },
      handle: async ({ query: { q, limit, before, sort } }) => {
        const found = await library.search({
          query: q,
          limit,
          sort,
          ...(before !== undefined && { before }),
        });
        const papers = found.papers.map(({ paper, score, matched, highlights }) => ({
          ...toPaperView(paper, pages),
          score,
          matched: [...matched],
          highlights: toHighlightsView(highlights),
        }));
        return { total: found.total, isMore: found.isMore, papers, next: found.next };
      },
    }),
    operation({
      method: "get",
      path: "/api/v1/papers/{id}",
      summary: "One paper",
      tag: "Papers",
      params: idParams,
      success: { status: 200, description: "The paper.", schema: paperSchema },
      problems: [404],
      handle: async ({ params: { id } }) => {
        const paper = await store.papers.byId(id);
        if (paper === null) throw new Problem(404, `There is no paper ${id}.`);
        return toPaperView(paper, pages);
      },
    }),
  ];
}
