import { isAuthorTerm, type MarkDirection, manageBinding, type Paper } from "@paperboy/core";
import { TooManyMarks } from "@paperboy/db";
import type { Request, Response } from "express";
import type { ApiContext } from "../context.ts";
import { field, formFields, parseForm } from "../http/form-body.ts";
import { Problem } from "../http/problem.ts";
import { page, type Route } from "../http/route.ts";
import { MANAGE_ENDED, openBoundLink, tokenInQuery } from "../link-tokens.ts";
import { findSubscription } from "../subscribing.ts";
import { changeWord, remakeTaste } from "../tasting.ts";

/**
 * What the links of a digest lead to, by which a reader says that they want more or less like a paper of it. Mail scanners follow
 * links, so that asking for the page changes nothing; the button does.
 */
export function markRoutes(context: ApiContext): Route[] {
  const { store, now } = context;
  return [
    page("get", "/mark", async (req, res) => {
      const { token, paper } = await openMark(context, tokenInQuery(req), inQuery(req, "paper"));
      const say = directionOf(inQuery(req, "say"));
      render(context, res, "mark", {
        title: ASKED[say],
        token,
        paper: paper,
        say,
        other: OTHER[say],
      });
    }),
    page("post", "/mark", ...parseForm, async (req, res) => {
      const opened = await openPostedMark(context, req);
      const direction = directionOf(field(await formFields(req), "say"));
      const { id: paperId, title, authors } = opened.paper;
      const mark = { direction, markedAt: "digest", paperId, title, abstract: "", authors } as const;
      await store.marks.add(opened.reader, [mark], now()).catch((error: Error) => {
        throw error instanceof TooManyMarks ? new Problem(409, `${error.message}.`) : error;
      });
      await remakeTaste(context, opened.reader);
      await showMarked(context, res, opened, direction, ANSWERED[direction]);
    }),
    page("post", "/mark/undo", ...parseForm, async (req, res) => {
      const { reader, token, paper } = await openPostedMark(context, req);
      await store.marks.removeOfPaper(reader, paper.id);
      await remakeTaste(context, reader);
      render(context, res, "unmarked", { title: "The mark is gone", token, paper: paper });
    }),
    page("post", "/mark/word", ...parseForm, async (req, res) => {
      const opened = await openPostedMark(context, req);
      const fields = await formFields(req);
      const term = field(fields, "strike");
      const words = (await store.tastes.wordsOfPaper(opened.reader, opened.paper.id)) ?? {};
      if (!Object.hasOwn(words, term))
        throw new Problem(400, "This is not a word of the paper that you marked.");
      await changeWord(context, opened.reader, term, "strike");
      const said = `“${words[term]}” is struck out: from the next digest on it brings no paper.`;
      await showMarked(context, res, opened, directionOf(field(fields, "say")), said);
    }),
    page("post", "/mark/for-you", ...parseForm, async (req, res) => {
      const opened = await openPostedMark(context, req);
      const reorder = (order: Awaited<ReturnType<typeof findSubscription>>["order"]) => ({
        ...order,
        forYou: true,
      });
      await store.subscriptions.revise(opened.reader, { reorder }, now());
      await showMarked(
        context,
        res,
        opened,
        "more",
        "From the next digest on, papers like those you marked come too.",
      );
    }),
  ];
}

const ASKED = { more: "More papers like this?", less: "Fewer papers like this?" } as const;
const OTHER = { more: "less", less: "more" } as const;
const ANSWERED = {
  more: "Marked. From the next digest on, new papers like this one are chosen for you.",
  less: "Marked. This paper does not come again, and no paper is chosen because of it.",
} as const;
const SHOWN_WORDS = 8;

interface OpenedMark {
  readonly token: string;
  /** The subscription. */
  readonly reader: string;
  readonly paper: Paper;
}

const openPostedMark = async (context: ApiContext, req: Request): Promise<OpenedMark> => {
  const fields = await formFields(req);
  return openMark(context, field(fields, "token") || tokenInQuery(req), field(fields, "paper"));
};

/**
 * The reader whose digest a token names, and a paper of that digest.
 *
 * @throws Problem 400 for a token that is not ours or a paper that the digest does not hold, 404 when the digest is no longer kept,
 *   410 when the token has ended: by its time, or because its reader ended all links.
 */
async function openMark(context: ApiContext, token: string, given: string): Promise<OpenedMark> {
  const { config, store, now } = context;
  const link = openBoundLink("mark", token, config.keys, now());
  const digest = await store.deliveries.findDigest(link.id);
  if (digest === null) throw new Problem(404, "This digest is no longer kept.");
  const revision = await store.subscriptions.manageRevision(digest.subscriptionId);
  if (revision === null || link.boundTo !== manageBinding(revision)) throw new Problem(410, MANAGE_ENDED);
  const isHere = digest.sections.some(({ papers }) => papers.some(({ id }) => String(id) === given));
  if (!isHere)
    throw new Problem(400, "The digest does not hold this paper. Follow the link of a paper in the mail.");
  const paper = await store.papers.byId(Number(given));
  if (paper === null) throw new Problem(404, "We have no such paper any more.");
  return { token, reader: digest.subscriptionId, paper };
}

function directionOf(say: string): MarkDirection {
  if (say === "more" || say === "less") return say;
  throw new Problem(400, "Say which: more or less.");
}

async function showMarked(
  context: ApiContext,
  res: Response,
  { token, reader, paper }: OpenedMark,
  say: MarkDirection,
  said: string,
): Promise<void> {
  const { order } = await findSubscription(context, reader);
  const [words, taste] = await Promise.all([
    context.store.tastes.wordsOfPaper(reader, paper.id),
    context.store.tastes.find(reader),
  ]);
  const struck = new Set(taste?.struck ?? []);
  const offered = Object.entries(words ?? {})
    .filter(([term]) => !struck.has(term) && !term.includes(" ") && !isAuthorTerm(term))
    .slice(0, SHOWN_WORDS)
    .map(([term, written]) => ({ term, written }));
  render(context, res, "marked", {
    title: "Marked",
    token,
    paper: paper,
    say,
    said,
    words: say === "less" ? offered : [],
    turnOn: say === "more" && !order.forYou,
  });
}

function render(
  { views }: ApiContext,
  res: Response,
  view: string,
  model: { readonly title: string } & Readonly<Record<string, unknown>>,
): void {
  res.type("html").send(views.render(view, model));
}

function inQuery(req: Request, name: string): string {
  const value = req.query[name];
  return typeof value === "string" ? value : "";
}
