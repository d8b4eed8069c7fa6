import { readFeedPage } from "@paperboy/sources";
import { expect } from "vitest";

export const now = new Date("2026-11-24T07:00:00Z");

export const NAMESPACES = `xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"`;

export const rss = (item: string, channel = "", more = "") =>
  `<?xml version="1.0"?><rss version="2.0" ${NAMESPACES}${more}><channel><title>c</title><link>https://ice.example/</link>${channel}${item}</channel></rss>`;

export const item = (inner: string, attributes = "") =>
  `<item${attributes}><title>On ice</title>${inner}</item>`;

export const atom = (entry: string, feed = "", more = "") =>
  `<feed xmlns="http://www.w3.org/2005/Atom"${more}><id>urn:f</id><title>f</title>${feed}<entry><id>urn:1</id>${entry}</entry></feed>`;

export const page = (text: string | Uint8Array, contentType?: string) =>
  readFeedPage(text, "feed", now, contentType);

export const draft = (text: string | Uint8Array) => {
  const [record] = page(text).records;
  expect(record?.refusal).toBeUndefined();
  return record?.draft;
};
