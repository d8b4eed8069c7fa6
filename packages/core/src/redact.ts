/** What stands before an `@` in anything that looks like an address. */
const ADDRESS = /[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]{1,64}(?=@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)/gu;
/** A signed link's token: key id, packed UUID, expiry, what it is bound to if anything, MAC. */
const LINK_TOKEN =
  /\b[A-Za-z0-9_-]{1,16}\.[A-Za-z0-9_-]{22}\.[0-9a-z]{1,12}(?:\.[A-Za-z0-9_-]{1,22})?\.[A-Za-z0-9_-]{27}(?![A-Za-z0-9_-])/g;
const NAMED_SECRET = /(\btoken=|\bBearer +|\bBasic +)[^\s"'&<>]+/gi;
/** The name of a Message-ID of ours, a UUID of version 8: it leads from a line of a log to a mail, and to no reader. */
const OUR_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/;
/** Between a scheme and a host: `user:password@`. */
const CREDENTIALS = /(\b[a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@"']+@/gi;

/**
 * The link by which Amazon has a subscription confirmed, which the operator has to open: its token is good for that only, and
 * for what comes to this service.
 */
const CONFIRM_LINK =
  /https:\/\/sns\.[a-z0-9-]{1,30}\.amazonaws\.com(?:\.cn)?\/\?(?:TopicArn=[\w:%-]{1,300}&|Token=[\w-]{1,600}&){0,2}Action=ConfirmSubscription(?:&TopicArn=[\w:%-]{1,300}|&Token=[\w-]{1,600}){0,2}(?![\w.@%=&-])/;

/**
 * Text without what a log must not hold: readers' addresses (their domains stay, since faults are told by them), tokens of
 * links, and passwords in addresses of servers. Only the link that an operator has to open stays.
 */
export function redact(text: string): string {
  const kept: string[] = [];
  let rest = text;
  for (let link = CONFIRM_LINK.exec(rest); link !== null; link = CONFIRM_LINK.exec(rest)) {
    kept.push(redactAll(rest.slice(0, link.index)), link[0]);
    rest = rest.slice(link.index + link[0].length);
  }
  return kept.join("") + redactAll(rest);
}

const redactAll = (text: string): string =>
  text
    .replace(CREDENTIALS, "$1…@")
    .replace(NAMED_SECRET, "$1…")
    .replace(LINK_TOKEN, "…")
    .replace(ADDRESS, (found) => (OUR_ID.test(found) ? found : "…"));
