import type { Duplex } from "node:stream";
import { setImmediate } from "node:timers/promises";

/** Runs before the final dot of one message may leave the machine; a rejection keeps the dot back. */
export type BeforeDot = () => Promise<void>;

/** Holds the end of one message back until its `beforeDot` has resolved, and remembers how far it came. */
export interface DotGate {
  /**
   * Writes a message to the relay that has asked for it, and then its dot, unless the connection has failed by then. A message
   * passes once.
   *
   * @param octets whole lines, their dots doubled
   * @throws what `beforeDot` rejected with: the dot is kept back, and the connection must be dropped, within DATA, which tells the
   * relay to forget the message
   */
  pass(octets: Buffer, socket: Duplex): Promise<void>;
  /** Says that the connection has failed: what has not left by now never will. A message that has not begun may pass on another one. */
  abandon(): void;
  /** Resolves once nothing of this message, and no `beforeDot`, is under way any more. */
  settled(): Promise<void>;
  /** True once any of the message may have left, so that it must not be sent again. */
  started(): boolean;
  /** True when the final dot may have left the machine. */
  opened(): boolean;
  /** Why `beforeDot` rejected; undefined unless it did. */
  refusal(): { readonly error: unknown } | undefined;
}

/** What ends a message (RFC 5321 section 4.1.1.4), behind its last CRLF. */
const DOT = Buffer.from(".\r\n");

/**
 * A gate for one message. The dot is written by itself, and only when the system has taken everything before it and `beforeDot` has
 * resolved. What the system then says of that one small write tells, of a connection that broke, whether the relay can have the mail.
 */
export function createDotGate(beforeDot: BeforeDot): DotGate {
  let started = false;
  let opened = false;
  let isAbandoned = false;
  let abandon = () => {};
  const abandoned = new Promise<void>((resolve) => {
    abandon = resolve;
  });
  let refusal: { readonly error: unknown } | undefined;
  let pending: Promise<void> = Promise.resolve();

  const askForDot = async () => {
    try {
      await beforeDot();
    } catch (error) {
      refusal = { error };
      throw error;
    }
  };
  const pass = async (octets: Buffer, socket: Duplex) => {
    const hasFailed = () => isAbandoned || !socket.writable || socket.readableEnded;
    await Promise.race([write(socket, octets), abandoned]);
    if (hasFailed()) return;
    await askForDot();
    // A connection that died meanwhile says so within a turn of the event loop, and the one under way may be past that.
    await setImmediate();
    await setImmediate();
    if (hasFailed()) return;
    opened = true;
    opened = mayHaveLeft(await write(socket, DOT));
  };

  return {
    pass(octets, socket) {
      if (started) return Promise.reject(new Error("a message passes its gate once"));
      started = true;
      const passing = pass(octets, socket);
      pending = passing.catch(() => {}); // whoever called is told
      return passing;
    },
    abandon: () => {
      if (!started) return; // it may pass on another connection
      isAbandoned = true;
      abandon();
    },
    settled: () => pending,
    started: () => started,
    opened: () => opened,
    refusal: () => refusal,
  };
}

/** Resolves when the system has taken the octets, with the error when it has not, and with null as well when nobody can tell. */
function write(socket: Duplex, octets: Buffer): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    const onClose = () => resolve(null);
    socket.once("close", onClose);
    socket.write(octets, (error) => {
      socket.off("close", onClose);
      resolve(error ?? null);
    });
  });
}

const CAME_TOO_LATE = new Set(["ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END"]);

/** A write that the system refused has not left, nor has one that came when the socket was gone. */
function mayHaveLeft(error: NodeJS.ErrnoException | null): boolean {
  if (error === null) return true;
  const isRefused = error.syscall === "write" && error.code !== "ECANCELED";
  return !isRefused && !CAME_TOO_LATE.has(error.code ?? "");
}
