import type { Application, RequestHandler } from "express";
import type { z } from "zod";
import { Problem } from "./problem.ts";

export type Method = "get" | "post" | "patch" | "delete";

export type GuardScheme = "manageToken" | "adminToken" | "webhookToken" | "metricsToken";

/** What the API's description says of an operation; made from the very schemas that check it. */
export interface OperationDoc {
  readonly summary: string;
  readonly tag: string;
  readonly guard?: GuardScheme;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Media types of the body; JSON when absent. */
  readonly bodyTypes?: readonly string[];
  readonly success: Success;
  /** Statuses of the problems it may answer with. */
  readonly problems?: readonly number[];
}

export interface Success<Result extends z.ZodType = z.ZodType> {
  readonly status: number;
  readonly description: string;
  /** Absent for an answer without a body or in another format. */
  readonly schema?: Result;
  /** Media type; JSON when absent. */
  readonly type?: string;
}

/** One method on one path. Paths are written as in OpenAPI: `/papers/{id}`. */
export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly handlers: readonly RequestHandler[];
  /** Present for what programs use; pages have none. */
  readonly doc?: OperationDoc;
}

/** A route for people: no place in the API's description. */
export function page(method: "get" | "post", path: string, ...handlers: RequestHandler[]): Route {
  return { method, path, handlers };
}

/** Registers routes in order; a method that a path does not know gets 405 and the list of those it does. */
export function mountRoutes(app: Application, routes: readonly Route[]): void {
  for (const [path, group] of byPath(routes)) {
    const pattern = path.replace(/\{(\w+)\}/g, ":$1");
    for (const { method, handlers } of group) app[method](pattern, ...handlers);
    app.all(pattern, refuseMethod(allowedMethods(group)));
  }
}

function byPath(routes: readonly Route[]): Map<string, Route[]> {
  const groups = new Map<string, Route[]>();
  for (const route of routes) groups.set(route.path, [...(groups.get(route.path) ?? []), route]);
  return groups;
}

function allowedMethods(group: readonly Route[]): string {
  const methods = group.flatMap(({ method }) =>
    method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()],
  );
  return [...methods, "OPTIONS"].join(", ");
}

function refuseMethod(allow: string): RequestHandler {
  return (req, res) => {
    if (req.method !== "OPTIONS") {
      throw new Problem(405, `${req.method} is not possible here; ${allow} are.`, {
        headers: { Allow: allow },
      });
    }
    res.set("Allow", allow).status(204).end();
  };
}
