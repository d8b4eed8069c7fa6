import { DAY_STATES, HEALTH_STATES, judgeSource, RELAY } from "@paperboy/core";
import { Gauge, type Registry } from "prom-client";
import type { ApiStore } from "./ports.ts";

/** The rows that are counted. */
export type MeasuredStore = Pick<
  ApiStore,
  "papers" | "subscriptions" | "deliveries" | "sources" | "destinations"
>;

/** The index of papers in memory, as far as it is measured. */
export interface IndexSize {
  readonly size: number;
  readonly bytes: number;
}

/** Gauges of the rows and of the index, asked when scraped. */
export function addStoreGauges(registry: Registry, store: MeasuredStore, index: IndexSize): void {
  const registers = [registry];
  new Gauge({
    name: "paperboy_papers",
    help: "Papers kept.",
    registers,
    async collect() {
      this.set(await store.papers.count());
    },
  });
  new Gauge({
    name: "paperboy_subscriptions",
    help: "Subscriptions by state.",
    labelNames: ["status"],
    registers,
    async collect() {
      for (const [status, n] of Object.entries(await store.subscriptions.counts())) this.set({ status }, n);
    },
  });
  new Gauge({
    name: "paperboy_deliveries",
    help: "Deliveries by kind and state.",
    labelNames: ["kind", "status"],
    registers,
    async collect() {
      this.reset();
      for (const kind of ["digest", "confirmation", "link"] as const) {
        const counts = await store.deliveries.counts(kind);
        for (const [status, n] of Object.entries(counts)) this.set({ kind, status }, n);
      }
    },
  });
  new Gauge({
    name: "paperboy_index_papers",
    help: "Papers in the in-memory index that topics are matched on.",
    registers,
    collect() {
      this.set(index.size);
    },
  });
  new Gauge({
    name: "paperboy_index_bytes",
    help: "Memory of the in-memory index, roughly, texts included.",
    registers,
    collect() {
      this.set(index.bytes);
    },
  });
  new Gauge({
    name: "paperboy_source_health",
    help: "1 for the state each source is in.",
    labelNames: ["source", "state"],
    registers,
    async collect() {
      this.reset();
      const now = new Date();
      for (const source of await store.sources.health(now)) {
        const { state: is } = judgeSource({ ...source, now });
        for (const state of HEALTH_STATES) this.set({ source: source.name, state }, state === is ? 1 : 0);
      }
    },
  });
  new Gauge({
    name: "paperboy_source_category_health",
    help: "1 for the state that each category of an arXiv source is in on its newest announcement day.",
    labelNames: ["source", "category", "state"],
    registers,
    async collect() {
      this.reset();
      for (const { source, category, state: is } of await readCategories(store))
        for (const state of DAY_STATES) this.set({ source, category, state }, state === is ? 1 : 0);
    },
  });
  new Gauge({
    name: "paperboy_source_missing_papers",
    help: "Papers that arXiv announced for a category and that could not be fetched from anywhere.",
    labelNames: ["source", "category"],
    registers,
    async collect() {
      this.reset();
      for (const { source, category, missing } of await readCategories(store))
        this.set({ source, category }, missing.length);
    },
  });
  new Gauge({
    name: "paperboy_stream_paused",
    help: "1 while sending to the relay (*) or a destination is paused.",
    labelNames: ["stream"],
    registers,
    async collect() {
      this.reset();
      this.set({ stream: RELAY }, 0);
      for (const { key, pausedUntil } of await store.destinations.list(new Date()))
        this.set({ stream: key }, pausedUntil === null ? 0 : 1);
    },
  });
  new Gauge({
    name: "paperboy_stream_gap_seconds",
    help: "Seconds left between two mails to the relay (*) or a destination that throttles.",
    labelNames: ["stream"],
    registers,
    async collect() {
      this.reset();
      for (const { key, gapMs } of await store.destinations.list(new Date()))
        this.set({ stream: key }, gapMs / 1000);
    },
  });
}

async function readCategories(store: Pick<ApiStore, "sources">) {
  const now = new Date();
  const sources = await store.sources.health(now);
  return sources.flatMap(({ name: source, ...facts }) =>
    judgeSource({ ...facts, now }).categories.map((category) => ({ source, ...category })),
  );
}
