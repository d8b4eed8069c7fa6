import { orderHash, type SubscriptionOrder } from "@paperboy/core";
import type { RequestView, SubscriptionView } from "@paperboy/db";
import type { Request, Response } from "express";
import type { ApiContext } from "../context.ts";
import { wantsJson } from "../http/error-handler.ts";
import { parseForm } from "../http/form-body.ts";
import { Problem } from "../http/problem.ts";
import { page, type Route } from "../http/route.ts";
import { visitorOf } from "../http/visitor.ts";
import { openBoundLink, tokenInQuery } from "../link-tokens.ts";
import { toView } from "../rest/subscriptions.ts";
import { confirm, findSubscription, noSubscription } from "../subscribing.ts";
import { momentName } from "../views/dates.ts";
import { postedToken } from "./link-page.ts";
import { scheduleInWords } from "./order-form.ts";

/** Double opt-in: what a mail asks to confirm is shown, and the button confirms exactly that. */
export function confirmRoutes(context: ApiContext): Route[] {
  return [
    page("get", "/confirm", async (req, res) => {
      const token = tokenInQuery(req);
      await showRequest(context, res, token, await requestOf(context, token));
    }),
    page("post", "/confirm", ...parseForm, (req, res) => confirmRequest(context, req, res)),
  ];
}

/**
 * The request a token names. A token is made for one order; those of before name the request only, which has not changed
 * since it was made either.
 */
async function requestOf({ store, config, now }: ApiContext, token: string): Promise<RequestView> {
  const link = openBoundLink("confirm", token, config.keys, now());
  const request = await store.subscriptions.findRequest(link.id);
  if (request === null) throw noSubscription();
  if (link.boundTo !== null && link.boundTo !== orderHash(request.order)) {
    throw new Problem(400, "This link was made for another order.");
  }
  return request;
}

async function showRequest(
  context: ApiContext,
  res: Response,
  token: string,
  { subscriptionId, order, email, confirmedAt }: RequestView,
): Promise<void> {
  const current = await findSubscription(context, subscriptionId);
  const replaces = confirmedAt === null && current.status !== "pending";
  const model = {
    title: "Confirm your subscription",
    token,
    wanted: summaryOf(order, email),
    current: replaces ? summaryOf(current.order, current.email) : null,
    stopped: current.status === "unsubscribed",
    confirmed: confirmedAt !== null,
  };
  res.type("html").send(context.views.render("confirm", model));
}

/** What the partial `order-summary` shows. */
const summaryOf = (order: SubscriptionOrder, email: string) => ({
  order,
  email,
  schedule: scheduleInWords(order),
});

async function confirmRequest(context: ApiContext, req: Request, res: Response): Promise<void> {
  const request = await requestOf(context, await postedToken(req));
  const subscription = await confirm(context, request.id, visitorOf(req).address);
  const manageToken = await manageTokenFor(context, request);
  if (wantsJson(req)) res.json({ ...toView(subscription), ...(manageToken !== null && { manageToken }) });
  else showConfirmed(context, res, subscription, manageToken);
}

/**
 * A press confirms, and opens the reader's page. Once links were revoked, an old confirmation opens it no more: it may be in the
 * same hands as they.
 */
async function manageTokenFor(
  { store, pages, now }: ApiContext,
  { subscriptionId: id, confirmedAt }: RequestView,
): Promise<string | null> {
  const manageRevision = (await store.subscriptions.manageRevision(id)) ?? 0;
  if (confirmedAt !== null && manageRevision > 0) return null;
  return pages.manageToken({ id, manageRevision }, now());
}

function showConfirmed(
  { views }: ApiContext,
  res: Response,
  { email, order, status, nextDueAt }: SubscriptionView,
  token: string | null,
): void {
  const model = {
    title: status === "active" ? "You are subscribed" : "This subscription is stopped",
    active: status === "active",
    ...summaryOf(order, email),
    first: nextDueAt && momentName(nextDueAt, order.timezone),
    token,
  };
  res.type("html").send(views.render("confirmed", model));
}
