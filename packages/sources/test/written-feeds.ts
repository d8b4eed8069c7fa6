import { readFeedPage } from "@paperboy/sources";

export const now = new Date("2026-11-24T07:00:00Z");

export const rss = (items: string, channel = "") =>
  `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom"><channel><title>x</title><link>https://feeds.example.org/</link>${channel}${items}</channel></rss>`;

export const item = (type: string, id: string, more = "") =>
  `<item><title>On gates</title><link>https://arxiv.org/abs/${id.replace(/v\d+$/, "")}</link><description>arXiv:${id} Announce Type: ${type} \nAbstract: We gate.</description><guid isPermaLink="false">oai:arXiv.org:${id}</guid><category>cs.CL</category><pubDate>Mon, 23 Nov 2026 00:00:00 -0500</pubDate><arxiv:announce_type>${type}</arxiv:announce_type>${more}</item>`;

export const drafts = (text: string | Uint8Array, format: "arxiv-atom" | "arxiv-rss" | "feed" = "feed") =>
  readFeedPage(text, format, now).records.map(({ draft, refusal }) => draft ?? refusal);

export const atom = (entries: string) =>
  `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"><title>q</title><opensearch:totalResults>7</opensearch:totalResults><opensearch:startIndex>2</opensearch:startIndex>${entries}</feed>`;

export const oai = (body: string) =>
  `<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">${body}</OAI-PMH>`;
