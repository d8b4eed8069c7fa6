import { buffer } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";

/** A bounce of more than this says nothing more. */
const MAX_BYTES = 2 * 1024 * 1024;

export interface BounceListener {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Takes mails that come back over SMTP, for return paths `bounces+…` only. Nothing is relayed and nothing is answered;
 * a mail whose taking fails is refused for now (451), so that the other side keeps it.
 *
 * @param port 0 for any free one. Rejects when it is taken.
 */
export function listenForBounces(
  options: { readonly port: number; readonly host?: string },
  take: (raw: Buffer) => Promise<void>,
): Promise<BounceListener> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    size: MAX_BYTES,
    logger: false,
    maxClients: 50,
    closeTimeout: 1_000,
    onRcptTo: ({ address }, _session, done) =>
      /^bounces\+/i.test(address) ? done() : done(refusal(550, "5.1.1 only return paths are taken here")),
    onData: (stream, _session, done) => {
      buffer(stream)
        .then((raw) => (stream.sizeExceeded ? Promise.reject(refusal(552, "5.3.4 too large")) : take(raw)))
        .then(
          () => done(),
          (error: Error) =>
            done("responseCode" in error ? error : refusal(451, "4.3.0 not taken, please try again")),
        );
    },
  });
  // A client that hangs up in the middle is its own affair.
  server.on("error", () => {});
  return new Promise((resolve, reject) => {
    server.server.once("error", reject);
    server.listen(options.port, options.host ?? "0.0.0.0", () => {
      const address = server.server.address();
      const port = typeof address === "object" && address !== null ? address.port : options.port;
      resolve({ port, close: () => new Promise((closed) => server.close(() => closed())) });
    });
  });
}

const refusal = (responseCode: number, message: string) =>
  Object.assign(new Error(message), { responseCode });
