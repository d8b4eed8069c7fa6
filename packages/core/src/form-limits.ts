import { DAY_MS, HOUR_MS } from "./durations.ts";

/** How often something may be done within a window. */
export interface Limit {
  /** What is counted; a count outlives the program, so that a name is never given to something else. */
  readonly name: string;
  readonly most: number;
  readonly windowMs: number;
}

/**
 * What the forms that anybody can fill are held to, counted in the database for all processes together. How many requests of
 * any kind a visitor may make a minute stands in the API's table of rate limits.
 */
export const FORM_LIMITS = {
  /** Confirmations to one mailbox, until it confirms: the form must not become a way to flood somebody. */
  confirmationsToMailbox: { name: "confirmation", most: 1, windowMs: DAY_MS },
  /** New links to one mailbox. */
  linksToMailbox: { name: "manage-link", most: 3, windowMs: DAY_MS },
  /** Orders, and links asked for, from one network; from this machine there may be any number. */
  ordersOfVisitor: { name: "visitor", most: 30, windowMs: HOUR_MS },
  linksOfVisitor: { name: "link-visitor", most: 10, windowMs: HOUR_MS },
  /** Orders of everybody together. */
  orders: { name: "orders", most: 20_000, windowMs: HOUR_MS },
} as const satisfies Readonly<Record<string, Limit>>;

/** Where half of all readers are. */
const LARGE_DOMAINS = new Set(
  (
    "gmail.com outlook.com hotmail.com live.com msn.com yahoo.com aol.com icloud.com proton.me yandex.ru mail.ru " +
    "qq.com 163.com 126.com gmx.de gmx.net web.de t-online.de orange.fr naver.com"
  ).split(" "),
);

/** Orders for addresses of one domain; the operator says how many, for large mail providers and for others. */
export const ordersForDomain = (
  domain: string,
  { perDomain, perLargeDomain }: { readonly perDomain: number; readonly perLargeDomain: number },
): Limit => ({
  name: "domain",
  most: LARGE_DOMAINS.has(domain) ? perLargeDomain : perDomain,
  windowMs: HOUR_MS,
});
