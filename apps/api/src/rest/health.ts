import { z } from "zod";
import type { ApiContext } from "../context.ts";
import { operation } from "../http/operation.ts";
import { Problem } from "../http/problem.ts";
import type { Route } from "../http/route.ts";

export function healthRoutes({ ready, metrics }: ApiContext): Route[] {
  const state = (word: string) => z.object({ status: z.literal(word) });
  const exposition: Route = {
    method: "get",
    path: "/metrics",
    handlers: [
      async (_req, res) => {
        if (metrics === undefined) throw new Problem(404, "No metrics are kept here.");
        const text = await metrics.text();
        // Not `type()`: it would tidy up a media type that scrapers compare.
        res.setHeader("Content-Type", metrics.contentType);
        res.setHeader("Cache-Control", "no-store");
        res.end(text);
      },
    ],
    doc: {
      summary: "Metrics for Prometheus",
      tag: "Operation",
      success: { status: 200, description: "Prometheus text.", type: "text/plain" },
      problems: [404],
    },
  };
  return [
    operation({
      method: "get",
      path: "/healthz",
      summary: "Whether the process lives",
      tag: "Operation",
      anyQuery: true,
      success: { status: 200, description: "It does.", schema: state("alive") },
      handle: () => ({ status: "alive" }),
    }),
    operation({
      method: "get",
      path: "/readyz",
      summary: "Whether the service can work",
      tag: "Operation",
      anyQuery: true,
      success: { status: 200, description: "It can.", schema: state("ready") },
      problems: [503],
      handle: async () => {
        await ready().catch((error: Error) => {
          throw new Problem(503, `The service is not ready: ${error.message}`);
        });
        return { status: "ready" };
      },
    }),
    exposition,
  ];
}
