import { judgeSource, parseAddress, RELAY } from "@paperboy/core";
import type { AdminSession } from "@paperboy/db";
import type { Request, RequestHandler, Response } from "express";
import { z } from "zod";
import type { ApiContext } from "../context.ts";
import { sameSecret } from "../http/bearer.ts";
import { type FormFields, field, formFields, parseForm } from "../http/form-body.ts";
import { Problem } from "../http/problem.ts";
import { page, type Route } from "../http/route.ts";

const LISTED = 50;

export function adminPageRoutes(context: ApiContext): Route[] {
  const { admin, now } = context;
  return [
    page("get", "/admin", async (req, res) => {
      requireAdministration(context);
      const session = await admin.sessionOf(req, now());
      if (session !== null) await showOverview(context, session, res);
      else showSignIn(context, res);
    }),
    page("post", "/admin/sign-in", ...parseForm, async (req, res) => {
      if (await admin.signIn(req, res, field(await formFields(req), "token"), now())) {
        home(context, res);
      } else {
        res.status(401);
        showSignIn(context, res, true);
      }
    }),
    form(context, "/admin/sign-out", (_fields, req, res) => admin.signOut(req, res)),
    form(context, "/admin/settle", settle(context)),
    form(context, "/admin/suppress", suppress(context)),
    form(context, "/admin/sources", changeSource(context)),
    form(context, "/admin/merges", undoMerge(context)),
    form(context, "/admin/streams", async (fields) => {
      await context.store.destinations.resume(field(fields, "key"));
    }),
  ];
}

type Act = (fields: FormFields, req: Request, res: Response) => Promise<void>;

/** A form of the overview: only within a session, and only when the form came from its page. */
function form(context: ApiContext, path: string, act: Act): Route {
  const handle: RequestHandler = async (req, res) => {
    const fields = await formFields(req);
    const { admin, now } = context;
    const session = await admin.sessionOf(req, now());
    if (session === null) throw new Problem(403, "Sign in first: the session has ended.");
    if (!sameSecret(field(fields, "form"), admin.formToken(session))) {
      throw new Problem(403, "This form is not ours.");
    }
    await admin.renew(session, res, now());
    await act(fields, req, res);
    home(context, res);
  };
  return page("post", path, ...parseForm, handle);
}

function settle({ store, hint, now, logger }: ApiContext): Act {
  return async (fields) => {
    const id = z.uuid().safeParse(field(fields, "id"));
    const as = field(fields, "as") === "submitted" ? "submitted" : "pending";
    if (!id.success || (await store.deliveries.settle(id.data, as, now())) === 0) {
      throw new Problem(409, "Only a delivery in the state unknown can be settled, and this one is not.");
    }
    logger.info({ deliveryId: id.data, as }, "Settled a delivery whose fate was unknown");
    if (as === "pending") await hint("deliver", { deliveryIds: [id.data] });
  };
}

function suppress({ store }: ApiContext): Act {
  return async (fields) => {
    const parsed = parseAddress(field(fields, "email"));
    if (!parsed.ok) throw new Problem(400, `This is not an address: ${parsed.reason}.`);
    if (field(fields, "action") === "remove") await store.suppressions.remove(parsed.address);
    else await store.suppressions.add(parsed.address, "operator", null);
  };
}

function changeSource({ store, parseSource, now }: ApiContext): Act {
  return async (fields) => {
    const name = field(fields, "name").trim();
    if (field(fields, "action") === "remove") {
      if (!(await store.sources.remove(name))) throw new Problem(404, "There is no such source.");
      return;
    }
    if (!/^[\w.-]{1,60}$/.test(name))
      throw new Problem(400, "A source is named by letters, digits, dots and dashes.");
    const where = field(fields, "where").trim();
    const isUrl = /^https?:/.test(where);
    const kind = field(fields, "kind");
    const told =
      where === "" ? {} : isUrl ? { url: where } : kind === "arxiv-oai" ? { set: where } : { query: where };
    const source = parseSource({ kind, ...told });
    if ("reason" in source) throw new Problem(400, source.reason);
    await store.sources.add({ name, ...source }, now());
  };
}

function undoMerge({ store, now }: ApiContext): Act {
  return async (fields) => {
    const undone = await store.merges.undo(Number(field(fields, "id")) || 0, now());
    if (!undone) throw new Problem(404, "There is no such merge to undo.");
  };
}

function requireAdministration({ config }: ApiContext): void {
  if (config.adminToken === undefined) {
    throw new Problem(404, "Administration is off: set ADMIN_TOKEN to switch it on.");
  }
}

function home({ base }: ApiContext, res: Response): void {
  res.redirect(303, `${base}/admin`);
}

function showSignIn({ views }: ApiContext, res: Response, refused = false): void {
  res.type("html").send(views.render("sign-in", { title: "Administration", section: "admin", refused }));
}

async function showOverview(
  { store, views, admin, now }: ApiContext,
  session: AdminSession,
  res: Response,
): Promise<void> {
  const at = now();
  const [
    papers,
    subscriptions,
    counts,
    deliveries,
    unknown,
    subscribers,
    sources,
    suppressions,
    quarantined,
    merges,
    destinations,
  ] = await Promise.all([
    store.papers.count(),
    store.subscriptions.counts(),
    store.deliveries.counts("digest"),
    store.deliveries.list({ limit: LISTED }),
    store.deliveries.list({ status: "unknown", limit: LISTED }),
    store.subscriptions.list(LISTED),
    store.sources.list(at),
    store.suppressions.list(LISTED),
    store.sources.quarantined(LISTED),
    store.merges.list(LISTED),
    store.destinations.list(at),
  ]);
  const judged = sources.map((source) => ({ ...source, health: judgeSource({ ...source, now: at }) }));
  const states = Object.entries(counts).map(([status, count]) => ({ status, count }));
  const model = {
    title: "Administration",
    section: "admin",
    form: admin.formToken(session),
    papers,
    subscriptions,
    states,
    deliveries,
    unknown,
    subscribers,
    sources: judged,
    categories: judged.flatMap(({ name, health }) =>
      health.categories.map((category) => ({ source: name, ...category })),
    ),
    suppressions,
    quarantined,
    merges,
    destinations: destinations.map((each) => ({
      ...each,
      name: each.key === RELAY ? "The relay" : each.key,
    })),
  } as const;
  res.type("html").send(views.render("admin", model));
}
