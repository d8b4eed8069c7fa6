import type { IncomingMessage, ServerResponse } from "node:http";
import type { RequestHandler } from "express";
import type { Logger } from "pino";
import { pinoHttp } from "pino-http";

/**
 * Logs each answered request by method, path and status. Queries, headers and bodies stay out: they hold
 * tokens, addresses and what people are interested in. Probes and assets are not logged.
 */
export function accessLog(logger: Logger): RequestHandler {
  return pinoHttp<IncomingMessage, ServerResponse>({
    logger,
    quietReqLogger: true,
    serializers: {
      req: (req: { method: string; url: string }) => ({ method: req.method, path: loggedPath(req.url) }),
      res: (res: { statusCode: number }) => ({ status: res.statusCode }),
    },
    customLogLevel: (_req, res, error) =>
      error || res.statusCode >= 500 ? "error" : res.statusCode >= 400 ? "info" : "debug",
    autoLogging: { ignore: (req) => /^\/(healthz|readyz|metrics|assets\/)/.test(req.url ?? "") },
  }) as unknown as RequestHandler;
}

/** The path without query, and without the token that stands in the path of a digest. */
export function loggedPath(url: string): string {
  return (url.split("?", 1)[0] as string).replace(/^(\/digests\/).+/, "$1…");
}
