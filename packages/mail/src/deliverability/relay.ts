import type { NodemailerError } from "nodemailer";
import type { DkimSettings } from "../dkim.ts";
import { createTransport } from "../transport.ts";
import { type RelayUrl, readRelayUrl } from "./relay-url.ts";
import { ok, type Verdict, wrong } from "./verdict.ts";

/** Milliseconds; somebody waits for the answer, so these are shorter than those of the service. */
export const TIMEOUTS = { connect: 5_000, greeting: 5_000, socket: 5_000 };

/** Connects and signs in as the service would, with the same keys, and leaves again. */
export async function checkRelay(smtpUrl: string, dkim: readonly DkimSettings[] = []): Promise<Verdict> {
  try {
    const transport = createTransport({ smtpUrl, dkim, timeouts: TIMEOUTS });
    await transport.verify().finally(() => transport.close());
    return ok(readRelayUrl(smtpUrl).place);
  } catch (error) {
    return wrong(whyNoRelay(error as Error, smtpUrl));
  }
}

/** What keeps us from the relay, and what to do about it; one line. */
export function whyNoRelay(error: NodemailerError, smtpUrl: string): string {
  const relay = readRelayUrl(smtpUrl);
  const { place, host } = relay;
  if (error.code === "EDNS")
    return `${host} is not found: check the host in SMTP_URL, and that DNS answers this machine`;
  if (error.code === "EAUTH" || error.code === "ENOAUTH")
    return `${place} refuses the user or the password in SMTP_URL: ${error.response ?? error.message}`;
  if (isAboutTls(error)) return whyNoTls(error, place);
  if (error.response) return `${place} answered ${error.response}: its words, or its log, say what it wants`;
  return whyNoConnection(error, relay);
}

function whyNoConnection(error: NodemailerError, { place, secure, options }: RelayUrl): string {
  const { originalCode } = error as { originalCode?: string };
  if (originalCode === "ECONNREFUSED")
    return `the connection to ${place} is refused: check host and port in SMTP_URL, and that the relay runs`;
  if (originalCode === "ENETUNREACH" || originalCode === "EHOSTUNREACH")
    return `this machine has no way to ${place}: check its network and the host in SMTP_URL`;
  if (error.code !== "ETIMEDOUT")
    return `no session with ${place} (${oneLine(error)}): check host and port in SMTP_URL, and the relay's log`;
  return options.port === 465 && !secure
    ? `${place} does not answer: port 465 speaks TLS from the start, so write smtps:// in SMTP_URL`
    : `${place} does not answer: check host and port in SMTP_URL, and what the firewalls in between let through (many networks close port 25; relays take mail on 587 too)`;
}

/** The relay answers, but TLS does not come about. */
export const isAboutTls = (error: NodemailerError): boolean =>
  error.code === "ETLS" || /certificate|\bssl\b|\btls\b|self-signed/i.test(error.message);

function whyNoTls(error: NodemailerError, place: string): string {
  const reason = oneLine(error);
  if (/wrong version number|packet length too long/i.test(reason))
    return `${place} does not speak TLS from the start: write smtp:// in SMTP_URL, or the port that does (465, as a rule)`;
  if (/unsupported protocol|protocol version/i.test(reason))
    return `${place} speaks no TLS that is still safe (1.2 or newer): have its software renewed`;
  if (/certificate|self-signed/i.test(reason))
    return `the certificate of ${place} is not accepted (${reason}): have it repaired at the relay`;
  return `no TLS with ${place} (${reason}): the relay's log, or its operator, can say why`;
}

/** OpenSSL speaks at length, and keeps the point of it in `reason`. */
function oneLine(error: Error & { readonly reason?: string }): string {
  return (error.reason ?? error.message).replaceAll(/\s+/g, " ").trim();
}
