import { applyInput, type FieldError, fieldErrors, ORDER_LIMITS, subscribeSchema } from "@paperboy/core";
import type { Request, Response } from "express";
import type { ApiContext } from "../context.ts";
import { type FormFields, field, formFields, parseForm } from "../http/form-body.ts";
import { page, type Route } from "../http/route.ts";
import { messagesByField } from "../http/validation.ts";
import { visitorOf } from "../http/visitor.ts";
import { subscribe } from "../subscribing.ts";
import { EMPTY_FORM, type OrderForm, orderFieldsModel, readOrderForm, toOrderInput } from "./order-form.ts";
import { toCard } from "./paper-card.ts";
import { previewTopic, type TopicPreviewModel } from "./topic-preview.ts";

/** The form of the front page. The topic being typed belongs to the order like those added before it. */
interface HomeForm {
  readonly query: string;
  readonly topics: readonly string[];
  readonly email: string;
  readonly order: OrderForm;
}

type Errors = Readonly<Record<string, FieldError>>;

const MAX_QUERY = 2_000;
const FRONT_PAGE_PAPERS = 8;

/** Fields that many follow; a press puts the query into the field of the topic. */
const PRESETS = [
  { label: "Language models", query: "category:cs.CL" },
  { label: "Computer vision", query: "category:cs.CV" },
  { label: "Machine learning", query: "category:cs.LG" },
  { label: "Robotics", query: "category:cs.RO" },
  { label: "Agents", query: "agent -survey" },
  { label: "Security", query: "category:cs.CR" },
  { label: "Biology", query: "category:q-bio.*" },
  { label: "Quantum", query: "category:quant-ph" },
  { label: "Astronomy", query: "category:astro-ph.*" },
  { label: "Statistics", query: "category:stat.*" },
] as const;

export function homeRoutes(context: ApiContext): Route[] {
  const { views, base } = context;
  return [
    page("get", "/", async (req, res) => {
      await show(context, res, { ...prefilled(req), email: "", order: EMPTY_FORM });
    }),
    page("post", "/", ...parseForm, async (req, res) => {
      const fields = await formFields(req);
      const form = readHomeForm(fields);
      if (isSubscribing(fields, form)) await trySubscribing(context, res, form);
      else await show(context, res, await edited(context, fields, form));
    }),
    page("get", "/preview", async (req, res) => {
      res.type("html").send(views.fragment("preview", await previewTopic(context, queryOf(req))));
    }),
    page("get", "/subscribed", (_req, res) => {
      res.type("html").send(views.render("subscribed", { title: "Check your inbox", home: `${base}/` }));
    }),
  ];
}

/** `/?topic=a&topic=b`: the last stands in the field, the others are in the order already. */
function prefilled(req: Request): Pick<HomeForm, "query" | "topics"> {
  const given = [req.query.topic ?? []].flat().filter((topic) => typeof topic === "string");
  const topics = given.map((topic) => topic.trim().slice(0, MAX_QUERY)).filter((topic) => topic !== "");
  return { query: topics.at(-1) ?? "", topics: topics.slice(0, -1) };
}

function queryOf(req: Request): string {
  return typeof req.query.q === "string" ? req.query.q.trim().slice(0, MAX_QUERY) : "";
}

function readHomeForm(fields: FormFields): HomeForm {
  return {
    query: field(fields, "query"),
    topics: (fields.get("topic") ?? []).map((topic) => topic.trim()).filter((topic) => topic !== ""),
    email: field(fields, "email"),
    order: readOrderForm(fields),
  };
}

/** Enter, without a script, presses the form's first button whatever field it was typed in. */
function isSubscribing(fields: FormFields, form: HomeForm): boolean {
  const action = field(fields, "action");
  return action === "subscribe" || (action === "enter" && form.email !== "");
}

/** The form after one of its small buttons: a topic added, removed or taken from the presets. */
async function edited(context: ApiContext, fields: FormFields, form: HomeForm): Promise<HomeForm> {
  const removed = field(fields, "remove");
  const preset = field(fields, "preset");
  if (preset !== "") return { ...form, query: preset.slice(0, MAX_QUERY) };
  if (removed !== "") return { ...form, topics: form.topics.filter((_, place) => String(place) !== removed) };
  if (field(fields, "action") !== "add" || form.query === "") return form;
  const { fault } = await previewTopic(context, form.query);
  return fault ? form : { ...form, topics: [...new Set([...form.topics, form.query])], query: "" };
}

async function trySubscribing(context: ApiContext, res: Response, form: HomeForm): Promise<void> {
  const queries = [...form.topics, ...(form.query === "" ? [] : [form.query])];
  const input = {
    ...toOrderInput(form.order),
    // An address alone is enough: it gets what trends.
    trending: form.order.trending || queries.length === 0,
    email: form.email,
    topics: queries.map((query) => ({ query })),
  };
  const parsed = subscribeSchema.safeParse(input, { reportInput: true });
  if (!parsed.success) {
    res.status(400);
    await show(context, res, form, messagesByField(fieldErrors(parsed.error)));
    return;
  }
  const { email, ...order } = parsed.data;
  await subscribe(context, email, applyInput(order), visitorOf(res.req));
  res.redirect(303, `${context.base}/subscribed`);
}

async function show(context: ApiContext, res: Response, form: HomeForm, errors: Errors = {}): Promise<void> {
  const { views, library, now } = context;
  const [trending, preview] = await Promise.all([
    library.trending({ limit: FRONT_PAGE_PAPERS }, now()),
    previewTopic(context, form.query),
  ]);
  const model = {
    title: "Paperboy",
    section: "home",
    listed: true,
    description:
      "Get trending research papers in your email inbox once a day, or exactly those on your topics.",
    feed: { atom: "/feeds/trending.xml", json: "/feeds/trending.json" },
    presets: PRESETS,
    limits: ORDER_LIMITS,
    isUnfolded: ["time", "timezone", "maxPapers"].some((name) => name in errors),
    date: trending.date,
    topics: form.topics.map((query, place) => ({ query, place, error: errors[`topics[${place}].query`] })),
    email: form.email,
    order: orderFieldsModel(form.order, errors),
    preview: preview satisfies TopicPreviewModel,
    errors,
    failed: Object.keys(errors).length > 0,
    papers: trending.papers.map(({ paper, reason }) => toCard(context, paper, { reason })),
  } as const;
  res.type("html").send(views.render("home", model));
}
