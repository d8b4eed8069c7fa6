import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";

/** A relay in a process of its own that takes every mail as fast as it comes. */
export interface Sink {
  readonly url: string;
  /** Begins anew, keeping the mails themselves when asked to. */
  reset(options: { readonly keep: boolean }): Promise<void>;
  /** How many mails were taken since, and those that were kept, as they came over the wire. */
  taken(): Promise<{ readonly count: number; readonly mails: readonly string[] }>;
  close(): void;
}

type Order = { readonly reset: { readonly keep: boolean } } | { readonly report: true };

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

/** Just enough of RFC 5321 for a well-behaved client on loopback. */
function serve(): void {
  const state = { keep: false, count: 0, mails: [] as string[] };
  const server = createServer((socket) => converse(socket, state));
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    process.send?.({ port: typeof address === "object" ? address?.port : 0 });
  });
  process.on("message", (order: Order) => {
    if ("reset" in order) Object.assign(state, { keep: order.reset.keep, count: 0, mails: [] });
    process.send?.("reset" in order ? {} : { count: state.count, mails: state.mails });
  });
  process.on("disconnect", () => process.exit(0));
}

function converse(socket: Socket, state: { keep: boolean; count: number; mails: string[] }): void {
  let pending = "";
  let inData = false;
  const take = () => {
    const end = pending.indexOf("\r\n.\r\n");
    if (end < 0) return false;
    state.count++;
    if (state.keep) state.mails.push(pending.slice(0, end + 2));
    pending = pending.slice(end + 5);
    inData = false;
    socket.write("250 2.0.0 taken\r\n");
    return true;
  };
  const obey = () => {
    const end = pending.indexOf("\r\n");
    if (end < 0) return false;
    const command = pending.slice(0, 4).toUpperCase();
    pending = pending.slice(end + 2);
    inData = command === "DATA";
    socket.write(ANSWERS[command] ?? "250 2.0.0 fine\r\n");
    if (command === "QUIT") socket.end();
    return true;
  };
  socket.setNoDelay(true).setEncoding("latin1");
  socket.on("error", () => {});
  socket.write("220 sink.example ESMTP\r\n");
  socket.on("data", (chunk) => {
    pending += chunk;
    while (inData ? take() : obey());
  });
}

const ANSWERS: Readonly<Record<string, string>> = {
  EHLO: "250-sink.example\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n",
  DATA: "354 end data with a dot\r\n",
  QUIT: "221 2.0.0 bye\r\n",
};

if (process.argv[2] === "serve" && process.send) serve();
