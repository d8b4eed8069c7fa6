export { type Announced, type Comparing, compare, judgeFetched } from "./arxiv/compare.ts";
export { fetchByIds } from "./arxiv/fetch-by-ids.ts";
export { type DaySpan, isNews, type Listing, listAnnounced } from "./arxiv/listings.ts";
export { type Places, placesOf } from "./arxiv/places.ts";
export { ARXIV_POLICY, type ArxivHosts, arxivHostPolicy, mirrorOf } from "./arxiv/policy.ts";
export { type ArxivScope, categoriesIn, scopeOf } from "./arxiv/scope.ts";
export { type OaiPage, readOaiPage } from "./formats/arxiv-oai.ts";
export { detectFormat, FILE_FORMATS, type FileFormat } from "./formats/detect.ts";
export { type FeedFormat, type FeedPage, readFeedPage } from "./formats/feed.ts";
export type { FileContent } from "./formats/lines.ts";
export { FormatError, type ReadRecord } from "./formats/outcome.ts";
export { readPapers } from "./formats/read.ts";
export { type ParsedRecord, parsePaperRecord } from "./formats/record.ts";
export { refuseAddress } from "./http/address-guard.ts";
export {
  createFetcher,
  type Fetcher,
  type FetcherOptions,
  type FetchLimits,
} from "./http/fetcher.ts";
export type { FetchOutcome, FetchRequest } from "./http/outcome.ts";
export { FileError, openPapersFile } from "./open-file.ts";
export { readSource } from "./readers/read-source.ts";
export type { ReaderPorts, ReadSpan, SourceCursor, SourceStep } from "./readers/reader.ts";
export {
  type NewSourceSettings,
  parseNewSource,
  parseSourceSettings,
  SOURCE_KINDS,
  type SourceKind,
  type SourceSettings,
  SourceSettingsError,
  USUAL_MINUTES,
} from "./readers/settings.ts";
export { samplePapers } from "./sample.ts";
