import type { Request, RequestHandler } from "express";

/** A request that was answered, or given up. Each label has few values, whatever strangers ask for. */
export interface AnsweredRequest {
  /** `OTHER` for a method that no route has. */
  readonly method: string;
  /** The pattern of the route, e.g. `/api/v1/papers/{id}`; `none` when the request got to no route. */
  readonly route: string;
  /** The HTTP status; `aborted` when the client hung up before the answer was there. */
  readonly status: string;
}

/** Told of each request, and how many seconds it took. */
export type ObserveRequest = (request: AnsweredRequest, seconds: number) => void;

const METHODS = ["GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS"];

/** Measures requests from their first byte here to the last byte of the answer. */
export function requestMetrics(observe: ObserveRequest): RequestHandler {
  return (req, res, next) => {
    const begun = performance.now();
    res.once("close", () => {
      const status = res.writableFinished ? String(res.statusCode) : "aborted";
      observe({ method: methodOf(req), route: routeOf(req), status }, (performance.now() - begun) / 1000);
    });
    next();
  };
}

const methodOf = ({ method }: Request): string => (METHODS.includes(method) ? method : "OTHER");

/** The pattern as the API's description has it, never the path: that holds ids and tokens. */
function routeOf(req: Request): string {
  const pattern: unknown = req.route?.path;
  return typeof pattern === "string" ? pattern.replace(/:(\w+)/g, "{$1}") : "none";
}
