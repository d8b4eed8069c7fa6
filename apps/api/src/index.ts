export { type ApiDeps, createApi } from "./app.ts";
export { API_SETTINGS, type ApiConfig, readApiConfig } from "./config.ts";
export { createMetrics, type MetricsOptions, type OwnMetrics } from "./metrics.ts";
export type {
  ApiPorts,
  ApiStore,
  FoundPaper,
  Hint,
  Library,
  Mailbox,
  MailSummary,
  Metrics,
  ParsePaperRecord,
  StoredMail,
  TopicPreview,
  TrendingList,
} from "./ports.ts";
export { ListenError, type RunningApi, startApi } from "./server.ts";
