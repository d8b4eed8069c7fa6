import { DAY_MS } from "@paperboy/core";
import type { Response } from "express";
import { PUBLIC_DIR } from "../assets.ts";
import type { ApiContext } from "../context.ts";
import { element, writeXml } from "../feeds/xml.ts";
import { Problem } from "../http/problem.ts";
import { page, type Route } from "../http/route.ts";

/** Days of trending papers that search engines are told of. */
const SITEMAP_DAYS = 30;

/** What browsers, search engines and security researchers ask every site for. */
export function siteFileRoutes(context: ApiContext): Route[] {
  const { config, base, now, store } = context;
  return [
    page("get", "/favicon.ico", (_req, res) => {
      cached(res).sendFile("favicon.ico", { root: PUBLIC_DIR, cacheControl: false });
    }),
    page("get", "/manifest.webmanifest", (_req, res) => {
      cached(res)
        .type("application/manifest+json")
        .send(JSON.stringify(manifest(context)));
    }),
    page("get", "/robots.txt", (_req, res) => {
      cached(res).type("text/plain").send(robots(config.publicUrl, base));
    }),
    page("get", "/sitemap.xml", async (_req, res) => {
      const until = now();
      const known = await store.papers.daysKnown(new Date(until.getTime() - SITEMAP_DAYS * DAY_MS), until);
      cached(res)
        .type("application/xml")
        .send(sitemap(config.publicUrl, until, known));
    }),
    page("get", "/.well-known/security.txt", (_req, res) => {
      if (config.securityContact === undefined)
        throw new Problem(404, "No contact is set: SECURITY_CONTACT.");
      cached(res)
        .type("text/plain")
        .send(securityText(config.publicUrl, config.securityContact, now()));
    }),
  ];
}

/** The same for everybody, and a day is soon enough for a change to be seen. */
const cached = (res: Response): Response => res.set("Cache-Control", "public, max-age=86400");

const manifest = ({ base, views }: ApiContext) => ({
  name: "Paperboy",
  short_name: "Paperboy",
  description: "Trending research papers, and those on your topics, by mail.",
  start_url: `${base}/`,
  display: "minimal-ui",
  background_color: "#faf7f0",
  theme_color: "#faf7f0",
  icons: [
    { src: views.asset("icon.svg"), type: "image/svg+xml", sizes: "any" },
    { src: views.asset("icon-192.png"), type: "image/png", sizes: "192x192" },
    { src: views.asset("icon-512.png"), type: "image/png", sizes: "512x512" },
  ],
});

/** RFC 9309. Pages behind a token say themselves that nobody may list them, which only who reads them learns. */
const robots = (publicUrl: string, base: string): string =>
  [
    "User-agent: *",
    `Disallow: ${base}/api/`,
    `Disallow: ${base}/admin`,
    `Disallow: ${base}/inbox`,
    "",
    `Sitemap: ${publicUrl}/sitemap.xml`,
    "",
  ].join("\n");

/** The pages that are for everybody, and the trending papers of each day that has any (sitemaps.org 0.9). */
function sitemap(publicUrl: string, now: Date, days: number): string {
  const dates = Array.from({ length: days }, (_, back) =>
    new Date(now.getTime() - back * DAY_MS).toISOString().slice(0, 10),
  );
  const pages = ["/", "/trending", "/search", ...dates.map((date) => `/trending?date=${date}`)];
  const urls = pages.map((path) => element("url", {}, [element("loc", {}, publicUrl + path)]));
  return writeXml(element("urlset", { xmlns: "http://www.sitemaps.org/schemas/sitemap/0.9" }, urls));
}

/** RFC 9116; `Expires` is required, and may be less than a year ahead. */
const securityText = (publicUrl: string, contact: string, now: Date): string =>
  [
    `Contact: ${contact}`,
    `Expires: ${new Date(now.getTime() + 180 * DAY_MS).toISOString()}`,
    "Preferred-Languages: en",
    `Canonical: ${publicUrl}/.well-known/security.txt`,
    "",
  ].join("\n");
