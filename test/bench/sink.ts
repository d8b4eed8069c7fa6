import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";

/** A relay in a process of its own that takes every mail as fast as it comes. */
export interface Sink {
  readonly url: string;
  /** Begins anew, keeping the first `keep` mails. */
  reset(options: { readonly keep: number }): Promise<void>;
  /** What was taken since, and what it cost. */
  taken(): Promise<Taken>;
  close(): void;
}

export interface Taken {
  readonly count: number;
  readonly bytes: number;
  /** As they came over the wire. */
  readonly mails: readonly string[];
  /** Processor time of the sink since the last reset. */
  readonly cpuMs: number;
}

type Order = { readonly reset: { readonly keep: number } } | { readonly report: true };

export async function startSink(): Promise<Sink> {
  const child = fork(fileURLToPath(import.meta.url), ["serve"], { serialization: "advanced" });
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  const ask = async <Answer>(order: Order): Promise<Answer> => {
    child.send(order);
    const [answer] = await once(child, "message");
    return answer as Answer;
  };
  return {
    url: `smtp://127.0.0.1:${port}`,
    reset: async (reset) => void (await ask({ reset })),
    taken: () => ask({ report: true }),
    close: () => void (child as ChildProcess).kill(),
  };
}

interface State {
  keep: number;
  count: number;
  bytes: number;
  mails: string[];
  cpu: NodeJS.CpuUsage;
}

/** Just enough of RFC 5321 and RFC 2920 for a well-behaved client on loopback. */
function serve(): void {
  const state: State = { keep: 0, count: 0, bytes: 0, mails: [], cpu: process.cpuUsage() };
  const server = createServer((socket) => converse(socket, state));
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    process.send?.({ port: typeof address === "object" ? address?.port : 0 });
  });
  process.on("message", (order: Order) => {
    if ("reset" in order) {
      Object.assign(state, {
        keep: order.reset.keep,
        count: 0,
        bytes: 0,
        mails: [],
        cpu: process.cpuUsage(),
      });
      process.send?.({});
    } else {
      const { user, system } = process.cpuUsage(state.cpu);
      const { count, bytes, mails } = state;
      process.send?.({ count, bytes, mails, cpuMs: (user + system) / 1000 });
    }
  });
  process.on("disconnect", () => process.exit(0));
}

const LINE = Buffer.from("\r\n");
const END = Buffer.from("\r\n.\r\n");

function converse(socket: Socket, state: State): void {
  let pending: Buffer = Buffer.alloc(0);
  let mail: Buffer[] = [];
  let inData = false;
  /** Takes what has come of a mail: only the last octets can belong to an end that is still to come. */
  const take = () => {
    const end = pending.indexOf(END);
    const upTo = end < 0 ? Math.max(0, pending.length - END.length + 1) : end + LINE.length;
    state.bytes += upTo;
    if (state.mails.length < state.keep) mail.push(pending.subarray(0, upTo));
    pending = pending.subarray(end < 0 ? upTo : end + END.length);
    if (end < 0) return false;
    state.count++;
    if (mail.length > 0) state.mails.push(Buffer.concat(mail).toString("latin1"));
    mail = [];
    inData = false;
    socket.write("250 2.0.0 taken\r\n");
    return true;
  };
  const obey = () => {
    const end = pending.indexOf(LINE);
    if (end < 0) return false;
    const command = pending.toString("latin1", 0, 4).toUpperCase();
    pending = pending.subarray(end + LINE.length);
    inData = command === "DATA";
    socket.write(ANSWERS[command] ?? "250 2.0.0 fine\r\n");
    if (command === "QUIT") socket.end();
    return true;
  };
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.write("220 sink.example ESMTP\r\n");
  socket.on("data", (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    socket.cork();
    while (inData ? take() : obey());
    socket.uncork();
  });
}

const ANSWERS: Readonly<Record<string, string>> = {
  EHLO: "250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n",
  DATA: "354 end data with a dot\r\n",
  QUIT: "221 2.0.0 bye\r\n",
};

if (process.argv[2] === "serve" && process.send) serve();
