import type { AddressInfo, Socket } from "node:net";
import { SMTPServer } from "smtp-server";

/** A mail the sink answered 250 to: from here on it is the relay's. */
export interface AcceptedMail {
  readonly to: string;
  readonly raw: string;
  /** `<…>`, the same for each copy of one mail. */
  readonly messageId: string;
}

/** What a test scripts; each hook may take its time, and an error it throws is the answer. */
export interface SinkScript {
  /** At RCPT TO: the mail is claimed, nothing of it has been sent. */
  readonly onRecipient?: (to: string) => void | Promise<void>;
  /** When the final dot has come, before it is answered. */
  readonly onDot?: (to: string) => void | Promise<void>;
  /** When 250 has been given to the connection. */
  readonly onAccepted?: (to: string) => void;
  /** When a mail broke off before its dot. */
  readonly onBrokenOff?: (to: string) => void;
}

export interface SmtpSink {
  readonly url: string;
  readonly accepted: AcceptedMail[];
  /** Breaks every connection there is, without a word. */
  drop(): void;
  /** Changes what happens from here on. */
  script: SinkScript;
  close(): Promise<void>;
}

/** An SMTP relay on loopback that takes every mail, or does what a test tells it. */
export async function startSmtpSink(script: SinkScript = {}): Promise<SmtpSink> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 100,
    onRcptTo: ({ address }, _session, done) => {
      Promise.resolve()
        .then(() => sink.script.onRecipient?.(address))
        .then(() => done(), done);
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      const to = session.envelope.rcptTo[0]?.address ?? "";
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", () => sink.script.onBrokenOff?.(to));
      stream.on("end", async () => {
        try {
          await sink.script.onDot?.(to);
        } catch (error) {
          done(error as Error);
          return;
        }
        const raw = Buffer.concat(chunks).toString();
        sink.accepted.push({ to, raw, messageId: /^Message-ID: (\S+)/im.exec(raw)?.[1] ?? "" });
        done();
        sink.script.onAccepted?.(to);
      });
    },
  });
  const sockets = new Set<Socket>();
  server.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("error", () => {}); // a killed client is what these tests are about
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  const sink: SmtpSink = {
    url: `smtp://127.0.0.1:${port}`,
    accepted: [],
    drop: () => {
      for (const socket of sockets) socket.destroy();
    },
    script,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return sink;
}
