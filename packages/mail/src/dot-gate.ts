import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";

/** Runs before the final dot of one message may leave the machine; a rejection keeps the dot back. */
export type BeforeDot = () => Promise<void>;

/** Holds the end of one message back until its `beforeDot` has resolved, and remembers how far it came. */
export interface DotGate {
  /** The same bytes as `message`, whose end waits for `beforeDot`. A message of which a byte was read passes once. */
  guard(message: Readable): Readable;
  /** Says that the connection has failed: what has not left by now never will. */
  abandon(): void;
  /** Resolves once `beforeDot`, if it was called at all, has come to an end. */
  settled(): Promise<void>;
  /** True once any of the message was read, so that it must not be sent again. */
  started(): boolean;
  /** True from the moment the final dot may have left the machine. */
  opened(): boolean;
  /** Why `beforeDot` rejected; undefined unless it did. */
  refusal(): { readonly error: unknown } | undefined;
}

/**
 * A gate for one message. What ends the stream lets the final dot out (RFC 5321 section 4.1.1.4), so the gate
 * ends it only after `beforeDot`; when that rejects, the stream fails instead and the connection is dropped in
 * the middle of DATA, which tells the server to forget the message.
 *
 * The stream pulls: nothing is read, and `beforeDot` is not called, before the server asked for the message and
 * all of it but its end was handed on. A transform would run ahead, and mark messages that RCPT then refuses.
 */
export function createDotGate(beforeDot: BeforeDot): DotGate {
  let passing: Readable | undefined;
  let opened = false;
  let abandoned = false;
  let refusal: { readonly error: unknown } | undefined;
  let pending: Promise<void> = Promise.resolve();

  const askForDot = async () => {
    try {
      await beforeDot();
      // The connection may have died meanwhile: then nothing can leave any more. A turn of the event loop brings word of it.
      await setImmediate();
      opened = !abandoned && passing?.destroyed === false;
    } catch (error) {
      refusal = { error };
    }
  };

  const started = () => passing?.readableDidRead === true;

  return {
    started,
    guard(message) {
      const spent = started();
      passing = lazily(async function* () {
        if (spent) throw new Error("a message passes its gate once");
        yield* message;
        pending = askForDot();
        await pending;
        if (refusal) throw refusal.error;
      });
      return passing;
    },
    abandon: () => {
      abandoned = true;
    },
    settled: () => pending,
    opened: () => opened,
    refusal: () => refusal,
  };
}

/** A byte stream that runs no further ahead than its reader. */
function lazily(bytes: () => AsyncIterable<unknown>): Readable {
  const stream = Readable.from(bytes(), { objectMode: false, highWaterMark: 1 });
  // The reader reports the error; a listener only keeps it from ending the process when there is no reader yet.
  return stream.on("error", () => {});
}
