import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { ApiStore, Metrics } from "./ports.ts";

/** Metrics of this process and, asked when scraped, of the rows. */
export function storeMetrics(store: Pick<ApiStore, "papers" | "subscriptions" | "deliveries">): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
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
      for (const kind of ["digest", "confirmation"] as const) {
        const counts = await store.deliveries.counts(kind);
        for (const [status, n] of Object.entries(counts)) this.set({ kind, status }, n);
      }
    },
  });
  return { contentType: registry.contentType, text: () => registry.metrics() };
}
