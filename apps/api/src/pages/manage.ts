import {
  applyInput,
  changeSchema,
  type FieldError,
  fieldErrors,
  isEmptyOrder,
  ORDER_LIMITS,
  pauseSchema,
} from "@paperboy/core";
import type { Request, RequestHandler, Response } from "express";
import type { ApiContext } from "../context.ts";
import { type FormFields, field, formFields, parseForm } from "../http/form-body.ts";
import { Problem } from "../http/problem.ts";
import { page, type Route } from "../http/route.ts";
import { messagesByField } from "../http/validation.ts";
import { findSubscription, requireAffordable, resume, sendNow } from "../subscribing.ts";
import { tasteModel } from "../tasting.ts";
import { momentName } from "../views/dates.ts";
import { manageLinkOf, type OpenedLink, postedManageLink } from "./link-page.ts";
import { type Notice, noticeOf } from "./manage-notices.ts";
import { type OrderForm, orderFieldsModel, readOrderForm, toOrderForm, toOrderInput } from "./order-form.ts";

interface TopicRow {
  readonly name: string;
  readonly query: string;
}

export function manageRoutes(context: ApiContext): Route[] {
  const { store, now } = context;
  return [
    page("get", "/manage", async (req, res) => {
      const link = await manageLinkOf(context, req);
      const { order } = await findSubscription(context, link.id);
      await show(context, res, link, order.topics, toOrderForm(order), { notice: noticeOf(req) });
    }),
    page("post", "/manage", ...parseForm, (req, res) => save(context, req, res)),
    action(context, "/manage/resume", async (id) => {
      await resume(context, id);
      return "resumed";
    }),
    action(context, "/manage/unsubscribe", async (id) => {
      await store.subscriptions.unsubscribe(id, now());
      return "unsubscribed";
    }),
    action(context, "/manage/pause", async (id, fields) => {
      const until = pauseSchema.safeParse(field(fields, "until"));
      if (field(fields, "until") !== "" && !until.success) {
        throw new Problem(400, "This is not a date: pick the first day on which digests should come again.");
      }
      await store.subscriptions.pause(id, until.success ? until.data : null, now());
      return until.success ? "paused" : "unpaused";
    }),
    action(context, "/manage/send-now", async (id) => ((await sendNow(context, id)) ? "sending" : "sent")),
  ];
}

/** A button of the page: acts, then shows the page again with a notice. */
function action(
  context: ApiContext,
  path: string,
  act: (id: string, fields: FormFields) => Promise<Notice>,
): Route {
  const handle: RequestHandler = async (req, res) => {
    const link = await postedManageLink(context, req);
    await findSubscription(context, link.id);
    back(context, res, link, await act(link.id, await formFields(req)));
  };
  return page("post", path, ...parseForm, handle);
}

function back({ base }: ApiContext, res: Response, { token }: OpenedLink, notice: Notice): void {
  res.redirect(303, `${base}/manage?token=${encodeURIComponent(token)}&done=${notice}`);
}

async function save(context: ApiContext, req: Request, res: Response): Promise<void> {
  const link = await postedManageLink(context, req);
  const fields = await formFields(req);
  const topics = readTopics(fields);
  const form = readOrderForm(fields);
  const wanted = topics.filter(({ query }) => query !== "");
  const parsed = changeSchema.safeParse({ ...toOrderInput(form), topics: wanted }, { reportInput: true });
  const { order } = await findSubscription(context, link.id);
  const changed = parsed.success ? applyInput(parsed.data, order) : order;
  const errors = parsed.success
    ? isEmptyOrder(changed)
      ? { topics: { field: "topics", message: NOTHING_LEFT } }
      : null
    : messagesByField(fieldErrors(parsed.error));
  if (errors === null) {
    requireAffordable(context.library, changed);
    await context.store.subscriptions.change(link.id, changed, context.now());
    back(context, res, link, "saved");
  } else {
    res.status(400);
    await show(context, res, link, wanted, form, { errors });
  }
}

const NOTHING_LEFT = "nothing would come: keep a topic or the trending papers, or unsubscribe below";

/** The rows of the form: a row whose query is emptied goes. */
function readTopics(fields: FormFields): TopicRow[] {
  const names = fields.get("name") ?? [];
  const queries = fields.get("query") ?? [];
  return queries.map((query, place) => ({ name: (names[place] ?? "").trim(), query: query.trim() }));
}

async function show(
  context: ApiContext,
  res: Response,
  { id, token }: OpenedLink,
  topics: readonly TopicRow[],
  form: OrderForm,
  { notice, errors = {} }: { notice?: string | undefined; errors?: Readonly<Record<string, FieldError>> },
): Promise<void> {
  const { email, status, order, nextDueAt, pausedUntil } = await findSubscription(context, id);
  const blank = topics.length < ORDER_LIMITS.topics ? [{ name: "", query: "" }] : [];
  const rows = [...topics, ...blank].map((topic, place) => ({
    ...topic,
    number: place + 1,
    error: errors[`topics[${place}].query`] ?? errors[`topics[${place}].name`],
  }));
  const model = {
    title: "Your subscription",
    token,
    email,
    active: status === "active",
    pausedUntil,
    next: nextDueAt && momentName(nextDueAt, order.timezone),
    topics: rows,
    order: orderFieldsModel(form, errors),
    limits: ORDER_LIMITS,
    taste: await tasteModel(context, id),
    notice,
    errors,
    failed: Object.keys(errors).length > 0,
  };
  res.type("html").send(context.views.render("manage", model));
}
