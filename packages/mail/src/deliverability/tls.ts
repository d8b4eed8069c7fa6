import { checkServerIdentity, type PeerCertificate, TLSSocket } from "node:tls";
import { DAY_MS } from "@paperboy/core";
import type { NodemailerError } from "nodemailer";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import { isAboutTls, TIMEOUTS, whyNoRelay } from "./relay.ts";
import { type RelayUrl, readRelayUrl } from "./relay-url.ts";
import { ok, type Verdict, warning, worstOf, wrong } from "./verdict.ts";

/** Fewer days than this to the end of a certificate are told. */
const SOON_DAYS = 14;

/** What came of connecting. */
interface Session {
  /** Such as `TLSv1.3`; null when the session is in the clear. */
  readonly protocol: string | null;
  readonly certificate: PeerCertificate | null;
  /** Why the chain was not believed, as OpenSSL names it; null when it was. */
  readonly distrust: string | null;
}

/**
 * Connects to the relay as the service would (STARTTLS on `smtp://`, RFC 3207; TLS from the start on `smtps://`, RFC
 * 8314) and looks at what protects the way there. Signs in nowhere and sends nothing.
 */
export async function checkTls(smtpUrl: string, now: Date): Promise<Verdict> {
  const relay = readRelayUrl(smtpUrl);
  try {
    const session = await openSession(relay);
    return session.certificate === null ? inTheClear(relay) : ofCertificate(session, relay, now);
  } catch (error) {
    const why = whyNoRelay(error as NodemailerError, smtpUrl);
    return isAboutTls(error as NodemailerError) ? wrong(why) : warning(`could not be looked at: ${why}`);
  }
}

/** The certificate is taken whatever it is, so that there is something to say of it. */
function openSession({ options }: RelayUrl): Promise<Session> {
  const connection = new SMTPConnection({
    ...options,
    tls: { ...options.tls, rejectUnauthorized: false },
    connectionTimeout: TIMEOUTS.connect,
    greetingTimeout: TIMEOUTS.greeting,
    socketTimeout: TIMEOUTS.socket,
    logger: false,
  });
  return new Promise<Session>((resolve, reject) => {
    connection.on("error", reject);
    connection.connect((error) => (error ? reject(error) : resolve(sessionOf(connection._socket))));
  }).finally(() => connection.close());
}

function sessionOf(socket: unknown): Session {
  if (!(socket instanceof TLSSocket)) return { protocol: null, certificate: null, distrust: null };
  const distrust = socket.authorizationError as unknown as string | Error | undefined;
  return {
    protocol: socket.getProtocol(),
    certificate: socket.getPeerCertificate(),
    distrust: distrust instanceof Error ? distrust.message : (distrust ?? null),
  };
}

function inTheClear({ place, options }: RelayUrl): Verdict {
  const why = options.ignoreTLS ? "SMTP_URL says ignoreTLS" : `${place} offers no STARTTLS`;
  return options.auth
    ? wrong(
        `${why}, so user and password cross the network in the clear: use smtps:// or a relay with STARTTLS`,
      )
    : warning(
        `${why}, so mails cross the network in the clear: turn TLS on at the relay, or keep the way private`,
      );
}

function ofCertificate({ protocol, certificate, distrust }: Session, relay: RelayUrl, now: Date): Verdict {
  const { host, options, secure } = relay;
  const name = String(options.servername ?? options.tls?.servername ?? host);
  const cert = certificate as PeerCertificate;
  const days = Math.floor((Date.parse(cert.valid_to) - now.getTime()) / DAY_MS);
  const until = new Date(cert.valid_to).toISOString().slice(0, 10);
  const faults = faultsOf(cert, name, distrust, now);
  if (faults.length > 0) return weigh(worstOf(faults.map(wrong)), options.tls?.rejectUnauthorized === false);
  if (days < SOON_DAYS)
    return warning(`the certificate of ${name} expires in ${days} days, on ${until}: renew it at the relay`);
  const how = secure ? "from the start" : "by STARTTLS";
  const hint =
    secure || options.requireTLS
      ? ""
      : "; ?requireTLS=true in SMTP_URL would refuse to continue where an attacker strips it";
  return ok(`${protocol} ${how}, certificate for ${name} until ${until} (${days} days)${hint}`);
}

function faultsOf(cert: PeerCertificate, name: string, distrust: string | null, now: Date): string[] {
  const faults: string[] = [];
  const expired = Date.parse(cert.valid_to) <= now.getTime();
  if (expired)
    faults.push(
      `the certificate of ${name} expired on ${new Date(cert.valid_to).toISOString().slice(0, 10)}: renew it at the relay`,
    );
  if (checkServerIdentity(name, cert) !== undefined)
    faults.push(
      `the certificate is for ${namesOf(cert)} and not for ${name}: write that name in SMTP_URL, or have the certificate made out to ${name}`,
    );
  if (distrust !== null && faults.length === 0)
    faults.push(
      `the certificate of ${name} is not believed (${distrust}): get one of a public authority, or name your own authority in NODE_EXTRA_CA_CERTS`,
    );
  return faults;
}

/** Who switched verification off is told, and not stopped. */
const weigh = ({ says }: Verdict, unverified: boolean): Verdict =>
  unverified
    ? warning(`${says} (SMTP_URL says tls.rejectUnauthorized=false, so the service accepts it)`)
    : wrong(says);

const namesOf = (cert: PeerCertificate): string =>
  cert.subjectaltname?.replaceAll(/(?:DNS|IP Address):/g, "") ?? [cert.subject?.CN].flat().join(", ");
