import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { onTestFinished } from "vitest";
import { createTransport, type Transport, type TransportSettings } from "../src/index.ts";

/** Everything a server accepted in full, in order. */
export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
}

/** A real SMTP server on loopback that keeps what it accepts; `options` override single answers. */
export async function smtpServer(options: SMTPServerOptions = {}) {
  const received: Received[] = [];
  const partial: string[] = [];
  let connections = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    closeTimeout: 100,
    logger: false,
    onConnect(_session, done) {
      connections += 1;
      done();
    },
    onData(stream, session, done) {
      let raw = "";
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        raw += chunk;
      });
      stream.on("error", () => partial.push(raw));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom ? mailFrom.address : "",
          to: rcptTo.map(({ address }) => address),
          raw,
        });
        done();
      });
    },
    ...options,
  });
  server.on("error", () => {});
  const port = await new Promise<number>((resolve) => {
    const listener = server.listen(0, "127.0.0.1", () =>
      resolve((listener.address() as { port: number }).port),
    );
  });
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { url: `smtp://127.0.0.1:${port}`, received, partial, connections: () => connections };
}

/** What a scripted server does when a command, or the end of a message (`.`), arrives. */
export type Script = Readonly<Record<string, string | ((socket: Socket) => void)>>;

/** A server that plays a script, for what a well-behaved one never does. */
export async function scriptedServer(script: Script) {
  const answers: Script = {
    greeting: "220 stub",
    EHLO: "250 stub",
    MAIL: "250 ok",
    RCPT: "250 ok",
    DATA: "354 go",
    ".": "250 kept",
    ...script,
  };
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let inData = false;
    let rest = "";
    const answer = (command: string) => {
      const reply = answers[command] ?? "250 ok";
      if (typeof reply === "function") return reply(socket);
      if (command === "DATA" && reply.startsWith("3")) inData = true;
      socket.write(`${reply}\r\n`);
    };
    socket.on("error", () => {});
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (inData && line !== ".") {
          if (seen.at(-1) !== "body") seen.push("body");
          if (answers.body) answer("body");
          continue;
        }
        inData = false;
        const command = line === "." ? "." : line.slice(0, 4).toUpperCase();
        seen.push(command);
        answer(command);
      }
    });
    answer("greeting");
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  const drop = () => Promise.all([...sockets].map((socket) => once(socket.destroy(), "close")));
  return { url: `smtp://127.0.0.1:${port}`, seen, drop };
}

/** A transport that is closed before the servers are. */
export function openTransport(smtpUrl: string, settings: Partial<TransportSettings> = {}): Transport {
  const transport = createTransport({ smtpUrl, name: "test.example", ...settings });
  onTestFinished(() => transport.close());
  return transport;
}
