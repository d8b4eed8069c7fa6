import type { Application, RequestHandler } from "express";
import type { OperationDoc } from "./operation.ts";
import { Problem } from "./problem.ts";

export type Method = "get" | "post" | "patch" | "delete";

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
