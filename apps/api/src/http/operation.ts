import express, { type Request, type RequestHandler, type Response } from "express";
import { z } from "zod";
import { refuseDeepJson } from "./json-nesting.ts";
import { Problem } from "./problem.ts";
import type { Method, Route } from "./route.ts";

/** Who may call an operation: how the description names it, and the check. */
export interface Guard {
  readonly scheme: "manageToken" | "adminToken" | "webhookToken" | "metricsToken";
  readonly check: RequestHandler;
}

/** What the API's description says of an operation; made from the very schemas that check it. */
export interface OperationDoc {
  readonly summary: string;
  readonly tag: string;
  readonly guard?: Guard["scheme"];
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

interface Input<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly req: Request;
  readonly res: Response;
}

interface Operation<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Result extends z.ZodType,
> extends Omit<OperationDoc, "guard"> {
  readonly method: Method;
  readonly path: string;
  readonly guard?: Guard;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** Whether parameters that are not known are let through: for probes of monitors, which may add what they like. */
  readonly anyQuery?: boolean;
  /** The largest body, e.g. `100kb`. */
  readonly bodyLimit?: string;
  readonly success: Success<Result>;
  readonly handle: (
    input: Input<z.output<Params>, z.output<Query>, z.output<Body>>,
  ) => Promise<z.input<Result>> | z.input<Result>;
}

/**
 * A JSON operation: checks the caller, then the content type, then path, query and body against their schemas,
 * and answers with what `handle` gives. What `handle` gives has the type that the description promises.
 */
export function operation<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Result extends z.ZodType,
>(spec: Operation<Params, Query, Body, Result>): Route {
  const { method, path, guard, handle, bodyLimit, anyQuery = false, ...doc } = spec;
  const parse = spec.body === undefined ? [] : jsonBody(bodyLimit ?? "100kb", spec.bodyTypes ?? JSON_TYPES);
  const run: RequestHandler = async (req, res) => {
    if (!anyQuery) refuseUnknownParameters(spec.query, req.query);
    const input = {
      params: read(spec.params, req.params),
      query: read(spec.query, req.query),
      body: read(spec.body, req.body),
      req,
      res,
    };
    const result = await handle(input as Parameters<typeof handle>[0]);
    res.status(spec.success.status);
    if (spec.success.schema === undefined) res.end();
    else res.json(result);
  };
  const handlers = [...(guard ? [guard.check] : []), ...parse, run];
  return { method, path, handlers, doc: { ...doc, ...(guard && { guard: guard.scheme }) } };
}

function read(schema: z.ZodType | undefined, value: unknown): unknown {
  return schema === undefined ? undefined : schema.parse(value, { reportInput: true });
}

/** A parameter that would be ignored is a misunderstanding: it is refused by its name, beside those that are known. */
function refuseUnknownParameters(schema: z.ZodType | undefined, given: Request["query"]): void {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const others = known.length === 0 ? "none is known here" : `known here: ${known.join(", ")}`;
  const errors = unknown.map((field) => ({ field, message: `is not a query parameter of this; ${others}` }));
  const names = unknown.slice(0, 10).map((name) => `"${name.slice(0, 60)}"`);
  throw new Problem(400, `Not a query parameter of this: ${names.join(", ")}; ${others}.`, { errors });
}

const JSON_TYPES = ["json", "+json"];

/** Reads a JSON body and refuses any other, so that a form of another site cannot speak to the API. */
function jsonBody(limit: string, types: readonly string[]): RequestHandler[] {
  const requireJson: RequestHandler = (req, _res, next) => {
    if (req.is([...types])) return next();
    const given = req.get("content-type");
    const found = given === undefined ? "no Content-Type is given" : `not ${given}`;
    throw new Problem(415, `The body must be application/json; ${found}.`, {
      headers: { "Accept-Post": "application/json" },
    });
  };
  return [requireJson, express.json({ limit, type: [...types], verify: refuseDeepJson })];
}
