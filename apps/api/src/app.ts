import express, { type Application } from "express";
import { mountAssets } from "./assets.ts";
import type { ApiConfig } from "./config.ts";
import { type ApiContext, createContext } from "./context.ts";
import { feedRoutes } from "./feeds/routes.ts";
import { accessLog } from "./http/access-log.ts";
import { errorHandler, notFound } from "./http/error-handler.ts";
import { rateLimits } from "./http/rate-limits.ts";
import { requestMetrics } from "./http/request-metrics.ts";
import { mountRoutes, type Route } from "./http/route.ts";
import { keepFromSearchEngines, noStore, securityHeaders } from "./http/security-headers.ts";
import { configureVisitors, warnOfUnknownProxy } from "./http/visitor.ts";
import { adminPageRoutes } from "./pages/admin.ts";
import { confirmRoutes } from "./pages/confirm.ts";
import { digestRoutes } from "./pages/digest.ts";
import { homeRoutes } from "./pages/home.ts";
import { inboxRoutes } from "./pages/inbox.ts";
import { manageRoutes } from "./pages/manage.ts";
import { manageLinkRoutes } from "./pages/manage-link.ts";
import { manageTasteRoutes } from "./pages/manage-taste.ts";
import { markRoutes } from "./pages/mark.ts";
import { paperPageRoutes } from "./pages/paper-page.ts";
import { privacyRoutes } from "./pages/privacy.ts";
import { searchPageRoutes } from "./pages/search.ts";
import { siteFileRoutes } from "./pages/site-files.ts";
import { trendingPageRoutes } from "./pages/trending.ts";
import { unsubscribeRoutes } from "./pages/unsubscribe.ts";
import type { ApiPorts } from "./ports.ts";
import { adminRoutes } from "./rest/admin.ts";
import { adminBounceRoutes } from "./rest/admin-bounces.ts";
import { adminDestinationRoutes } from "./rest/admin-destinations.ts";
import { adminPaperRoutes } from "./rest/admin-papers.ts";
import { adminSourceRoutes } from "./rest/admin-sources.ts";
import { healthRoutes } from "./rest/health.ts";
import { openapiRoute } from "./rest/openapi.ts";
import { paperRoutes } from "./rest/papers.ts";
import { subscriptionRoutes } from "./rest/subscriptions.ts";
import { topicRoutes } from "./rest/topics.ts";

/** What the API is made of: its settings, and the ports it works through. */
export interface ApiDeps extends ApiPorts {
  readonly config: ApiConfig;
}

/** Builds the REST API and the pages. Nothing listens yet. */
export function createApi({ config, ...ports }: ApiDeps): Application {
  const context = createContext(config, ports);
  const app = express();
  app.disable("x-powered-by");
  configureVisitors(app, config);
  if (ports.metrics?.observeRequest) app.use(requestMetrics(ports.metrics.observeRequest));
  app.use(accessLog(ports.logger), warnOfUnknownProxy(ports.logger));
  app.use(securityHeaders(config.publicUrl.startsWith("https:")));
  mountAssets(app);
  app.use(noStore, keepFromSearchEngines);
  for (const { paths, handler } of rateLimits(config)) app.use(paths, handler);
  mountRoutes(app, apiRoutes(context));
  app.use(notFound, errorHandler(context));
  return app;
}

/** Every route there is; a literal path stands before one with a parameter in its place. */
export function apiRoutes(context: ApiContext): Route[] {
  const routes = [
    ...subscriptionRoutes(context),
    ...paperRoutes(context),
    ...topicRoutes(context),
    ...adminPaperRoutes(context),
    ...adminRoutes(context),
    ...adminSourceRoutes(context),
    ...adminBounceRoutes(context),
    ...adminDestinationRoutes(context),
    ...feedRoutes(context),
    ...healthRoutes(context),
    ...homeRoutes(context),
    ...searchPageRoutes(context),
    ...trendingPageRoutes(context),
    ...paperPageRoutes(context),
    ...confirmRoutes(context),
    ...manageLinkRoutes(context),
    ...manageRoutes(context),
    ...manageTasteRoutes(context),
    ...markRoutes(context),
    ...privacyRoutes(context),
    ...unsubscribeRoutes(context),
    ...digestRoutes(context),
    ...adminPageRoutes(context),
    ...inboxRoutes(context),
    ...siteFileRoutes(context),
  ];
  return [...routes, openapiRoute(context.config, routes)];
}
