import type { Request, Response } from "express";
import type { ApiContext } from "../context.ts";
import { page, type Route } from "../http/route.ts";
import { trendingQuerySchema } from "../schemas/listing.ts";
import { toCard } from "./paper-card.ts";

const TRENDING_LENGTH = 50;

export function trendingPageRoutes(context: ApiContext): Route[] {
  return [page("get", "/trending", (req, res) => trending(context, req, res))];
}

/** The address of a page's feed in each format. */
function feedOf(path: string) {
  const [name = "", query] = path.split("?");
  const rest = query === undefined ? "" : `?${query}`;
  return { atom: `${name}.xml${rest}`, json: `${name}.json${rest}` };
}

async function trending(context: ApiContext, req: Request, res: Response): Promise<void> {
  const { date } = trendingQuerySchema.pick({ date: true }).parse(req.query, { reportInput: true });
  const options = { limit: TRENDING_LENGTH, ...(date !== undefined && { date }) };
  const list = await context.library.trending(options, context.now());
  const papers = list.papers.map(({ paper, reason }) => toCard(context, paper, { reason }));
  const model = {
    title: "Trending papers",
    section: "trending",
    listed: true,
    date: list.date,
    before: dayBefore(list.date),
    feed: feedOf("/feeds/trending"),
    papers,
  } as const;
  res.type("html").send(context.views.render("trending", model));
}

function dayBefore(isoDate: string): string {
  const day = new Date(`${isoDate}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - 1);
  return day.toISOString().slice(0, 10);
}
