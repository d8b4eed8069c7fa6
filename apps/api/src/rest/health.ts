import type { RequestHandler } from "express";
import { z } from "zod";
import type { ApiContext } from "../context.ts";
import { bearerToken, sameSecret, unauthorized } from "../http/bearer.ts";
import { operation } from "../http/operation.ts";
import { Problem } from "../http/problem.ts";
import type { Route } from "../http/route.ts";
import { visitorOf } from "../http/visitor.ts";

export function healthRoutes(context: ApiContext): Route[] {
  const { ready, metrics } = context;
  const state = (word: string) => z.object({ status: z.literal(word) });
  const exposition: Route = {
    method: "get",
    path: "/metrics",
    handlers: [
      metricsCheck(context),
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
      guard: "metricsToken",
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

/**
 * Figures tell strangers much. While `PUBLIC_URL` is local, this machine and its private network read them; otherwise who sends
 * METRICS_TOKEN or ADMIN_TOKEN as a bearer, or has signed in at /admin.
 */
function metricsCheck({ config, admin, guesses, now }: ApiContext): RequestHandler {
  const tokens = [config.metricsToken, config.adminToken].filter((token) => token !== undefined);
  return async (req, _res, next) => {
    if (req.get("authorization") === undefined) {
      if (visitorOf(req).isNearby || (await admin.sessionOf(req, now())) !== null) return next();
    }
    const given = bearerToken(req, "METRICS_TOKEN or ADMIN_TOKEN");
    await guesses.requireFew(req);
    if (!tokens.some((token) => sameSecret(given, token))) {
      await guesses.wrong(req);
      throw unauthorized("This is neither the METRICS_TOKEN nor the ADMIN_TOKEN.");
    }
    next();
  };
}
