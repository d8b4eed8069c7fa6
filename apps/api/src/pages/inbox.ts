import type { Request, RequestHandler } from "express";
import type { ApiContext } from "../context.ts";
import { Problem } from "../http/problem.ts";
import { page, type Route } from "../http/route.ts";
import { mailHtmlHeaders } from "../http/security-headers.ts";
import { visitorOf } from "../http/visitor.ts";
import type { Mailbox, StoredMail } from "../ports.ts";
import { dateName } from "../views/dates.ts";

const LISTED = 200;

/** The mails of the local inbox, for whoever sits at this machine, and for the administrator. */
export function inboxRoutes(context: ApiContext): Route[] {
  const { mailbox, views } = context;
  if (mailbox === null) return [];
  const onlyHere = nearbyOrAdmin(context);
  return [
    page("get", "/inbox", onlyHere, async (_req, res) => {
      const mails = (await mailbox.list(LISTED)).map((mail) => ({ ...mail, when: whenOf(mail.date) }));
      res.type("html").send(views.render("inbox", { title: "Local inbox", section: "inbox", mails }));
    }),
    page("get", "/inbox/{id}", onlyHere, async (req, res) => {
      const mail = await readMail(mailbox, req);
      const model = { title: mail.subject, section: "inbox", mail, when: whenOf(mail.date) } as const;
      res.type("html").send(views.render("mail", model));
    }),
    page("get", "/inbox/{id}/html", onlyHere, async (req, res) => {
      const { html } = await readMail(mailbox, req);
      if (html === null) throw new Problem(404, "This mail has no HTML part.");
      mailHtmlHeaders(res, "'self'");
      res.type("html").send(openingInTop(html));
    }),
    page("get", "/inbox/{id}/raw", onlyHere, async (req, res) => {
      const { id, raw } = await readMail(mailbox, req);
      res.attachment(`${id}.eml`).type("message/rfc822").send(raw);
    }),
  ];
}

/**
 * The inbox shows everybody's links. While `PUBLIC_URL` is local it is open to this machine and the private network it is in, such
 * as the gateway of a container, under a host name that a foreign page cannot have pointed here (DNS rebinding). Otherwise a
 * session of the administration opens it.
 */
function nearbyOrAdmin({ config, admin, now }: ApiContext): RequestHandler {
  const hosts = new Set(["localhost", "127.0.0.1", "[::1]", new URL(config.publicUrl).hostname]);
  return async (req, _res, next) => {
    const host = (req.get("host") ?? "").replace(/:\d+$/, "").toLowerCase();
    const isHere = visitorOf(req).isNearby && hosts.has(host);
    if (!isHere && (await admin.sessionOf(req, now())) === null) {
      throw new Problem(
        403,
        "The local inbox can be read on the machine itself, or by who has signed in at /admin.",
      );
    }
    next();
  };
}

async function readMail(mailbox: Mailbox, req: Request): Promise<StoredMail> {
  const mail = await mailbox.read(String(req.params.id));
  if (mail === null) throw new Problem(404, "There is no such mail.");
  return mail;
}

/** Links of a mail open in the window around its frame. */
function openingInTop(html: string): string {
  return html.replace(/<head\b[^>]*>/i, (head) => `${head}<base target="_top">`);
}

function whenOf(date: string | null): string {
  if (date === null || Number.isNaN(Date.parse(date))) return "";
  const instant = new Date(date);
  return `${dateName(instant)}, ${instant.toISOString().slice(11, 16)} UTC`;
}
