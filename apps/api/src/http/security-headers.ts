import type { RequestHandler, Response } from "express";
import helmet from "helmet";

/**
 * Headers of every answer: nothing from elsewhere, nothing inline, no referrer (addresses carry tokens),
 * never framed.
 *
 * @param secure whether readers come over https; without it neither HSTS nor upgrades make sense.
 */
export function securityHeaders(secure: boolean): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        fontSrc: ["'self'"],
        imgSrc: ["'self'"],
        manifestSrc: ["'self'"],
        connectSrc: ["'self'"],
        frameSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
        ...(secure && { upgradeInsecureRequests: [] }),
      },
    },
    referrerPolicy: { policy: "no-referrer" },
    strictTransportSecurity: secure,
    xFrameOptions: { action: "deny" },
  });
}

/**
 * For HTML that was made to be mailed: its styles are inline, so they are allowed; scripts, forms, frames and
 * everything from elsewhere are not.
 *
 * @param framedBy who may show it in a frame.
 */
export function mailHtmlHeaders(res: Response, framedBy: "'self'" | "'none'"): void {
  const sandbox = "allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation";
  res.set(
    "Content-Security-Policy",
    `default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; ` +
      `frame-ancestors ${framedBy}; sandbox ${sandbox}`,
  );
  if (framedBy === "'self'") res.set("X-Frame-Options", "SAMEORIGIN");
}

/** What is served is made for one reader or changes by the minute: nothing keeps it, unless it says otherwise. */
export const noStore: RequestHandler = (_req, res, next) => {
  res.set("Cache-Control", "no-store");
  next();
};

/** What anybody may find: a page of anything else, also of what is not there yet, is private. */
const PUBLIC_PATH =
  /^\/(?:$|(?:trending|search|papers|feeds)(?:\/|$|\.)|\.well-known\/|(?:openapi\.json|favicon\.ico|manifest\.webmanifest|robots\.txt|sitemap\.xml)$)/;

/** Lets search engines list public pages only, whatever links to the others they come by. */
export const keepFromSearchEngines: RequestHandler = (req, res, next) => {
  if (!PUBLIC_PATH.test(req.path)) res.set("X-Robots-Tag", "noindex, nofollow, noarchive");
  next();
};
