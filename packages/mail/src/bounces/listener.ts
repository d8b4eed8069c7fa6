import type { Readable } from "node:stream";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";

export interface BounceListener {
  readonly port: number;
  close(): Promise<void>;
}

export interface BounceListenerOptions {
  /** 0 for any free one. */
  readonly port: number;
  /** Everywhere unless given: the world's mail servers come here. */
  readonly host?: string;
  /** How long a client may be silent, in milliseconds; 30 seconds. */
  readonly idleMs?: number;
  /** How long a connection may last, however busy it is, in milliseconds; 5 minutes. */
  readonly connectionMs?: number;
  /** How many connections there may be; 50. */
  readonly clients?: number;
}

/** A bounce of more than this says nothing more. */
const MAX_BYTES = 2 * 1024 * 1024;
/** A mail that came back came to one of them. */
const MAX_RECIPIENTS = 20;
const TAKEN = /^(?:bounces\+[^@]+|unsubscribe)@/i;

/**
 * Takes over SMTP what comes back: mail for return paths, `bounces+…`, and for `unsubscribe@…`. Everybody else's mail is
 * refused (550), nothing is relayed, nothing is answered. A mail whose taking fails is refused for now (451), so that
 * the other side keeps it. Size, clients, recipients and time are bounded.
 *
 * `take` is given the mail with the trace of a final delivery before it (RFC 5321 section 4.4), so that the envelope
 * speaks as well. Rejects when the port is taken.
 */
export function listenForBounces(
  options: BounceListenerOptions,
  take: (raw: Buffer) => Promise<void>,
): Promise<BounceListener> {
  const { port, host = "0.0.0.0", idleMs = 30_000, connectionMs = 300_000, clients = 50 } = options;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    // Reports come from all sorts of systems, and not all write addresses as they should.
    lenientAddressParsing: true,
    size: MAX_BYTES,
    maxClients: clients,
    maxRecipients: MAX_RECIPIENTS,
    socketTimeout: idleMs,
    closeTimeout: 1_000,
    logger: false,
    onRcptTo: ({ address }, _session, done) =>
      TAKEN.test(address) ? done() : done(refusal(550, "5.1.1 only mail that comes back is taken here")),
    onData: (stream, session, done) => void receive(stream, session, take).then(done),
  });
  // A client that hangs up in the middle is its own affair.
  server.on("error", () => {});
  server.server.on("connection", (socket) => {
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
    const mail = await firstBytes(stream);
    if (stream.sizeExceeded) return refusal(552, "5.3.4 too large");
    await take(Buffer.concat([traceOf(session), mail]));
    return null;
  } catch {
    return refusal(451, "4.3.0 not taken, please try again");
  }
}

/** Reads all and keeps what is allowed: the rest of an endless mail must not pile up. */
async function firstBytes(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let kept = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (kept < MAX_BYTES) chunks.push(chunk);
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
