export * from "./address.ts";
export * from "./arxiv-calendar.ts";
export * from "./author-names.ts";
export * from "./bounce-address.ts";
export * from "./cadence.ts";
export { type Citation, citationOf } from "./citation.ts";
export * from "./clean-text.ts";
export * from "./delivery/classify.ts";
export * from "./delivery/events.ts";
export type * from "./delivery/outcome.ts";
export * from "./delivery/retry.ts";
export * from "./destination.ts";
export * from "./digest.ts";
export * from "./draft.ts";
export * from "./durations.ts";
export * from "./edition.ts";
export * from "./failure.ts";
export * from "./field-errors.ts";
export * from "./forecast.ts";
export * from "./form-limits.ts";
export { chooseHighlights } from "./highlights/choose.ts";
export { FEATURE_NAMES, featuresOf, type HighlightWeights } from "./highlights/features.ts";
export { sentencesOf } from "./highlights/sentences.ts";
export * from "./identity.ts";
export * from "./json-depth.ts";
export * from "./late-notes.ts";
export * from "./links.ts";
export * from "./mailbox-key.ts";
export * from "./order.ts";
export * from "./order-schema.ts";
export * from "./pace.ts";
export * from "./paper.ts";
export * from "./paper-record.ts";
export * from "./public-pages.ts";
export * from "./read-env.ts";
export * from "./redact.ts";
export { type Collection, type CountedText, createCollection } from "./relevance/collection.ts";
export * from "./relevance/for-you.ts";
export { createNeighbours, type FindNeighbours, type Neighbour } from "./relevance/neighbours.ts";
export { MAX_PROFILE_TERMS, type Profile, type ProfileTerm, profileOf } from "./relevance/profile.ts";
export { createRankers, type Ranked, type Ranker } from "./relevance/ranker.ts";
export { finish } from "./relevance/steps.ts";
export * from "./relevance/taste.ts";
export { sharedWords, type TellingWords, tellingWords } from "./relevance/telling-words.ts";
export { type RelevanceText, type TermBag, termBag } from "./relevance/term-bag.ts";
export * from "./same-paper.ts";
export * from "./settings.ts";
export * from "./source-days.ts";
export * from "./source-health.ts";
export * from "./title-key.ts";
export { analyze, type Token } from "./topic/analyze.ts";
export type { AnsweringPaper, QueryAnswer } from "./topic/answer.ts";
export { type Expansion, expandLeaf, type LexemeTest, type PhraseTerm } from "./topic/expand.ts";
export {
  type Explanation,
  explainMatch,
  highlight,
  matchedWords,
  type Span,
  textLeaves,
} from "./topic/highlight.ts";
export * from "./topic/paper-index.ts";
export {
  LEXEMES_VERSION,
  type PaperText,
  paperLexemes,
  positionOf,
  weightOf,
} from "./topic/paper-lexemes.ts";
export * from "./topic/parse.ts";
export * from "./topic/print.ts";
export type * from "./topic/query.ts";
export { positiveLeaves, QUERY_LIMITS } from "./topic/query.ts";
export * from "./topic/query-cost.ts";
export { type FilterQuery, filtersOf, withFilter, withoutFilter } from "./topic/query-filters.ts";
export { faultDetails, type QueryFaultDetails, querySchema } from "./topic/query-schema.ts";
export { createQuerySet, type QuerySet } from "./topic/query-set.ts";
export { resolveScored, type ScoredLeaf } from "./topic/resolve.ts";
export { relevance, type ScoredPaper } from "./topic/score.ts";
export type { QueryMatches, RankedPapers, SharedMatches } from "./topic/shared-matches.ts";
export { sourcesWanted } from "./topic/sources-wanted.ts";
export * from "./topic/syntax-error.ts";
export { createVocabulary } from "./topic/vocabulary.ts";
export * from "./trending.ts";
export * from "./webhook-token.ts";
