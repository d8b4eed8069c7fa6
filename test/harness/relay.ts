import { createServer, type Socket } from "node:net";

/** A point of an SMTP conversation; the mail is the relay's between `dot` and `answer`. */
export type Point = "greeting" | "EHLO" | "MAIL" | "RCPT" | "DATA" | "body" | "dot" | "answer";

/** What a relay does instead of what it should: breaks the connection without a word, or says another line. */
export type Misdeed = "drop" | `${number} ${string}`;

/** Decides at each point of each conversation; undefined lets it go well, a promise lets the sender wait. */
export type Mood = (point: Point, to: string) => Misdeed | undefined | Promise<Misdeed | undefined>;

/** A mail that the relay has taken, whatever became of the answer. */
export interface TakenMail {
  readonly messageId: string;
  readonly to: string;
}

/** An SMTP relay on loopback that behaves as badly as it is told. */
export interface Relay {
  readonly url: string;
  readonly taken: readonly TakenMail[];
  mood: Mood;
  close(): Promise<void>;
}

/** Starts one, at a port of before if that is given. */
export async function startRelay(mood: Mood = () => undefined, at = 0): Promise<Relay> {
  const taken: TakenMail[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {}); // clients that are killed are what this is about
    void converse(socket, (point, to) => relay.mood(point, to), taken);
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(at, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
  const relay: Relay = {
    url: `smtp://127.0.0.1:${port}`,
    taken,
    mood,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return relay;
}

const GOOD: Readonly<Record<string, string>> = {
  greeting: "220 relay ESMTP",
  EHLO: "250-relay\r\n250 8BITMIME",
  DATA: "354 end data with a dot",
  answer: "250 2.0.0 taken",
};

async function converse(socket: Socket, mood: Mood, taken: TakenMail[]): Promise<void> {
  const read = createReader(socket.setNoDelay(true));
  let to = "";
  /** Does what the mood says; the line that was said, null when the connection was broken. */
  const act = async (point: Point): Promise<string | null> => {
    const misdeed = await mood(point, to);
    if (misdeed === "drop") socket.destroy();
    if (socket.destroyed) return null;
    const line = misdeed ?? GOOD[point] ?? "250 2.0.0 fine";
    socket.write(`${line}\r\n`);
    return line;
  };
  /** Whether a point went by without the connection being broken; nothing is said. */
  const pass = async (point: Point) => {
    if ((await mood(point, to)) !== "drop") return !socket.destroyed;
    socket.destroy();
    return false;
  };
  if ((await act("greeting")) === null) return;
  for (;;) {
    const line = await read("\r\n");
    if (line === null) return;
    const command = line.slice(0, 4).toUpperCase();
    if (command === "RCPT") to = /<(.*?)>/.exec(line)?.[1] ?? "";
    const said = await act(command as Point);
    if (said === null) return;
    if (command !== "DATA" || !said.startsWith("354")) continue;
    if (!(await read.begun()) || !(await pass("body"))) return;
    const mail = await read("\r\n.\r\n");
    if (mail === null || !(await pass("dot"))) return;
    taken.push({ messageId: /^Message-ID:\s*(\S+)/im.exec(mail)?.[1] ?? "", to });
    if ((await act("answer")) === null) return;
  }
}

/** Reads up to an end, which is dropped; null when the other side hangs up first. */
function createReader(socket: Socket) {
  const chunks = socket.setEncoding("latin1").iterator();
  let pending = "";
  const more = async () => {
    const { done, value } = await chunks.next().catch(() => ({ done: true, value: "" }));
    pending += done ? "" : value;
    return !done;
  };
  const read = async (end: string): Promise<string | null> => {
    let at = pending.indexOf(end);
    while (at < 0) {
      if (!(await more())) return null;
      at = pending.indexOf(end);
    }
    const text = pending.slice(0, at);
    pending = pending.slice(at + end.length);
    return text;
  };
  /** Whether something of what comes next has arrived, or did before the other side hung up. */
  const begun = async () => pending.length > 0 || more();
  return Object.assign(read, { begun });
}
