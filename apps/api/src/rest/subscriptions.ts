import {
  applyInput,
  changeSchema,
  isEmptyOrder,
  type OrderInput,
  type SubscriptionOrder,
  subscribeSchema,
} from "@paperboy/core";
import type { SubscriptionView } from "@paperboy/db";
import type { Request, RequestHandler } from "express";
import { z } from "zod";
import type { ApiContext } from "../context.ts";
import { bearerToken, unauthorized } from "../http/bearer.ts";
import { type Guard, operation } from "../http/operation.ts";
import { Problem } from "../http/problem.ts";
import type { Route } from "../http/route.ts";
import { visitorOf } from "../http/visitor.ts";
import { openManageLink } from "../manage-link.ts";
import { uuidParams } from "../schemas/listing.ts";
import { orderViewSchema, toOrderView } from "../schemas/order.ts";
import {
  eraseReader,
  findSubscription,
  noSubscription,
  requireAffordable,
  subscribe,
} from "../subscribing.ts";

/** The same words for every address, known or not: the answer tells no one who reads what. */
const ACCEPTED =
  "If this address can be written to, a mail is on its way to it. Its link starts the digests.";

export const subscriptionSchema = orderViewSchema.extend({
  id: z.uuid(),
  email: z.string(),
  status: z.enum(["pending", "active", "unsubscribed"]),
  createdAt: z.iso.datetime(),
  confirmedAt: z.iso.datetime().nullable(),
  nextDueAt: z.iso.datetime().nullable(),
  pausedUntil: z.iso.date().nullable(),
});

export function subscriptionRoutes(context: ApiContext): Route[] {
  const { library, store, now } = context;
  const path = "/api/v1/subscriptions/{id}";
  const common = { path, tag: "Subscriptions", guard: manageGuard(context), params: uuidParams };
  return [
    operation({
      method: "post",
      path: "/api/v1/subscriptions",
      summary: "Order digests; a mail asks the reader to confirm",
      tag: "Subscriptions",
      body: subscribeSchema,
      success: {
        status: 202,
        description: "The same answer for every address, known or not.",
        schema: z.object({ status: z.literal("accepted"), message: z.string() }),
      },
      handle: async ({ body: { email, ...order }, req }) => {
        await subscribe(context, email, applyInput(order), visitorOf(req));
        return { status: "accepted" as const, message: ACCEPTED };
      },
    }),
    operation({
      ...common,
      method: "get",
      summary: "Read a subscription",
      success: { status: 200, description: "The subscription.", schema: subscriptionSchema },
      problems: [404],
      handle: async ({ params }) => toView(await findSubscription(context, params.id)),
    }),
    operation({
      ...common,
      path: "/api/v1/subscriptions/{id}/export",
      method: "get",
      summary: "Everything that is kept about the reader",
      success: { status: 200, description: "All rows.", schema: z.looseObject({ email: z.string() }) },
      problems: [404],
      handle: async ({ params }) => {
        const all = await store.subscriptions.exportReader(params.id);
        if (all === null) throw noSubscription();
        return all as { email: string };
      },
    }),
    operation({
      ...common,
      method: "patch",
      summary: "Change a subscription; what is absent stays",
      body: changeSchema,
      success: { status: 200, description: "As it is now.", schema: subscriptionSchema },
      problems: [404],
      handle: async ({ params: { id }, body: { status, pausedUntil, ...input } }) => {
        const reorder = (order: SubscriptionOrder) => withInput(library, order, input);
        const change = { reorder, pausedUntil, resume: status === "active" };
        if (!(await store.subscriptions.revise(id, change, now()))) throw noSubscription();
        return toView(await findSubscription(context, id));
      },
    }),
    operation({
      ...common,
      method: "delete",
      summary: "Unsubscribe; with `erase=true`, and forget everything",
      query: z.object({ erase: z.enum(["true", "false"]).optional() }),
      success: { status: 204, description: "No digest will come any more." },
      problems: [404],
      handle: async ({ params: { id }, query: { erase } }) => {
        if (erase === "true") {
          if (!(await eraseReader(context, id))) throw noSubscription();
          return;
        }
        if (!(await store.subscriptions.unsubscribe(id, now()))) throw noSubscription();
      },
    }),
  ];
}

/** @throws Problem 400 when nothing would come of the order any more, QueryTooBroad when a topic would cost too much. */
function withInput(
  library: ApiContext["library"],
  before: SubscriptionOrder,
  input: OrderInput,
): SubscriptionOrder {
  const order = applyInput(input, before);
  if (isEmptyOrder(order))
    throw new Problem(
      400,
      "Nothing would come: order a topic, trending or forYou, or DELETE the subscription.",
    );
  requireAffordable(library, order);
  return order;
}

/** The manage token of a mail opens the subscription it was made for and no other. */
function manageGuard(context: ApiContext): Guard {
  const check: RequestHandler = async (req, _res, next) => {
    if ((await manageId(req, context)) !== req.params.id) {
      throw new Problem(403, "This token belongs to another subscription.");
    }
    next();
  };
  return { scheme: "manageToken", check };
}

async function manageId(req: Request, context: ApiContext): Promise<string> {
  const token = bearerToken(req, "the manage token of a mail");
  try {
    return await openManageLink(context, token);
  } catch (error) {
    if (!(error instanceof Problem) || error.status === 404) throw error;
    throw unauthorized(error.status === 410 ? error.message : "This is not a manage token of this service.");
  }
}

export function toView(view: SubscriptionView): z.input<typeof subscriptionSchema> {
  const { order, createdAt, confirmedAt, nextDueAt, unsubscribedAt: _, ...rest } = view;
  return {
    ...rest,
    ...toOrderView(order),
    createdAt: createdAt.toISOString(),
    confirmedAt: confirmedAt?.toISOString() ?? null,
    nextDueAt: nextDueAt?.toISOString() ?? null,
  };
}
