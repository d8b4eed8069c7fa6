import type { SubscriptionView } from "@paperboy/db";
import type { Response } from "express";
import type { ApiContext } from "../context.ts";
import { wantsJson } from "../http/error-handler.ts";
import { parseForm } from "../http/form-body.ts";
import { page, type Route } from "../http/route.ts";
import { visitorOf } from "../http/visitor.ts";
import { toView } from "../rest/subscriptions.ts";
import { confirm, noSubscription } from "../subscribing.ts";
import { momentName } from "../views/dates.ts";
import { linkOf, postedLink } from "./link-page.ts";
import { scheduleInWords } from "./order-form.ts";

export function confirmRoutes(context: ApiContext): Route[] {
  const { store, views } = context;
  return [
    page("get", "/confirm", async (req, res) => {
      const { id, token } = linkOf(context, "confirm", req);
      const request = await store.subscriptions.findRequest(id);
      if (request === null) throw noSubscription();
      const { order, email, confirmedAt } = request;
      const model = { title: "Confirm your order", token, order, email, schedule: scheduleInWords(order) };
      res.type("html").send(views.render("confirm", { ...model, confirmed: confirmedAt !== null }));
    }),
    page("post", "/confirm", ...parseForm, async (req, res) => {
      const { id } = await postedLink(context, "confirm", req);
      const subscription = await confirm(context, id, visitorOf(req).address);
      if (wantsJson(req)) {
        res.json({ ...toView(subscription), manageToken: context.pages.manageToken(subscription.id) });
      } else showConfirmed(context, res, subscription);
    }),
  ];
}

function showConfirmed({ views, pages }: ApiContext, res: Response, subscription: SubscriptionView): void {
  const { id, email, order, status, nextDueAt } = subscription;
  const model = {
    title: status === "active" ? "You are on the round" : "This subscription is stopped",
    active: status === "active",
    email,
    order,
    schedule: scheduleInWords(order),
    first: nextDueAt && momentName(nextDueAt, order.timezone),
    token: pages.manageToken(id),
  };
  res.type("html").send(views.render("confirmed", model));
}
