import type { SendOutcome } from "@paperboy/core";
import type { NodemailerError } from "nodemailer";
import { parseConnectionUrl } from "nodemailer/lib/shared";
import { createSigner, type DkimSettings } from "./dkim.ts";
import { classifyFailure, refusal, sanitiseOutcome } from "./send-outcome.ts";
import { type BeforeDot, createDotGate, type DotGate } from "./transport/dot-gate.ts";
import { createPool, type Pool } from "./transport/pool.ts";
import { type ReadyMail, readyMail, type Sendable } from "./transport/ready-mail.ts";

/** How to reach the relay. */
export interface TransportSettings {
  /** `smtp://user:pass@host:port` or `smtps://…`; TLS options as `?tls.rejectUnauthorized=false`. */
  readonly smtpUrl: string;
  /** Connections kept open at once; 5 unless given. */
  readonly connections?: number;
  /** Messages a connection carries before it is replaced; 100 unless given. */
  readonly messagesPerConnection?: number;
  /** The name given in EHLO; the machine's own unless given. */
  readonly name?: string;
  /** Each key signs every message. */
  readonly dkim?: DkimSettings | readonly DkimSettings[];
  /** Milliseconds. */
  readonly timeouts?: { readonly connect?: number; readonly greeting?: number; readonly socket?: number };
}

/** A pool of SMTP connections to one relay. */
export interface Transport {
  /** Sends one message. Never throws: whatever happens is an outcome. */
  send(message: Sendable, hooks: { readonly beforeDot: BeforeDot }): Promise<SendOutcome>;
  /** Connects, authenticates and leaves again; throws what went wrong. */
  verify(): Promise<void>;
  /** Lets messages in flight finish, fails those that only wait, and closes every connection. */
  close(): Promise<void>;
}

/** RFC 5321 section 4.5.3.2.6 grants a server ten minutes to answer the dot; less would breed "nobody knows". */
const TIMEOUTS = { connect: 30_000, greeting: 30_000, socket: 600_000 };

/** Opens no connection before the first message. Throws when a setting is unusable. */
export function createTransport(settings: TransportSettings): Transport {
  const pool = createPool({ ...relay(settings.smtpUrl), ...poolOptions(settings) });
  const keys = [settings.dkim ?? []].flat();
  const sign = keys.length > 0 ? createSigner(keys) : null;
  const inFlight = new Set<Promise<SendOutcome>>();

  const makeAndSend = async (message: Sendable, beforeDot: BeforeDot): Promise<SendOutcome> => {
    const unfit = refuseBeyondAscii(message);
    if (unfit) return unfit;
    try {
      return sanitiseOutcome(await sendMail(pool, await readyMail(message, sign), createDotGate(beforeDot)));
    } catch (error) {
      return { kind: "aborted", error: error as Error };
    }
  };
  return {
    send(message, { beforeDot }) {
      const sending = makeAndSend(message, beforeDot);
      inFlight.add(sending);
      return sending.finally(() => inFlight.delete(sending));
    },
    verify: () => pool.verify(),
    async close() {
      pool.close();
      await Promise.all(inFlight);
    },
  };
}

/**
 * A relay may drop a connection, or say 421, just when the pool hands it the next message. As long as nothing of
 * the message was read, it goes to a fresh connection, once; whatever else happens is the outcome.
 */
async function sendMail(pool: Pool, mail: ReadyMail, gate: DotGate): Promise<SendOutcome> {
  const outcome = await sendOnce(pool, mail, gate);
  const stale =
    outcome.kind === "lost" && !gate.started() && (outcome.error as NodemailerError).code === "ECONNECTION";
  return stale ? sendOnce(pool, mail, gate) : outcome;
}

async function sendOnce(pool: Pool, mail: ReadyMail, gate: DotGate): Promise<SendOutcome> {
  try {
    return { kind: "submitted", response: await pool.send(mail, gate) };
  } catch (error) {
    gate.abandon();
    // A marker may still be on its way to the database: whoever acts on the outcome must come after it.
    await gate.settled();
    return classifyFailure(error, gate);
  }
}

/**
 * Nodemailer sends a local part outside ASCII even to a relay that never offered SMTPUTF8 (RFC 6531), as octets
 * that each hop reads its own way. `parseAddress` accepts no such address; one that bypassed it stops here.
 */
function refuseBeyondAscii({ envelope }: Sendable): SendOutcome | undefined {
  const named = (addresses: unknown) =>
    [addresses].flat().some((address) => /[^ -~]/.test(localPart(String(address))));
  const phase = named(envelope?.to) ? "rcpt" : named(envelope?.from) ? "mail" : undefined;
  if (phase === undefined) return undefined;
  const response = "553 5.6.7 not sent: the part of an address before the @ must be ASCII";
  return refusal({ code: 553, enhanced: "5.6.7", phase }, response);
}

const localPart = (address: string): string => address.slice(0, Math.max(0, address.lastIndexOf("@")));

function relay(smtpUrl: string) {
  if (!/^smtps?:\/\/[^/\s]/i.test(smtpUrl))
    throw new Error("the SMTP URL must look like smtp://host:port or smtps://host");
  return parseConnectionUrl(smtpUrl);
}

function poolOptions({ connections = 5, messagesPerConnection = 100, name, timeouts }: TransportSettings) {
  const limits = { ...TIMEOUTS, ...timeouts };
  return {
    maxConnections: connections,
    maxMessages: messagesPerConnection,
    // The pool itself never repeats a message: it can not tell how far one came.
    maxRequeues: 0,
    idleTimeout: 30_000,
    connectionTimeout: limits.connect,
    greetingTimeout: limits.greeting,
    socketTimeout: limits.socket,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
    ...(name === undefined ? {} : { name }),
  };
}
