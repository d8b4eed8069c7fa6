import type { Readable } from "node:stream";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import { createClients } from "./listener-clients.ts";

export interface BounceListener {
  readonly port: number;
  close(): Promise<void>;
}

export interface BounceListenerOptions {
  /** 0 for any free one. */
  readonly port: number;
  /** Everywhere unless given: the world's mail servers come here. */
  readonly host?: string;
  /** Whether an address is one that mail comes back to, asked at RCPT; any of the right form unless given. */
  readonly accepts?: (address: string) => boolean;
  /** How long a client may be silent, in milliseconds; 30 seconds. */
  readonly idleMs?: number;
  /** How long a connection may last, however busy it is, in milliseconds; 5 minutes. */
  readonly connectionMs?: number;
  /** How many connections there may be; 50. */
  readonly clients?: number;
  /** How many connections one address may have, or one /64 of IPv6; 25, of which a mail server that forwards takes 20. */
  readonly clientsPerAddress?: number;
}

/** A bounce of more than this is not taken. */
const MAX_BYTES = 2 * 1024 * 1024;
/** What is kept of a mail: a report stands before the mail that it returns. */
const MAX_KEPT = 512 * 1024;
/** What is kept of a mail that only asks to unsubscribe, by its subject. */
const MAX_KEPT_OF_REQUEST = 64 * 1024;
/** A mail that came back came to one of them. */
const MAX_RECIPIENTS = 20;
const TAKEN = /^(?:bounces\+[^@]+|unsubscribe)@/i;
const REQUEST = /^unsubscribe@/i;
/** How long a silent client is left alone while all the room is taken, in milliseconds. */
const GRACE_MS = 1_000;

/**
 * Takes over SMTP what comes back: mail for return paths, `bounces+…`, and for `unsubscribe@…`. Everybody else's mail is
 * refused (550) before any of it is sent, nothing is relayed, nothing is answered. A mail whose taking fails is refused
 * for now (451), so that the other side keeps it. Size, clients, recipients and time are bounded, and a client that says
 * nothing is closed for the next one.
 *
 * `take` is given the mail with the trace of a final delivery before it (RFC 5321 section 4.4), so that the envelope
 * speaks as well. Rejects when the port is taken.
 */
export function listenForBounces(
  options: BounceListenerOptions,
  take: (raw: Buffer) => Promise<void>,
): Promise<BounceListener> {
  const { port, host = "0.0.0.0", idleMs = 30_000, connectionMs = 300_000 } = options;
  const { accepts = () => true, clients: most = 50, clientsPerAddress: perAddress = 25 } = options;
  const clients = createClients({ clients: most, perAddress, graceMs: GRACE_MS });
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    // Reports come from all sorts of systems, and not all write addresses as they should.
    lenientAddressParsing: true,
    size: MAX_BYTES,
    // Counted here; those that are on their way out count there as well.
    maxClients: 2 * most,
    maxRecipients: MAX_RECIPIENTS,
    socketTimeout: idleMs,
    closeTimeout: 1_000,
    logger: false,
    onRcptTo: ({ address }, { remoteAddress, remotePort }, done) => {
      if (!TAKEN.test(address) || !accepts(address)) return done(refusal(550, "5.1.1 no such address here"));
      if (!REQUEST.test(address)) clients.trust(remoteAddress, remotePort);
      done();
    },
    onData: (stream, session, done) => void receive(stream, session, take).then(done),
  });
  // A client that hangs up in the middle is its own affair.
  server.on("error", () => {});
  server.server.on("connection", (socket) => {
    clients.enter(socket);
    const timer = setTimeout(() => socket.destroy(), connectionMs);
    socket.once("close", () => clearTimeout(timer));
  });
  return new Promise((resolve, reject) => {
    server.server.once("error", reject);
    server.listen(port, host, () => {
      const address = server.server.address();
      const listening = typeof address === "object" && address !== null ? address.port : port;
      resolve({ port: listening, close: () => new Promise((closed) => server.close(() => closed())) });
    });
  });
}

/** Reads a mail to its end and has it taken; gives the refusal, or null. */
async function receive(
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  take: (raw: Buffer) => Promise<void>,
): Promise<Error | null> {
  try {
    const mail = await firstBytes(
      stream,
      session.envelope.rcptTo.every(({ address }) => REQUEST.test(address)),
    );
    if (stream.sizeExceeded) return refusal(552, "5.3.4 too large");
    await take(Buffer.concat([traceOf(session), mail]));
    return null;
  } catch {
    return refusal(451, "4.3.0 not taken, please try again");
  }
}

/** Reads all and keeps the beginning: the rest of an endless mail must not pile up. */
async function firstBytes(stream: Readable, isRequest: boolean): Promise<Buffer> {
  const most = isRequest ? MAX_KEPT_OF_REQUEST : MAX_KEPT;
  const chunks: Buffer[] = [];
  let kept = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (kept < most) chunks.push(chunk.subarray(0, most - kept));
    kept += chunk.length;
  }
  return Buffer.concat(chunks);
}

function traceOf({ envelope, remoteAddress }: SMTPServerSession): Buffer {
  const plain = (text: string) => text.replace(/[^!-;=?-~]/g, "");
  const from = envelope.mailFrom ? plain(envelope.mailFrom.address) : "";
  return Buffer.from(
    [
      `Return-Path: <${from}>`,
      ...envelope.rcptTo.map(({ address }) => `Delivered-To: ${plain(address)}`),
      `Received: from [${plain(remoteAddress)}] by paperboy with SMTP; ${new Date().toUTCString()}`,
      "",
    ].join("\r\n"),
  );
}

const refusal = (responseCode: number, message: string) =>
  Object.assign(new Error(message), { responseCode });
