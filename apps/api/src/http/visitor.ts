import type { Application, Request, RequestHandler } from "express";
import ipaddr from "ipaddr.js";
import type { Logger } from "pino";
import type { ApiConfig } from "../config.ts";

/** Who sends a request, as far as the network tells. */
export interface Visitor {
  /** IP address, with IPv4 that is mapped into IPv6 written as IPv4; null when the connection is gone already. */
  readonly address: string | null;
  /** What limits count by: an IPv4 address, or the /64 of an IPv6 address, which is one household or one machine. */
  readonly network: string;
  /** Somebody at the machine itself: limits do not hold for them. Never true when `PUBLIC_URL` is not local. */
  readonly isThisMachine: boolean;
  /** This machine, or one in the same private network, such as the gateway of a container. */
  readonly isNearby: boolean;
}

/** Headers by which proxies name the one they speak for. */
const FORWARDED = ["x-forwarded-for", "forwarded", "x-real-ip"];
const LOCAL_SERVICE = "public url is local";
const PROXY_DECLARED = "proxy is declared";

/** Whether an address of the service leads to this machine only. */
export function isLocalUrl(url: string): boolean {
  const host = new URL(url).hostname.toLowerCase();
  return (
    host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127\.[\d.]+$/.test(host)
  );
}

/** Tells Express whom to believe about who sends a request; `visitorOf` works on requests of this application. */
export function configureVisitors(app: Application, { trustProxy, publicUrl }: ApiConfig): void {
  app.set("trust proxy", trustProxy);
  app.set(PROXY_DECLARED, trustProxy !== false);
  app.set(LOCAL_SERVICE, isLocalUrl(publicUrl));
}

/**
 * Who sends a request. Behind a proxy that `TRUST_PROXY` does not name everybody comes from the proxy's address, and that
 * is then not taken for this machine.
 */
export function visitorOf(req: Request): Visitor {
  const parsed = parseAddress(req.ip);
  if (parsed === null) return { address: null, network: "unknown", isThisMachine: false, isNearby: false };
  const isBelieved = req.app.get(LOCAL_SERVICE) === true && !comesThroughUnknownProxy(req);
  const range = parsed.range();
  const isThisMachine = isBelieved && range === "loopback";
  return {
    address: parsed.toString(),
    network: networkOf(parsed),
    isThisMachine,
    isNearby: isThisMachine || (isBelieved && NEARBY.has(range)),
  };
}

const NEARBY = new Set(["private", "uniqueLocal", "linkLocal"]);

function parseAddress(ip: string | undefined): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const bare = (ip ?? "").replace(/%.*$/, ""); // the zone of a link-local address
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : null;
}

function networkOf(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  if (address instanceof ipaddr.IPv4) return address.toString();
  const network = new ipaddr.IPv6([...address.parts.slice(0, 4), 0, 0, 0, 0]);
  return `${network.toString()}/64`;
}

function comesThroughUnknownProxy(req: Request): boolean {
  return req.app.get(PROXY_DECLARED) !== true && FORWARDED.some((name) => req.get(name) !== undefined);
}

/** Says once that a proxy stands in front which was not declared: limits then take all visitors for one. */
export function warnOfUnknownProxy(logger: Logger): RequestHandler {
  let warned = false;
  return (req, _res, next) => {
    if (!warned && comesThroughUnknownProxy(req)) {
      warned = true;
      logger.warn(
        "a request came through a proxy, and TRUST_PROXY is not set: all visitors look like one, and share its limits. " +
          "Set TRUST_PROXY to the number of proxies in front, or to their addresses",
      );
    }
    next();
  };
}
