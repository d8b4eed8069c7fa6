import type { ApiContext } from "../context.ts";
import { type FormFields, field, formFields, parseForm } from "../http/form-body.ts";
import { Problem } from "../http/problem.ts";
import { page, type Route } from "../http/route.ts";
import { findSubscription } from "../subscribing.ts";
import { changeWord, remakeTaste } from "../tasting.ts";
import { postedManageLink } from "./link-page.ts";
import type { Notice } from "./manage-notices.ts";

/** What readers change of their taste on the page of their subscription. */
export function manageTasteRoutes(context: ApiContext): Route[] {
  const { store } = context;
  return [
    action(context, "/manage/marks/remove", async (id, fields) => {
      const mark = Number(field(fields, "mark"));
      if (!Number.isInteger(mark) || mark < 1 || mark > 2 ** 31 - 1)
        throw new Problem(400, "Say which mark goes.");
      await store.marks.remove(id, [mark]);
      await remakeTaste(context, id);
      return "unmarked";
    }),
    action(context, "/manage/words", async (id, fields) => {
      const [change = "", ...term] = field(fields, "word").split(" ");
      await changeWord(context, id, term.join(" "), change);
      return "reworded";
    }),
    action(context, "/manage/taste/start-again", async (id, fields) => {
      if (field(fields, "sure") !== "yes") {
        throw new Problem(400, "Nothing was changed: tick the box, so that it cannot happen by accident.");
      }
      await store.marks.startAgain(id);
      return "startedAgain";
    }),
  ];
}

/** A button of the page: acts, then shows the page again with a notice. */
function action(
  context: ApiContext,
  path: string,
  act: (id: string, fields: FormFields) => Promise<Notice>,
): Route {
  return page("post", path, ...parseForm, async (req, res) => {
    const { id, token } = await postedManageLink(context, req);
    await findSubscription(context, id);
    const notice = await act(id, await formFields(req));
    res.redirect(303, `${context.base}/manage?token=${encodeURIComponent(token)}&done=${notice}#taste`);
  });
}
