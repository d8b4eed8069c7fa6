import { querySchema } from "@paperboy/core";
import { z } from "zod";
import type { ApiContext } from "../context.ts";
import { operation } from "../http/operation.ts";
import type { Route } from "../http/route.ts";
import { previewResultSchema, toHighlightsView, toPaperView } from "../schemas/paper.ts";

export function topicRoutes({ library, pages, now }: ApiContext): Route[] {
  return [
    operation({
      method: "post",
      path: "/api/v1/topics/preview",
      summary: "What a topic would bring: matches per day for 30 days, and samples",
      tag: "Papers",
      body: z.strictObject({ query: querySchema }),
      success: { status: 200, description: "The preview.", schema: previewResultSchema },
      handle: async ({ body }) => {
        const preview = await library.preview(body.query, now());
        const samples = preview.samples.map(({ paper, matched, highlights }) => ({
          ...toPaperView(paper, pages),
          matched: [...matched],
          highlights: toHighlightsView(highlights),
        }));
        return { ...preview, days: [...preview.days], samples };
      },
    }),
  ];
}
