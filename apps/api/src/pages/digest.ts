import { composeDigest, type FrozenSection } from "@paperboy/core";
import { z } from "zod";
import type { ApiContext } from "../context.ts";
import { Problem } from "../http/problem.ts";
import type { Route } from "../http/route.ts";
import { mailHtmlHeaders } from "../http/security-headers.ts";
import { openLink } from "../link-tokens.ts";

/** Why a paper was chosen for its reader names papers that they marked. */
const withoutTaste = (section: FrozenSection): FrozenSection =>
  section.kind === "forYou"
    ? { ...section, papers: section.papers.map((paper) => ({ ...paper, reason: null })) }
    : section;

/**
 * The digest as it was mailed, for readers whose mail program does not show it well. People pass its address on, so no link on it
 * leads to anything that is the reader's alone.
 */
export function digestRoutes(context: ApiContext): Route[] {
  const { config, store, pages, renderDigest, now } = context;
  return [
    {
      method: "get",
      path: "/digests/{token}",
      handlers: [
        async (req, res) => {
          const id = openLink("view", String(req.params.token), config.keys, now());
          const delivery = await store.deliveries.findDigest(id);
          if (delivery === null) throw new Problem(404, "This digest is no longer kept.");
          const ids = delivery.sections.flatMap((section) => section.papers.map((paper) => paper.id));
          const papers = new Map((await store.papers.byIds(ids)).map((paper) => [paper.id, paper]));
          const digest = composeDigest(
            delivery.edition,
            delivery.sections.map(withoutTaste),
            papers,
            pages.sharedDigest(delivery.id),
            delivery.notes,
          );
          mailHtmlHeaders(res, "'none'");
          res.type("html").send(renderDigest(digest).html);
        },
      ],
      doc: {
        summary: "A digest as it was mailed",
        tag: "Subscriptions",
        params: z.object({ token: z.string() }),
        success: { status: 200, description: "The digest.", type: "text/html" },
        problems: [404],
      },
    },
  ];
}
