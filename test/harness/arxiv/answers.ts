import { announcedAt } from "@paperboy/core";
import type { SimPaper } from "./papers.ts";

/** An entry of a feed: a paper, and how it is announced. */
export interface SimEntry {
  readonly paper: SimPaper;
  readonly version: number;
  readonly type: "new" | "cross" | "replace";
}

const FOUR_HOURS = 4 * 3_600_000;

/** Midnight US Eastern of an announcement day, when the feeds are made. */
export const feedTime = (day: string): Date => new Date(announcedAt(day).getTime() + FOUR_HOURS);

/** A date as RFC 822 writes it, in UTC or in US Eastern time. */
export function feedDate(day: string, inUtc: boolean): string {
  const at = feedTime(day);
  if (inUtc) return at.toUTCString().replace("GMT", "+0000");
  const offset = at.getUTCHours() === 4 ? "-0400" : "-0500";
  return `${at.toUTCString().slice(0, 17)}00:00:00 ${offset}`;
}

const categoriesOf = ({ categories }: SimPaper, tag: (name: string) => string) =>
  categories.map(tag).join("");

/** A feed as rss.arxiv.org writes it. */
export function rssAnswer(title: string, date: string, entries: readonly SimEntry[]): string {
  const items = entries.map(({ paper, version, type }) => {
    const { id } = paper;
    return `<item><title>${paper.title}</title><link>https://arxiv.org/abs/${id}</link>
<description>arXiv:${id}v${version} Announce Type: ${type} 
Abstract: What ${id} is about, told in a sentence.</description>
<guid isPermaLink="false">oai:arXiv.org:${id}v${version}</guid>${categoriesOf(paper, (name) => `<category>${name}</category>`)}
<pubDate>${date}</pubDate><arxiv:announce_type>${type}</arxiv:announce_type><dc:creator>Author ${id.slice(5)}</dc:creator></item>`;
  });
  return `<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel><title>${title} updates on arXiv.org</title>
<link>http://rss.arxiv.org/rss/${title}</link><pubDate>${date}</pubDate><skipDays><day>Saturday</day><day>Sunday</day></skipDays>
${items.join("\n")}</channel></rss>`;
}

/** A page of the API. */
export function apiAnswer(
  total: number,
  start: number,
  papers: readonly { paper: SimPaper; version: number }[],
): string {
  const entries = papers.map(
    ({
      paper,
      version,
    }) => `<entry><id>http://arxiv.org/abs/${paper.id}v${version}</id><title>${paper.title}</title>
<published>${paper.submittedAt.toISOString().replace(".000", "")}</published><summary>What ${paper.id} is about, told in a sentence.</summary>
<author><name>Author ${paper.id.slice(5)}</name></author>${categoriesOf(paper, (name) => `<category term="${name}"/>`)}</entry>`,
  );
  return `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"><title>arXiv Query</title>
<opensearch:totalResults>${total}</opensearch:totalResults><opensearch:startIndex>${start}</opensearch:startIndex>${entries.join("")}</feed>`;
}

export interface SimRecord {
  readonly paper: SimPaper;
  readonly datestamp: string;
}

/** A page of `ListIdentifiers` or `ListRecords`. */
export function oaiAnswer(
  verb: string,
  records: readonly SimRecord[],
  page: { readonly token: string | null; readonly cursor: number; readonly size: number },
): string {
  if (page.size === 0)
    return '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="noRecordsMatch">none</error></OAI-PMH>';
  const body = records.map(({ paper, datestamp }) => {
    const header = `<header><identifier>oai:arXiv.org:${paper.id}</identifier><datestamp>${datestamp}</datestamp>${categoriesOf(paper, (name) => `<setSpec>${simSet(name)}</setSpec>`)}</header>`;
    if (verb === "ListIdentifiers") return header;
    return `<record>${header}<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>${paper.id}</id><created>${paper.submittedAt.toISOString().slice(0, 10)}</created>
<authors><author><keyname>${paper.id.slice(5)}</keyname><forenames>Author</forenames></author></authors><title>${paper.title}</title>
<categories>${paper.categories.join(" ")}</categories><abstract>What ${paper.id} is about, told in a sentence.</abstract></arXiv></metadata></record>`;
  });
  const token = `<resumptionToken cursor="${page.cursor}" completeListSize="${page.size}">${page.token ?? ""}</resumptionToken>`;
  return `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><${verb}>${body.join("")}${token}</${verb}></OAI-PMH>`;
}

/** `cs.CL` is `cs:cs:CL`. */
export const simSet = (category: string): string => {
  const [archive, subject] = category.split(".");
  return `${archive}:${archive}:${subject}`;
};
