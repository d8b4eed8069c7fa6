import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { ObserveRequest } from "./http/request-metrics.ts";
import type { Metrics } from "./ports.ts";
import { addStoreGauges, type IndexSize, type MeasuredStore } from "./store-gauges.ts";

/** Jobs of one name in the queue, by what they do. */
export interface JobDepth {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
}

export interface MetricsOptions {
  /** Version of Paperboy. */
  readonly version: string;
  /** Asks the queue how many jobs of each name it holds. */
  readonly jobs: () => Promise<Readonly<Record<string, JobDepth>>>;
}

/** Metrics with the registry they are kept in, which others in the process may add to. */
export interface OwnMetrics extends Metrics {
  readonly registry: Registry;
  readonly observeRequest: ObserveRequest;
}

/** Metrics of this process, of the queue and, asked when scraped, of the rows and of the index. */
export function createMetrics(
  store: MeasuredStore,
  index: IndexSize,
  { version, jobs }: MetricsOptions,
): OwnMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  addBuildInfo(registry, version);
  addQueueDepth(registry, jobs);
  addStoreGauges(registry, store, index);
  return {
    registry,
    contentType: registry.contentType,
    text: () => registry.metrics(),
    observeRequest: observer(registry),
  };
}

function addBuildInfo(registry: Registry, version: string): void {
  new Gauge({
    name: "paperboy_build_info",
    help: "Always 1; its labels say which version of Paperboy runs, and on which Node.js.",
    labelNames: ["version", "node"],
    registers: [registry],
  }).set({ version, node: process.version }, 1);
}

function addQueueDepth(registry: Registry, jobs: MetricsOptions["jobs"]): void {
  new Gauge({
    name: "paperboy_queue_jobs",
    help: "Jobs in the queue by name and state; none is printed while the queue does not answer.",
    labelNames: ["job", "state"],
    registers: [registry],
    async collect() {
      this.reset();
      // Rows decide what is due, so a queue that is unavailable must not hide the other metrics.
      const depths = await jobs().catch(() => ({}));
      for (const [job, depth] of Object.entries(depths))
        for (const [state, n] of Object.entries(depth)) this.set({ job, state }, n);
    },
  });
}

/** Seconds; most answers take milliseconds, and a query is given up after some seconds. */
const REQUEST_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

function observer(registry: Registry): ObserveRequest {
  const durations = new Histogram({
    name: "paperboy_http_request_duration_seconds",
    help: "Seconds from a request to the end of its answer, by method, pattern of the route and status.",
    labelNames: ["method", "route", "status"],
    buckets: REQUEST_BUCKETS,
    registers: [registry],
  });
  return (labels, seconds) => durations.observe({ ...labels }, seconds);
}
