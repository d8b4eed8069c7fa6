import { type PublicPages, publicPages } from "@paperboy/core";
import { type AdminSessions, adminSessions } from "./admin-sessions.ts";
import { loadAssets } from "./assets.ts";
import type { ApiConfig } from "./config.ts";
import { type Guesses, guesses } from "./http/guesses.ts";
import { isLocalUrl } from "./http/visitor.ts";
import type { ApiPorts, Hint } from "./ports.ts";
import { openViews, type Views } from "./views/views.ts";

/** What routes work with: the ports, the settings and what is made of them once. */
export interface ApiContext extends ApiPorts {
  readonly config: ApiConfig;
  readonly pages: PublicPages;
  /** Path of the public URL, empty at the root: stands before every link to ourselves. */
  readonly base: string;
  readonly views: Views;
  readonly admin: AdminSessions;
  readonly guesses: Guesses;
}

export function createContext(config: ApiConfig, ports: ApiPorts): ApiContext {
  const base = new URL(config.publicUrl).pathname.replace(/\/+$/, "");
  const assets = loadAssets(base);
  const usesInbox = ports.mailbox !== null && isLocalUrl(config.publicUrl);
  const bounded = guesses(ports.store.throttles, ports.now);
  const sessions = ports.store.adminSessions;
  return {
    ...ports,
    hint: forgivingHint(ports),
    config,
    pages: publicPages(config.publicUrl, config.keys),
    base,
    views: openViews({ assets, base, usesInbox, now: ports.now }),
    admin: adminSessions({ config, base, sessions, guesses: bounded }),
    guesses: bounded,
  };
}

/** Rows are truth: an unavailable queue delays what was asked for, and must not refuse it. */
function forgivingHint({ hint, logger }: ApiPorts): Hint {
  return async (name, payload) => {
    try {
      await hint(name, payload);
    } catch (error) {
      logger.warn({ err: error, job: name }, "a job could not be queued; the sweep will find its rows");
    }
  };
}
