import { fieldErrors } from "@paperboy/core";
import { InvalidCursor, isNoText } from "@paperboy/db";
import type { ErrorRequestHandler, Request, Response } from "express";
import { ZodError } from "zod";
import type { ApiContext } from "../context.ts";
import { isQuerySyntaxError, queryFieldError, refusedSearch } from "../topic-query.ts";
import { NESTED_TOO_DEEPLY } from "./json-nesting.ts";
import { Problem } from "./problem.ts";

/** Answers what no route does. */
export function notFound(req: Request): never {
  throw new Problem(404, `There is nothing at ${req.path}.`);
}

/** The one place where errors become HTTP: problem+json for programs, a page for people. */
export function errorHandler(context: ApiContext): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const problem = toProblem(error);
    if (problem.status >= 500 && refusedSearch(error) === null) res.err = error as Error;
    if (res.headersSent) {
      next(error);
      return;
    }
    res.status(problem.status).set(problem.headers);
    res.set("Cache-Control", "no-store");
    if (wantsJson(req)) res.type("application/problem+json").send(JSON.stringify(problem.toJSON(req.path)));
    else sendPage(context, res, problem);
  };
}

function sendPage({ views }: ApiContext, res: Response, problem: Problem): void {
  const title = HEADLINES[problem.status] ?? problem.title;
  const newLink = problem.status === 410 && res.req.path.startsWith("/manage");
  res.type("html").send(views.render("problem", { title, problem, newLink }));
}

const HEADLINES: Readonly<Record<number, string>> = {
  400: "The request could not be read",
  403: "Access denied",
  404: "This page is not in today’s paper",
  422: "This request cannot be processed",
  429: "Too many requests",
  410: "This link has expired",
  500: "Something went wrong on our side",
  503: "The service is busy",
};

/** Pages are for those who ask for HTML, and never for a path that only programs read. */
export function wantsJson(req: Request): boolean {
  if (/^\/(api|feeds|healthz|readyz|metrics|openapi\.json)(\/|$)/.test(req.path)) return true;
  return req.accepts(["html", "json"]) === "json";
}

/** What an error that came up means to the one who asked; what is not known is ours and says nothing. */
function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof ZodError) return invalid(error);
  if (isQuerySyntaxError(error)) {
    return new Problem(400, error.message, { errors: [queryFieldError("q", error)] });
  }
  const refused = refusedSearch(error);
  if (refused !== null) return refused;
  if (error instanceof InvalidCursor) {
    return new Problem(400, `before: ${error.message}.`, {
      errors: [{ field: "before", message: error.message }],
    });
  }
  if (isNoText(error)) return new Problem(400, "What was sent holds a NUL, which no text may.");
  return fromExpress(error) ?? new Problem(500, "The service could not answer. The fault has been logged.");
}

/** A request that does not fit its schema. */
export function invalid(error: ZodError): Problem {
  const errors = fieldErrors(error);
  const [first] = errors;
  const detail =
    errors.length === 1 && first
      ? `${first.field === "" ? "" : `${first.field}: `}${first.message}`
      : `${errors.length} fields are not valid.`;
  return new Problem(400, detail, { errors });
}

/** Errors that Express and its body parsers raise carry a status and a type. */
function fromExpress(error: unknown): Problem | null {
  if (!(error instanceof Error)) return null;
  const { status, type, limit } = error as Error & { status?: number; type?: string; limit?: number };
  if (type === "entity.parse.failed")
    return new Problem(400, `The body is not valid JSON: ${error.message}.`);
  if (type === NESTED_TOO_DEEPLY) return new Problem(400, error.message);
  if (type === "entity.too.large") return new Problem(413, `The body is larger than ${limit} bytes.`);
  if (type === "charset.unsupported" || type === "encoding.unsupported") {
    return new Problem(415, `The body's encoding cannot be read: ${error.message}.`);
  }
  if (error instanceof URIError) return new Problem(400, "The address holds a % that encodes nothing.");
  return status !== undefined && status >= 400 && status < 500 ? new Problem(status, error.message) : null;
}
