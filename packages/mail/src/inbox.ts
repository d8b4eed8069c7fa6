import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { SMTPServer, type SMTPServerDataStream } from "smtp-server";

/** Where the local inbox listens and keeps its mail. */
export interface InboxSettings {
  /** Created when missing. */
  readonly directory: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Loopback unless given: the inbox takes mail from anyone who reaches it. */
  readonly host?: string;
}

/** A running local inbox. */
export interface Inbox {
  /** The port it really listens on. */
  readonly port: number;
  /** Takes no new connection, lets messages in progress finish, and releases the port. */
  close(): Promise<void>;
}

const MAX_MESSAGE = 25 * 1024 * 1024;
const DRAIN = 2_000;

/**
 * An SMTP server that accepts every mail and keeps each as one `.eml` file, byte for byte as it was sent. A file
 * appears whole or not at all, under a name that sorts by arrival. Throws when the port is taken, naming it.
 */
export async function startInbox({ directory, port, host = "127.0.0.1" }: InboxSettings): Promise<Inbox> {
  await mkdir(directory, { recursive: true });
  const nextName = arrivalNames();
  const writing = new Set<Promise<void>>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    size: MAX_MESSAGE,
    closeTimeout: DRAIN,
    logger: false,
    disableReverseLookup: true,
    onData(stream, _session, answer) {
      const kept = keep(stream, join(directory, nextName())).then(() => answer(), answer);
      writing.add(kept);
      void kept.finally(() => writing.delete(kept));
    },
  });
  await listen(server, port, host);
  // A client that drops its connection is its own affair.
  server.on("error", () => {});
  return {
    port: (server.server.address() as AddressInfo).port,
    async close() {
      await new Promise<void>((resolve) => server.close(resolve));
      await Promise.all(writing);
    },
  };
}

async function keep(stream: SMTPServerDataStream, file: string): Promise<void> {
  const unfinished = `${file}.part`;
  try {
    await pipeline(stream, upToLimit, createWriteStream(unfinished, { flags: "wx", mode: 0o600 }));
    await rename(unfinished, `${file}.eml`);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** Fails as soon as a mail is larger than the inbox takes: no more of it is written. */
async function* upToLimit(mail: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const chunk of mail) {
    size += chunk.length;
    if (size > MAX_MESSAGE) {
      const message = `5.3.4 the mail is larger than ${MAX_MESSAGE} bytes`;
      throw Object.assign(new Error(message), { responseCode: 552 });
    }
    yield chunk;
  }
}

/** Names that sort by arrival, also within one millisecond, and never repeat across restarts. */
function arrivalNames(): () => string {
  const run = randomBytes(4).toString("hex");
  let count = 0;
  return () => {
    const time = new Date().toISOString().replace(/[-:.]/g, "");
    count += 1;
    return `${time}-${String(count).padStart(7, "0")}-${run}`;
  };
}

function listen(server: SMTPServer, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const busy = error.code === "EADDRINUSE";
      reject(busy ? new Error(`the inbox port ${port} is already in use`, { cause: error }) : error);
    });
    server.listen(port, host, resolve);
  });
}
