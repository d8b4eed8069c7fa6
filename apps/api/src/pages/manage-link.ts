import { emailSchema, fieldErrors } from "@paperboy/core";
import type { Response } from "express";
import type { ApiContext } from "../context.ts";
import { wantsJson } from "../http/error-handler.ts";
import { field, formFields, parseForm } from "../http/form-body.ts";
import { page, type Route } from "../http/route.ts";
import { visitorOf } from "../http/visitor.ts";
import { mailNewLink } from "../subscribing.ts";
import { postedManageLink } from "./link-page.ts";

/** The same words for every address, known or not: the answer tells no one who reads what. */
const ASKED = "If this address has a subscription, a mail with a new link is on its way to it.";
const REVOKED = "All earlier links to this page have ended. A mail with a new one is on its way.";

/** New links to a reader's own page, by mail, and the end of those that are out. */
export function manageLinkRoutes(context: ApiContext): Route[] {
  const { store, hint, now } = context;
  return [
    page("get", "/manage/link", (_req, res) => showForm(context, res, "")),
    page("post", "/manage/link", ...parseForm, async (req, res) => {
      const email = field(await formFields(req), "email");
      const parsed = emailSchema.safeParse(email);
      if (!parsed.success && wantsJson(req)) throw parsed.error;
      if (!parsed.success) {
        res.status(400);
        showForm(context, res, email, fieldErrors(parsed.error)[0]?.message);
        return;
      }
      await mailNewLink(context, parsed.data.address, visitorOf(req));
      if (wantsJson(req)) res.status(202).json({ status: "accepted", message: ASKED });
      else show(context, res, ASKED);
    }),
    page("post", "/manage/revoke", ...parseForm, async (req, res) => {
      const { id } = await postedManageLink(context, req);
      const deliveryId = await store.subscriptions.revokeLinks(id, now());
      if (deliveryId !== null) await hint("deliver", { deliveryIds: [deliveryId] });
      if (wantsJson(req)) res.json({ status: "revoked", message: REVOKED });
      else show(context, res, REVOKED);
    }),
  ];
}

function showForm({ views }: ApiContext, res: Response, email: string, error?: string): void {
  res.type("html").send(views.render("manage-link", { title: "A new link to your page", email, error }));
}

function show({ views }: ApiContext, res: Response, message: string): void {
  res.type("html").send(views.render("link-sent", { title: "Check your inbox", message }));
}
