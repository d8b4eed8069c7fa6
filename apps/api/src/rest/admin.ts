import { DELIVERY_STATUSES, emailSchema } from "@paperboy/core";
import { z } from "zod";
import type { ApiContext } from "../context.ts";
import { type Guard, operation } from "../http/operation.ts";
import { Problem } from "../http/problem.ts";
import type { Route } from "../http/route.ts";
import { limitSchema, uuidParams } from "../schemas/listing.ts";
import { subscriptionSchema, toView } from "./subscriptions.ts";

const TAG = "Administration";

const deliverySchema = z.object({
  id: z.uuid(),
  kind: z.enum(["digest", "confirmation", "link"]),
  edition: z.string(),
  status: z.enum(DELIVERY_STATUSES),
  email: z.string(),
  attempts: z.int(),
  response: z.string().nullable(),
  plannedAt: z.iso.datetime(),
  submittedAt: z.iso.datetime().nullable(),
});

const suppressionSchema = z.object({
  addressHash: z.string(),
  reason: z.string(),
  detail: z.string().nullable(),
  createdAt: z.iso.datetime(),
});

const ok = <Result extends z.ZodType>(description: string, schema: Result) => ({
  status: 200,
  description,
  schema,
});

export function adminRoutes(context: ApiContext): Route[] {
  const { guard } = context.admin;
  return [
    ...readingRoutes(context, guard),
    ...deliveryRoutes(context, guard),
    ...suppressionRoutes(context, guard),
  ];
}

function readingRoutes({ store }: ApiContext, guard: Guard): Route[] {
  return [
    operation({
      method: "get",
      path: "/api/v1/admin/subscribers",
      summary: "The newest subscriptions",
      tag: TAG,
      guard,
      query: z.object({ limit: limitSchema(100, 1_000) }),
      success: ok(
        "Counts by state, and the newest.",
        z.object({
          counts: z.object({ pending: z.int(), active: z.int(), unsubscribed: z.int() }),
          subscribers: z.array(subscriptionSchema),
        }),
      ),
      handle: async ({ query }) => ({
        counts: await store.subscriptions.counts(),
        subscribers: (await store.subscriptions.list(query.limit)).map(toView),
      }),
    }),
  ];
}

function deliveryRoutes({ store, hint, now, logger }: ApiContext, guard: Guard): Route[] {
  return [
    operation({
      method: "get",
      path: "/api/v1/admin/deliveries",
      summary: "The newest deliveries, of one state or of all",
      tag: TAG,
      guard,
      query: z.object({ status: z.enum(DELIVERY_STATUSES).optional(), limit: limitSchema(100, 1_000) }),
      success: ok("Newest first.", z.object({ deliveries: z.array(deliverySchema) })),
      handle: async ({ query }) => {
        const deliveries = await store.deliveries.list(query);
        return {
          deliveries: deliveries.map((d) => ({
            ...d,
            plannedAt: d.plannedAt.toISOString(),
            submittedAt: d.submittedAt?.toISOString() ?? null,
          })),
        };
      },
    }),
    operation({
      method: "post",
      path: "/api/v1/admin/deliveries/{id}/settle",
      summary: "Settle a delivery of which it is unknown whether it went out",
      tag: TAG,
      guard,
      params: uuidParams,
      body: z.strictObject({
        as: z.enum(["submitted", "pending"]).meta({
          description: "submitted: it went out; pending: send it again.",
        }),
      }),
      success: ok("Settled.", z.object({ id: z.uuid(), status: z.enum(["submitted", "pending"]) })),
      problems: [409],
      handle: async ({ params: { id }, body: { as } }) => {
        if ((await store.deliveries.settle(id, as, now())) === 0) {
          throw new Problem(409, "Only a delivery in the state unknown can be settled, and this one is not.");
        }
        logger.info({ deliveryId: id, as }, "Settled a delivery whose fate was unknown");
        if (as === "pending") await hint("deliver", { deliveryIds: [id] });
        return { id, status: as };
      },
    }),
  ];
}

function suppressionRoutes({ store }: ApiContext, guard: Guard): Route[] {
  const common = { path: "/api/v1/admin/suppressions", tag: TAG, guard };
  return [
    operation({
      ...common,
      method: "get",
      summary: "Addresses nothing is mailed to, by hash",
      query: z.object({ limit: limitSchema(100, 1_000) }),
      success: ok("Newest first.", z.object({ suppressions: z.array(suppressionSchema) })),
      handle: async ({ query }) => {
        const list = await store.suppressions.list(query.limit);
        return { suppressions: list.map((s) => ({ ...s, createdAt: s.createdAt.toISOString() })) };
      },
    }),
    operation({
      ...common,
      method: "post",
      summary: "Mail nothing to an address any more",
      body: z.strictObject({ email: emailSchema, detail: z.string().max(500).optional() }),
      success: { status: 204, description: "Suppressed." },
      handle: async ({ body }) => {
        await store.suppressions.add(body.email.address, "operator", body.detail ?? null);
      },
    }),
    operation({
      ...common,
      method: "delete",
      summary: "Allow mail to an address again",
      body: z.strictObject({ email: emailSchema }),
      success: { status: 204, description: "No longer suppressed." },
      problems: [404],
      handle: async ({ body }) => {
        if (!(await store.suppressions.remove(body.email.address))) {
          throw new Problem(404, "This address is not suppressed.");
        }
      },
    }),
  ];
}
