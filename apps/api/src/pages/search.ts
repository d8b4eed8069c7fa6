import { parseQuery, printQuery, type Query } from "@paperboy/core";
import type { Request, Response } from "express";
import type { ApiContext } from "../context.ts";
import { page, type Route } from "../http/route.ts";
import type { Library } from "../ports.ts";
import { searchQuerySchema } from "../schemas/listing.ts";
import { toCard } from "./paper-card.ts";
import { activeFilters, proposedFilters, starOf, topicOf } from "./search-filters.ts";
import { type FaultModel, faultOf } from "./topic-preview.ts";

const PAGE_LENGTH = 20;

type Found = Awaited<ReturnType<Library["search"]>>;
type Sort = "relevance" | "newest";

export function searchPageRoutes(context: ApiContext): Route[] {
  return [
    page("get", "/search", (req, res) => search(context, req, res)),
    page("get", "/search/suggestions", (req, res) => {
      const word = typeof req.query.word === "string" ? req.query.word.trim() : "";
      res.json(context.library.suggest(word));
    }),
  ];
}

async function search(context: ApiContext, req: Request, res: Response): Promise<void> {
  const given = typeof req.query.q === "string" ? req.query.q.trim() : "";
  if (given === "") {
    await showNewest(context, req, res);
    return;
  }
  const { q, before, sort } = searchQuerySchema.parse(req.query, { reportInput: true });
  try {
    send(context, res, await resultsModel(context, q, sort, before));
  } catch (error) {
    const fault = faultOf(q, error);
    if (fault === null) throw error;
    if (fault.status === 503) res.set("Retry-After", "10");
    res.status(fault.status);
    send(context, res, await faultyModel(context, q, fault.model));
  }
}

function send({ views }: ApiContext, res: Response, model: object): void {
  res.type("html").send(views.render("search", { title: "Search", section: "search", ...model }));
}

async function showNewest(context: ApiContext, req: Request, res: Response): Promise<void> {
  const { before } = searchQuerySchema.pick({ before: true }).parse(req.query, { reportInput: true });
  const found = await context.library.newest({ limit: PAGE_LENGTH, ...(before !== undefined && { before }) });
  const link = pageLinks(context, "", "newest", found.next, before);
  send(context, res, { listed: true, isEmpty: true, query: "", results: listModel(context, found, link) });
}

async function resultsModel(context: ApiContext, q: string, sort: Sort, before?: string) {
  const { library, base } = context;
  const options = {
    query: q,
    limit: PAGE_LENGTH,
    sort,
    facets: true,
    ...(before !== undefined && { before }),
  };
  const found = await library.search(options);
  const query = parseQuery(q, { dates: true });
  const linkTo = (text: string) => searchUrl(context, text, sort);
  const address = encodeURIComponent(q);
  return {
    title: q,
    query: q,
    results: { ...listModel(context, found, pageLinks(context, q, sort, found.next, before)), sort },
    orders: [
      { label: "Best first", url: searchUrl(context, q), isCurrent: sort === "relevance" },
      { label: "Newest first", url: searchUrl(context, q, "newest"), isCurrent: sort === "newest" },
    ],
    filters: activeFilters(query, linkTo),
    narrower: proposedFilters(query, found.facets, context.now(), linkTo),
    star: before === undefined ? await wider(context, query, found.total, sort) : null,
    topicUrl: `${base}/?topic=${encodeURIComponent(topicOf(query))}`,
    apiUrl: `${context.config.publicUrl}/api/v1/papers/search?q=${address}${sort === "newest" ? "&sort=newest" : ""}`,
    feed: { atom: `/feeds/search.xml?q=${address}`, json: `/feeds/search.json?q=${address}` },
  };
}

/** The same word with a star, when that finds more. */
async function wider(context: ApiContext, query: Query, total: number, sort: Sort) {
  const starred = starOf(query);
  if (starred === null) return null;
  const text = printQuery(starred);
  try {
    const found = await context.library.search({ query: text, limit: 1, explain: false });
    if (found.total <= total) return null;
    return { text, total: found.total, isMore: found.isMore, url: searchUrl(context, text, sort) };
  } catch (error) {
    if (faultOf(text, error) === null) throw error;
    return null;
  }
}

/** A query that was refused, marked where it goes wrong, and what its text finds as it stands. */
async function faultyModel(context: ApiContext, q: string, fault: FaultModel) {
  const head = { title: q, query: q, fault };
  if (fault.quoted === null) return head;
  try {
    const found = await context.library.search({ query: fault.quoted, limit: PAGE_LENGTH });
    if (found.total === 0) return head;
    const link = pageLinks(context, fault.quoted, "relevance", found.next);
    return { ...head, asItStands: true, results: listModel(context, found, link) };
  } catch (error) {
    if (faultOf(q, error) === null) throw error;
    return head;
  }
}

interface PageLinks {
  readonly first: string | null;
  readonly next: string | null;
}

function pageLinks(
  context: ApiContext,
  q: string,
  sort: Sort,
  next: string | null,
  before?: string,
): PageLinks {
  const url = searchUrl(context, q, sort);
  return {
    first: before === undefined ? null : url,
    next: next && `${url}${url.includes("?") ? "&" : "?"}before=${encodeURIComponent(next)}`,
  };
}

function listModel(context: ApiContext, found: Found, link: PageLinks) {
  const { total, isMore } = found;
  const papers = found.papers.map(({ paper, highlights }) => toCard(context, paper, { highlights }));
  return { total, isMore, papers, link };
}

function searchUrl({ base }: ApiContext, q: string, sort: Sort = "relevance"): string {
  if (q === "") return `${base}/search`;
  return `${base}/search?q=${encodeURIComponent(q)}${sort === "newest" ? "&sort=newest" : ""}`;
}
