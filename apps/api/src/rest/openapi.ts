import { STATUS_CODES } from "node:http";
import { z } from "zod";
import type { ApiConfig } from "../config.ts";
import type { OperationDoc } from "../http/operation.ts";
import type { Route } from "../http/route.ts";

type Json = Record<string, unknown>;

/** The route that serves the description of all others. */
export function openapiRoute(config: ApiConfig, routes: readonly Route[]): Route {
  const path = "/openapi.json";
  const doc: OperationDoc = {
    summary: "This description",
    tag: "Operation",
    success: { status: 200, description: "OpenAPI 3.1." },
  };
  const route: Route = {
    method: "get",
    path,
    doc,
    handlers: [
      (_req, res) => {
        res.json(description);
      },
    ],
  };
  const description = describe(config, [...routes, route]);
  return route;
}

/** OpenAPI 3.1, from the schemas that check requests, so that it says what is so. */
function describe({ publicUrl }: ApiConfig, routes: readonly Route[]): Json {
  const paths: Record<string, Json> = {};
  for (const { method, path, doc } of routes) {
    if (doc !== undefined) paths[path] = { ...paths[path], [method]: describeOperation(doc) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Paperboy",
      version: "1",
      description: "Research papers by mail: what you asked for, every morning.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: publicUrl }],
    paths,
    components: { schemas: { Problem: jsonSchema(problemSchema) }, securitySchemes: SECURITY },
  };
}

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  errors: z
    .array(z.object({ field: z.string(), message: z.string(), column: z.int().optional() }))
    .optional(),
});

const SECURITY = {
  manageToken: {
    type: "http",
    scheme: "bearer",
    description: "The token of the manage link that stands in every digest.",
  },
  adminToken: { type: "http", scheme: "bearer", description: "ADMIN_TOKEN." },
  metricsToken: {
    type: "http",
    scheme: "bearer",
    description:
      "METRICS_TOKEN or ADMIN_TOKEN; while PUBLIC_URL is local, not asked for on the machine itself.",
  },
  webhookToken: {
    type: "http",
    scheme: "basic",
    description:
      "Any name, and as password the token that `paperboy bounces webhook-url` prints, or ADMIN_TOKEN.",
  },
};

function describeOperation(doc: OperationDoc): Json {
  return {
    summary: doc.summary,
    tags: [doc.tag],
    ...(doc.guard && { security: [{ [doc.guard]: [] }] }),
    ...parameters(doc),
    ...(doc.body && {
      requestBody: { required: true, content: contentOf(doc.bodyTypes ?? ["application/json"], doc.body) },
    }),
    responses: responses(doc),
  };
}

function parameters(doc: OperationDoc): Json {
  const all = [...parametersIn("path", doc.params), ...parametersIn("query", doc.query)];
  return all.length === 0 ? {} : { parameters: all };
}

function parametersIn(place: "path" | "query", schema: z.ZodType | undefined): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema) as { properties?: Json; required?: string[] };
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property as { description?: string };
    return {
      name,
      in: place,
      required: required.includes(name),
      ...(description && { description }),
      schema: rest,
    };
  });
}

function responses(doc: OperationDoc): Json {
  const { status, description, schema, type } = doc.success;
  const implied = [
    ...(doc.body || doc.query || doc.params ? [400] : []),
    ...(doc.guard ? [401] : []),
    ...(doc.guard === "manageToken" ? [403] : []),
    ...(doc.guard === "adminToken" ? [503] : []),
    ...(doc.body ? [413, 415] : []),
  ];
  const problems = [...new Set([...implied, ...(doc.problems ?? [])])].sort();
  const content = schema
    ? { content: contentOf([type ?? "application/json"], schema, "output") }
    : type && { content: { [type]: { schema: { type: "string" } } } };
  return {
    [status]: { description, ...content },
    ...Object.fromEntries(problems.map((problem) => [problem, PROBLEM_RESPONSE(problem)])),
  };
}

const PROBLEM_RESPONSE = (status: number) => ({
  description: STATUS_CODES[status],
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
});

function contentOf(types: readonly string[], schema: z.ZodType, io: "input" | "output" = "input"): Json {
  return Object.fromEntries(types.map((type) => [type, { schema: jsonSchema(schema, io) }]));
}

function jsonSchema(schema: z.ZodType, io: "input" | "output" = "input"): Json {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io }) as Json;
  return json;
}
