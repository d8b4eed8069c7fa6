import { createHash } from "node:crypto";
import { HOUR_MS } from "@paperboy/core";
import type { Request, Response } from "express";
import type { z } from "zod";
import type { ApiContext } from "../context.ts";
import type { Route } from "../http/route.ts";
import { searchQuerySchema, trendingQuerySchema } from "../schemas/listing.ts";
import { ATOM_TYPE, writeAtom } from "./atom.ts";
import { type Feed, toFeed } from "./feed.ts";
import { JSON_FEED_TYPE, writeJsonFeed } from "./json-feed.ts";

const FORMATS = {
  xml: { type: ATOM_TYPE, write: writeAtom, name: "Atom 1.0" },
  json: { type: JSON_FEED_TYPE, write: writeJsonFeed, name: "JSON Feed 1.1" },
} as const;

type Format = keyof typeof FORMATS;

const LENGTH = 50;

const searchFeedQuery = searchQuerySchema.pick({ q: true });
const trendingFeedQuery = trendingQuerySchema.pick({ date: true });

export function feedRoutes(context: ApiContext): Route[] {
  return (["xml", "json"] as const).flatMap((format) => [
    feedRoute(format, "search", "The newest papers that a query matches", searchFeedQuery, async (req) => {
      const feed = await searchFeed(context, req, format);
      return { feed, modified: feed.updated };
    }),
    feedRoute(format, "trending", "The day's trending papers", trendingFeedQuery, async (req) => ({
      feed: await trendingFeed(context, req, format),
      // A ranking moves though no paper is new: it is taken as modified every hour.
      modified: new Date(Math.floor(context.now().getTime() / HOUR_MS) * HOUR_MS),
    })),
  ]);
}

function feedRoute(
  format: Format,
  name: string,
  summary: string,
  query: z.ZodType,
  load: (req: Request) => Promise<{ feed: Feed; modified: Date }>,
): Route {
  const { type, write } = FORMATS[format];
  return {
    method: "get",
    path: `/feeds/${name}.${format}`,
    handlers: [
      async (req, res) => {
        const { feed, modified } = await load(req);
        sendConditionally(req, res, type, write(feed), modified);
      },
    ],
    doc: {
      summary: `${summary}, as ${FORMATS[format].name}`,
      tag: "Feeds",
      query,
      success: { status: 200, description: "The feed.", type: type.split(";")[0] as string },
    },
  };
}

/**
 * Answers 304 to a reader that has this version (RFC 9110, section 13). Not left to `send`, which yields to a
 * `Cache-Control: no-cache` that asks caches, not us, and that many clients add to every conditional request.
 */
function sendConditionally(req: Request, res: Response, type: string, body: string, modified: Date): void {
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 27)}"`;
  res.set({
    "Content-Type": type,
    ETag: etag,
    "Last-Modified": modified.toUTCString(),
    "Cache-Control": "public, max-age=300",
  });
  if (hasVersion(req, etag, modified)) res.status(304).end();
  else res.send(Buffer.from(body));
}

function hasVersion(req: Request, etag: string, modified: Date): boolean {
  const tags = req.get("if-none-match");
  if (tags !== undefined) {
    const known = tags.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
    return known.includes(etag) || known.includes("*");
  }
  const since = Date.parse(req.get("if-modified-since") ?? "");
  return Math.floor(modified.getTime() / 1000) * 1000 <= since;
}

async function searchFeed(
  { library, pages, config }: ApiContext,
  req: Request,
  format: Format,
): Promise<Feed> {
  const { q } = searchFeedQuery.parse(req.query, { reportInput: true });
  const { papers } = await library.search({ query: q, limit: LENGTH, sort: "newest", explain: false });
  return toFeed(
    {
      title: `${q} · Paperboy`,
      description: `New papers that match ${q}`,
      selfUrl: `${config.publicUrl}/feeds/search.${format}?q=${encodeURIComponent(q)}`,
      pageUrl: pages.search(q),
    },
    papers.map(({ paper }) => paper),
    pages,
  );
}

async function trendingFeed(
  { library, pages, config, now }: ApiContext,
  req: Request,
  format: Format,
): Promise<Feed> {
  const { date } = trendingFeedQuery.parse(req.query, { reportInput: true });
  const day = date === undefined ? "" : `?date=${date}`;
  const list = await library.trending({ limit: LENGTH, ...(date !== undefined && { date }) }, now());
  return toFeed(
    {
      title: "Trending papers · Paperboy",
      description: "The papers researchers look at today, strongest first",
      selfUrl: `${config.publicUrl}/feeds/trending.${format}${day}`,
      pageUrl: `${config.publicUrl}/trending${day}`,
    },
    list.papers.map(({ paper }) => paper),
    pages,
  );
}
