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
    customLogLevel: (_req, res, error) => levelOf(res.statusCode, error !== undefined),
    autoLogging: { ignore: (req) => /^\/(healthz|readyz|metrics|assets\/)/.test(req.url ?? "") },
  }) as unknown as RequestHandler;
}

/** A search that was stopped or had to wait is no fault of ours, and strangers could fill the log with such. */
function levelOf(status: number, failed: boolean): "error" | "info" | "debug" {
  if (failed || (status >= 500 && status !== 503)) return "error";
  return status >= 400 ? "info" : "debug";
}

/** The path without query, and without the token that stands in the path of a digest. */
export function loggedPath(url: string): string {
  return (url.split("?", 1)[0] as string).replace(/^(\/digests\/).+/, "$1…");
}
