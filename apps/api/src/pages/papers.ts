import type { Request, Response } from "express";
import type { ApiContext } from "../context.ts";
import { Problem } from "../http/problem.ts";
import { page, type Route } from "../http/route.ts";
import { idParams, searchQuerySchema, trendingQuerySchema } from "../schemas/listing.ts";
import { paperLinks, toCard } from "./paper-card.ts";
import { faultOf } from "./topic-preview.ts";

const PAGE_LENGTH = 20;
const TRENDING_LENGTH = 50;

export function paperPageRoutes(context: ApiContext): Route[] {
  return [
    page("get", "/search", (req, res) => search(context, req, res)),
    page("get", "/trending", (req, res) => trending(context, req, res)),
    page("get", "/papers/{id}", (req, res) => showPaper(context, req, res)),
  ];
}

async function search(context: ApiContext, req: Request, res: Response): Promise<void> {
  const given = typeof req.query.q === "string" ? req.query.q.trim() : "";
  const head = { title: given === "" ? "Search" : given, section: "search", query: given } as const;
  if (given === "") {
    res.type("html").send(context.views.render("search", { ...head, listed: true }));
    return;
  }
  const { q, before, sort } = searchQuerySchema.parse(req.query, { reportInput: true });
  try {
    const options = { query: q, limit: PAGE_LENGTH, sort, ...(before !== undefined && { before }) };
    const found = await context.library.search(options);
    const papers = found.papers.map(({ paper, highlights }) => toCard(context, paper, { highlights }));
    const { total, next } = found;
    const results = { total, next, papers, sort, newest: sort === "newest", laterPage: before !== undefined };
    const feed = `/feeds/search?q=${encodeURIComponent(q)}`;
    res.type("html").send(context.views.render("search", { ...head, results, feed: feedOf(feed) }));
  } catch (error) {
    const fault = faultOf(q, error);
    if (fault === null) throw error;
    if (fault.status === 503) res.set("Retry-After", "10");
    res.status(fault.status).type("html");
    res.send(context.views.render("search", { ...head, fault: fault.model }));
  }
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

async function showPaper(context: ApiContext, req: Request, res: Response): Promise<void> {
  const id = idParams.safeParse(req.params);
  const paper = id.success ? await context.store.papers.byId(id.data.id) : null;
  if (paper === null) throw new Problem(404, "We have no such paper.");
  const model = {
    title: paper.title,
    listed: true,
    description: paper.abstract.slice(0, 200),
    paper,
    authors: paper.authors.map((name) => ({ name, query: `author:"${name.replaceAll('"', "")}"` })),
    links: paperLinks(paper),
  };
  res.type("html").send(context.views.render("paper", model));
}
