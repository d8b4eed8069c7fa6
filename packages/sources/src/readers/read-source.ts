import { readArxivApi, readArxivOai, readFeedSource } from "./arxiv-readers.ts";
import { readHfSource } from "./hf-reader.ts";
import type { ReaderPorts, ReadSpan, SourceCursor, SourceStep } from "./reader.ts";
import type { SourceSettings } from "./settings.ts";

/**
 * Reads a source from where its cursor stands, page by page. A page's cursor may be kept once the page is stored:
 * reading resumes there after an interruption.
 */
export function readSource(
  settings: SourceSettings,
  cursor: SourceCursor,
  ports: ReaderPorts,
  span: ReadSpan = {},
): AsyncGenerator<SourceStep> {
  switch (settings.kind) {
    case "hf":
      return readHfSource(settings, cursor, ports, span);
    case "arxiv-api":
      return readArxivApi(settings, cursor, ports, span);
    case "arxiv-oai":
      return readArxivOai(settings, cursor, ports);
    case "arxiv-rss":
    case "feed":
      return readFeedSource(settings, cursor, ports);
    default:
      return settings.kind satisfies never;
  }
}
