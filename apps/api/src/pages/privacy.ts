import type { ApiContext } from "../context.ts";
import { field, formFields, parseForm } from "../http/form-body.ts";
import { Problem } from "../http/problem.ts";
import { page, type Route } from "../http/route.ts";
import { eraseReader, noSubscription } from "../subscribing.ts";
import { manageLinkOf, postedManageLink } from "./link-page.ts";

/** What readers may ask of us with their manage link: all that is kept about them, or to be forgotten. */
export function privacyRoutes(context: ApiContext): Route[] {
  const { store, views } = context;
  return [
    page("get", "/manage/export", async (req, res) => {
      const { id } = await manageLinkOf(context, req);
      const about = await store.subscriptions.exportReader(id);
      if (about === null) throw noSubscription();
      res
        .attachment("paperboy.json")
        .type("json")
        .send(JSON.stringify(about, null, 2));
    }),
    page("post", "/manage/erase", ...parseForm, async (req, res) => {
      const { id } = await postedManageLink(context, req);
      if (field(await formFields(req), "sure") !== "yes") {
        throw new Problem(400, "Nothing was erased: tick the box, so that it cannot happen by accident.");
      }
      if (!(await eraseReader(context, id))) throw noSubscription();
      res.type("html").send(views.render("erased", { title: "You are forgotten" }));
    }),
  ];
}
