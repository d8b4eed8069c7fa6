import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type { Transform } from "node:stream";
import type { MailMessage } from "nodemailer";
import SMTPPool, { type SMTPPoolOptions } from "nodemailer/lib/smtp-pool";
import type { DotGate } from "./dot-gate.ts";
import type { ReadyMail } from "./ready-mail.ts";

/** Nodemailer's pool of connections, which it opens, secures, authenticates, keeps and closes. */
export interface Pool {
  /** Sends a mail whose octets are ready; gives the relay's answer to the dot. Rejects with Nodemailer's error. */
  send(mail: ReadyMail, gate: DotGate): Promise<string>;
  /** Connects, authenticates and leaves again; throws what went wrong. */
  verify(): Promise<void>;
  /** Closes every connection once it is done with its message. */
  close(): void;
}

type PooledMail = Parameters<SMTPPool["send"]>[0];

/** What this asks of the pool beyond its public face: which socket a mail was given. A test of the transport fails when it changes. */
interface Connections {
  readonly _connections: readonly {
    readonly queueEntry?: { readonly mail: unknown } | false;
    readonly connection?: { readonly _socket: Socket | false | null };
  }[];
}

/**
 * A pool whose conversation is Nodemailer's up to the answer to DATA, envelope and DATA in one write where the relay offers PIPELINING
 * (RFC 2920). From there the octets go to the socket as they are, not through the stream in which Nodemailer looks at each.
 */
export function createPool(options: SMTPPoolOptions): Pool {
  const pool = new SMTPPool(options);
  // Errors reach the send they belong to; the pool's own copy of them has no other reader.
  pool.on("error", () => {});
  const socketOf = (mail: unknown): Socket | undefined => {
    const { _connections: connections } = pool as unknown as Connections;
    const holder = connections.find(({ queueEntry }) => queueEntry && queueEntry.mail === mail);
    return holder?.connection?._socket || undefined;
  };
  return {
    send: (ready, gate) =>
      new Promise((resolve, reject) => {
        const mail = pooledMail(ready, () => gatedSource(ready.octets, gate, () => socketOf(mail)));
        pool.send(mail, (error, info) => (error ? reject(error) : resolve(String(info?.response))));
      }),
    verify: async () => void (await pool.verify()),
    close: () => pool.close(),
  };
}

/** What the pool asks of a message. */
function pooledMail(
  { envelope, messageId, size }: ReadyMail,
  createReadStream: () => unknown,
): MailMessage & PooledMail {
  const message = {
    getEnvelope: () => ({ from: envelope.from, to: [...envelope.to], size }),
    messageId: () => messageId,
    getHeader: () => messageId, // the one header it asks for, for its log
    createReadStream,
  };
  return { data: {}, message } as unknown as MailMessage & PooledMail;
}

/** What a connection takes for the stream of a message: it pipes it once the relay has asked for the message. */
function gatedSource(octets: Buffer, gate: DotGate, socketOf: () => Socket | undefined) {
  const source = Object.assign(new EventEmitter(), {
    /** By this the pool tells whether a message may be given to another connection. */
    readableDidRead: false,
    destroy: () => {},
    pipe: (ignored: Transform) => {
      source.readableDidRead = true;
      const socket = socketOf();
      if (socket === undefined) return void source.emit("error", new Error("the mail has no connection"));
      ignored.unpipe(socket);
      ignored.resume().end(); // nothing of it reaches the socket; the connection forgets it at its end
      gate.pass(octets, socket).catch((error) => source.emit("error", error));
    },
  });
  return source;
}
