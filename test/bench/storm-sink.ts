import { createServer, type Socket } from "node:net";
import { randomStream } from "./corpus.ts";

/**
 * A relay in a process of its own that remembers the Message-ID of every mail whose final dot it got, and now and then
 * drops a connection: before the dot, after it, or instead of the answer.
 */
const random = randomStream(Number(process.argv[2] ?? 1));
const DROP = 0.004;
const accepted = new Map<string, number>();

const server = createServer((socket) => converse(socket));
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as { port: number }).port }));
process.on("message", () => process.send?.({ accepted: [...accepted] }));
process.on("disconnect", () => process.exit(0));

function converse(socket: Socket): void {
  let pending = "";
  let inData = false;
  const takeMail = () => {
    const end = pending.indexOf("\r\n.\r\n");
    if (end < 0) return false;
    const id = /^Message-ID:\s*(\S+)/im.exec(pending)?.[1] ?? "";
    accepted.set(id, (accepted.get(id) ?? 0) + 1);
    pending = pending.slice(end + 5);
    inData = false;
    if (random() < DROP) socket.destroy();
    else socket.write("250 2.0.0 taken\r\n");
    return true;
  };
  const obey = () => {
    const end = pending.indexOf("\r\n");
    if (end < 0) return false;
    const command = pending.slice(0, 4).toUpperCase();
    pending = pending.slice(end + 2);
    inData = command === "DATA";
    if (random() < DROP) socket.destroy();
    else
      socket.write(
        command === "EHLO"
          ? "250-sink\r\n250 8BITMIME\r\n"
          : command === "DATA"
            ? "354 go on\r\n"
            : "250 2.0.0 fine\r\n",
      );
    return true;
  };
  socket.setNoDelay(true).setEncoding("latin1");
  socket.on("error", () => {}); // killed clients are what this is about
  socket.write("220 sink ESMTP\r\n");
  socket.on("data", (chunk) => {
    pending += chunk;
    while (!socket.destroyed && (inData ? takeMail() : obey()));
  });
}
