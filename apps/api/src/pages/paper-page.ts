import { analyze, citationOf, type Paper, parseQuery, printQuery } from "@paperboy/core";
import type { Request, Response } from "express";
import type { ApiContext } from "../context.ts";
import { Problem } from "../http/problem.ts";
import { page, type Route } from "../http/route.ts";
import { idParams } from "../schemas/listing.ts";
import { type PaperCard, paperLinks, toCard } from "./paper-card.ts";
import { faultOf } from "./topic-preview.ts";

/** Formats of a citation, by the end of their address. */
const FORMATS = {
  bib: { type: "application/x-bibtex", part: "bibtex", label: "BibTeX" },
  ris: { type: "application/x-research-info-systems", part: "ris", label: "RIS" },
  json: { type: "application/vnd.citationstyles.csl+json", part: "csl", label: "CSL-JSON" },
} as const;

type Format = keyof typeof FORMATS;

const RELATED = 4;

export function paperPageRoutes(context: ApiContext): Route[] {
  return [
    ...(Object.keys(FORMATS) as Format[]).map((format) =>
      page("get", `/papers/{id}/cite.${format}`, async (req, res) => {
        const paper = await findPaper(context, req);
        const { type, part } = FORMATS[format];
        res.set("Content-Disposition", `attachment; filename="paper-${paper.id}.${format}"`);
        res.type(type).send(citationOf(paper, urlOf(context, paper))[part]);
      }),
    ),
    page("get", "/papers/{id}", (req, res) => showPaper(context, req, res)),
  ];
}

async function findPaper(context: ApiContext, req: Request): Promise<Paper> {
  const id = idParams.safeParse(req.params);
  const paper = id.success ? await context.store.papers.byId(id.data.id) : null;
  if (paper === null) throw new Problem(404, "We have no such paper.");
  return paper;
}

const urlOf = ({ pages }: ApiContext, paper: Paper): string => paper.url || pages.paper(paper.id);

async function showPaper(context: ApiContext, req: Request, res: Response): Promise<void> {
  const paper = await findPaper(context, req);
  const { base, pages } = context;
  // The id of a paper that was merged into another.
  if (String(paper.id) !== req.params.id) {
    res.redirect(301, `${base}/papers/${paper.id}`);
    return;
  }
  const own = pages.paper(paper.id);
  const model = {
    title: paper.title,
    listed: true,
    description: paper.abstract.slice(0, 200),
    canonical: own,
    meta: metaOf(paper, own),
    openGraph: openGraphOf(paper, own),
    jsonLd: jsonLdOf(paper, own),
    paper,
    authors: paper.authors.map((name) => ({ name, query: authorQuery(name) })),
    first:
      paper.authors[0] === undefined
        ? null
        : { name: paper.authors[0], query: authorQuery(paper.authors[0]) },
    links: paperLinks(paper),
    bibtex: citationOf(paper, urlOf(context, paper)).bibtex,
    formats: Object.entries(FORMATS).map(([end, { label }]) => ({
      label,
      url: `${base}/papers/${paper.id}/cite.${end}`,
    })),
    mailUrl: `mailto:?subject=${encodeURIComponent(paper.title)}&body=${encodeURIComponent(own)}`,
    related: await relatedTo(context, paper),
  };
  res.type("html").send(context.views.render("paper", model));
}

const authorQuery = (name: string): string => `author:"${name.replaceAll('"', "")}"`;

const tag = (name: string, content: string | null) => (content ? [{ name, content }] : []);

/** What link previews read. */
const openGraphOf = (paper: Paper, own: string) => [
  ...tag("og:type", "article"),
  ...tag("og:title", paper.title),
  ...tag("og:description", paper.abstract.slice(0, 300)),
  ...tag("og:url", own),
];

/** What reference managers read: Google Scholar's tags, which Zotero takes too. */
function metaOf(paper: Paper, own: string) {
  const date = paper.publishedAt ?? paper.announcedAt;
  return [
    ...tag("citation_title", paper.title),
    ...paper.authors.flatMap((name) => tag("citation_author", name)),
    ...tag("citation_publication_date", date?.toISOString().slice(0, 10).replaceAll("-", "/") ?? null),
    ...tag("citation_arxiv_id", paper.arxivId),
    ...tag("citation_doi", paper.doi),
    ...tag("citation_pdf_url", paper.pdfUrl),
    ...tag("citation_abstract_html_url", own),
  ];
}

/** schema.org; nothing in it can end the element it stands in. */
function jsonLdOf(paper: Paper, own: string): string {
  const date = paper.publishedAt ?? paper.announcedAt;
  const article = {
    "@context": "https://schema.org",
    "@type": "ScholarlyArticle",
    headline: paper.title,
    abstract: paper.abstract,
    author: paper.authors.map((name) => ({ "@type": "Person", name })),
    url: own,
    ...(date && { datePublished: date.toISOString().slice(0, 10) }),
    ...(paper.url !== "" && { sameAs: paper.url }),
  };
  return JSON.stringify(article).replaceAll("<", "\\u003c");
}

/** Papers whose titles share words with this one; none when the search cannot be answered now. */
async function relatedTo(context: ApiContext, paper: Paper): Promise<PaperCard[]> {
  const words = [...new Map(analyze(paper.title).map(({ term, word }) => [term, word])).values()];
  const telling = words.filter((word) => /^\p{L}{5,}$/u.test(word)).slice(0, 6);
  if (telling.length < 2) return [];
  const query = printQuery(parseQuery(`title:(${telling.join(" OR ")})`));
  try {
    const found = await context.library.search({ query, limit: RELATED + 1, explain: false });
    const others = found.papers.filter((each) => each.paper.id !== paper.id).slice(0, RELATED);
    return others.map((each) => toCard(context, each.paper));
  } catch (error) {
    if (faultOf(query, error) === null) throw error;
    return [];
  }
}
