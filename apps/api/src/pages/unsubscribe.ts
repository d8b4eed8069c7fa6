import { z } from "zod";
import type { ApiContext } from "../context.ts";
import { wantsJson } from "../http/error-handler.ts";
import { parseForm } from "../http/form-body.ts";
import { page, type Route } from "../http/route.ts";
import { resume } from "../subscribing.ts";
import { linkOf, postedLink } from "./link-page.ts";

export function unsubscribeRoutes(context: ApiContext): Route[] {
  const { store, views, now } = context;
  const stop: Route = {
    method: "post",
    path: "/unsubscribe",
    handlers: [
      ...parseForm,
      async (req, res) => {
        const { id, token } = await postedLink(context, "unsubscribe", req);
        // A reader who was erased gets no mail either: the answer is the same.
        await store.subscriptions.unsubscribe(id, now());
        if (wantsJson(req)) res.json({ status: "unsubscribed" });
        else res.type("html").send(views.render("unsubscribed", { title: "You are unsubscribed", token }));
      },
    ],
    doc: {
      summary: "Unsubscribe with one click (RFC 8058)",
      tag: "Subscriptions",
      query: z.object({ token: z.string().optional().meta({ description: "As in List-Unsubscribe." }) }),
      body: z.object({ "List-Unsubscribe": z.literal("One-Click").optional() }),
      bodyTypes: ["application/x-www-form-urlencoded", "multipart/form-data"],
      success: { status: 200, description: "Stopped, now or before.", type: "text/html" },
    },
  };
  return [
    page("get", "/unsubscribe", async (req, res) => {
      const { id, token } = linkOf(context, "unsubscribe", req);
      const subscription = await store.subscriptions.find(id);
      const stopped = subscription?.status !== "active";
      res.type("html").send(views.render("unsubscribe", { title: "Unsubscribe", token, stopped }));
    }),
    stop,
    page("post", "/resume", ...parseForm, async (req, res) => {
      const { id } = await postedLink(context, "unsubscribe", req);
      await resume(context, id);
      res.type("html").send(views.render("resumed", { title: "Welcome back" }));
    }),
  ];
}
