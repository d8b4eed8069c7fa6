import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { describe, expect, onTestFinished, test } from "vitest";
import { type BounceListenerOptions, listenForBounces, readBounce } from "../src/index.ts";
import { OURS, qmail, reply } from "./bounce-makers.ts";

/** A listener on loopback, and what it took. */
async function listen(options: Partial<BounceListenerOptions> = {}, fail?: () => Promise<void>) {
  const taken: string[] = [];
  const listener = await listenForBounces({ port: 0, host: "127.0.0.1", ...options }, async (raw) => {
    await fail?.();
    taken.push(raw.toString("latin1"));
  });
  onTestFinished(() => listener.close());
  return { taken, port: listener.port };
}

/** A client that says one line and waits for the answer. */
async function client(port: number) {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    const { value } = await lines.next().catch(() => ({ value: undefined }));
    if (value === undefined) return "closed";
    return /^\d{3}-/.test(value) ? answer() : value;
  };
  const say = (line: string) => {
    socket.write(`${line}\r\n`);
    return answer();
  };
  return { socket, say, answer, greeting: await answer() };
}

async function send(port: number, raw: Buffer, to: readonly string[] = [OURS], from = "<>") {
  const { say } = await client(port);
  await say("EHLO mx.example.net");
  const answers = [await say(`MAIL FROM:${from}`)];
  for (const address of to) answers.push(await say(`RCPT TO:<${address}>`));
  await say("DATA");
  answers.push(await say(`${raw.toString("latin1").replace(/\r\n$/, "")}\r\n.`));
  return answers.map((line) => line.slice(0, 3));
}

const closed = async (socket: Socket) => void (socket.closed || (await once(socket, "close")));

describe("the listener", () => {
  test("takes what comes back, from nobody, and lets the envelope speak", async () => {
    const { taken, port } = await listen();
    const raw = Buffer.from(
      qmail("Sorry, no mailbox here by that name. (#5.1.1)")
        .toString()
        .replace(/^To: .*$/m, "To: someone@example.com"),
    );
    expect(await send(port, raw)).toEqual(["250", "250", "250"]);
    expect(taken).toHaveLength(1);
    expect(taken[0]).toMatch(
      /^Return-Path: <>\r\nDelivered-To: bounces\+\S+\r\nReceived: from \[127\.0\.0\.1\] .*GMT\r\nFrom: /,
    );
    expect(taken[0]?.endsWith(raw.toString("latin1"))).toBe(true);
    expect(await readBounce(Buffer.from(taken[0] ?? "", "latin1"))).toMatchObject({
      kind: "hard",
      deliveredTo: expect.arrayContaining([OURS]),
    });
  });

  test("takes mail for unsubscribe@, and from odd senders", async () => {
    const { taken, port } = await listen();
    const raw = reply("unsubscribe x", []);
    expect(await send(port, raw, ["unsubscribe@bounces.example.org"], "<reader@example.net>")).toEqual([
      "250",
      "250",
      "250",
    ]);
    expect(await send(port, raw, [OURS], "<mailer.@mx_1.example.net>")).toEqual(["250", "250", "250"]);
    expect(taken).toHaveLength(2);
    expect(taken[1]).toMatch(/^Return-Path: <mailer\.@mx_1\.example\.net>\r\n/);
  });

  test("refuses everybody else's mail, and relays none", async () => {
    const { taken, port } = await listen();
    const { say } = await client(port);
    await say("EHLO mx.example.net");
    await say("MAIL FROM:<spammer@example.com>");
    for (const address of [
      "reader@example.net",
      "digest@papers.example.org",
      "bounces@bounces.example.org",
      "unsubscribe+x@example.org",
      "x.bounces+y@example.org",
      "postmaster",
    ]) {
      expect(await say(`RCPT TO:<${address}>`)).toMatch(/^550 /);
    }
    expect(await say("DATA")).toMatch(/^503 /);
    expect(await say("VRFY reader")).toMatch(/^(?:252|500|502) /);
    expect(taken).toEqual([]);
  });

  test("refuses an address that was not made here before any of the mail is sent", async () => {
    const { taken, port } = await listen({ accepts: (address) => address === OURS });
    expect(await send(port, qmail("Sorry."))).toEqual(["250", "250", "250"]);
    const { say } = await client(port);
    await say("EHLO mx.example.net");
    await say("MAIL FROM:<>");
    expect(await say("RCPT TO:<bounces+0a1c@bounces.example.org>")).toMatch(/^550 5\.1\.1 /);
    expect(await say("DATA")).toMatch(/^503 /);
    expect(taken).toHaveLength(1);
  });

  test("keeps the beginning of a mail, and of a request to unsubscribe its header", async () => {
    const { taken, port } = await listen();
    const raw = reply("unsubscribe x", [], ...Array<string>(20_000).fill("x".repeat(70)));
    expect(await send(port, raw)).toEqual(["250", "250", "250"]);
    expect(await send(port, raw, ["unsubscribe@bounces.example.org"])).toEqual(["250", "250", "250"]);
    const [long, short] = taken.map(({ length }) => length / 1024);
    expect(long).toBeGreaterThan(512);
    expect(long).toBeLessThan(513);
    expect(short).toBeGreaterThan(64);
    expect(short).toBeLessThan(65);
  });

  test("knows no password and takes no more recipients than a bounce has", async () => {
    const { port } = await listen();
    const { say } = await client(port);
    expect(await say("EHLO mx.example.net")).toMatch(/^250 /);
    expect(await say("AUTH PLAIN AGEAYg==")).toMatch(/^5/);
    await say("MAIL FROM:<>");
    for (let n = 0; n < 20; n++) expect(await say(`RCPT TO:<bounces+${n}@example.org>`)).toMatch(/^250 /);
    expect(await say("RCPT TO:<bounces+20@example.org>")).toMatch(/^452 /);
  });

  test("takes no mail that is too large, announced or not, and keeps serving", async () => {
    const { taken, port } = await listen();
    const { say, socket, answer } = await client(port);
    await say("EHLO mx.example.net");
    expect(await say("MAIL FROM:<> SIZE=3000000")).toMatch(/^552 /);
    await say("MAIL FROM:<>");
    await say(`RCPT TO:<${OURS}>`);
    await say("DATA");
    const line = Buffer.from(`${"x".repeat(998)}\r\n`);
    for (let n = 0; n < 3_000; n++) if (!socket.write(line)) await once(socket, "drain");
    socket.write(".\r\n");
    expect(await answer()).toMatch(/^552 /);
    expect(await send(port, qmail("Sorry."))).toEqual(["250", "250", "250"]);
    expect(taken).toHaveLength(1);
  });

  test("asks to try again when a mail could not be taken", async () => {
    let down = true;
    const { taken, port } = await listen({}, async () => {
      if (down) throw new Error("the database is unavailable");
    });
    expect(await send(port, qmail("Sorry."))).toEqual(["250", "250", "451"]);
    down = false;
    expect(await send(port, qmail("Sorry."))).toEqual(["250", "250", "250"]);
    expect(taken).toHaveLength(1);
  });

  test("takes no half of a mail when the client hangs up", async () => {
    const { taken, port } = await listen();
    const { say, socket } = await client(port);
    await say("EHLO mx.example.net");
    await say("MAIL FROM:<>");
    await say(`RCPT TO:<${OURS}>`);
    await say("DATA");
    socket.write("Subject: half\r\n\r\nof a");
    socket.destroy();
    await closed(socket);
    expect(await send(port, qmail("Sorry."))).toEqual(["250", "250", "250"]);
    expect(taken).toHaveLength(1);
    expect(taken[0]).not.toContain("half");
  });

  test("sends garbage away", async () => {
    const { port } = await listen();
    const { say, socket } = await client(port);
    const answers = [];
    for (let n = 0; n < 10; n++) answers.push((await say(`\u0001\u0002 ${n} GET / HTTP/1.1`)).slice(0, 3));
    expect(answers.at(-1)).toBe("421");
    await closed(socket);
    expect((await client(port)).greeting).toMatch(/^220 /);
  });

  test("drops a client that is silent, and one that only keeps busy", async () => {
    const silent = await listen({ idleMs: 200 });
    const { socket } = await client(silent.port);
    await closed(socket);

    const busy = await listen({ connectionMs: 1_500 });
    const talker = await client(busy.port);
    let answers = 0;
    while ((await talker.say("NOOP")) !== "closed") answers++;
    expect(answers).toBeGreaterThan(0);
    await closed(talker.socket);
  });

  test("serves no more clients than it may, until one leaves", async () => {
    const { port } = await listen({ clients: 2 });
    const first = await client(port);
    await client(port);
    expect((await client(port)).greeting).toMatch(/^421 /);
    first.socket.destroy();
    await closed(first.socket);
    await expect.poll(async () => (await client(port)).greeting.slice(0, 3)).toBe("220");
  });

  test("is not filled by clients of one address that say nothing", async () => {
    const { taken, port } = await listen({ clientsPerAddress: 3 });
    const silent = await Promise.all(Array.from({ length: 12 }, () => client(port)));
    await expect.poll(() => silent.filter(({ socket }) => socket.readyState === "open").length).toBe(3);
    expect(await send(port, qmail("Sorry."))).toEqual(["250", "250", "250"]);
    expect(taken).toHaveLength(1);
  });

  test("sends nobody away who names a return path", async () => {
    const { port } = await listen({ clientsPerAddress: 1 });
    const { say } = await client(port);
    await say("EHLO mx.example.net");
    await say("MAIL FROM:<>");
    await say(`RCPT TO:<${OURS}>`);
    expect((await client(port)).greeting).toMatch(/^421 4\.7\.0 /);
    expect(await say("NOOP")).toMatch(/^250 /);
  });

  test("says when its port is taken", async () => {
    const { port } = await listen();
    await expect(listenForBounces({ port, host: "127.0.0.1" }, async () => {})).rejects.toThrow("EADDRINUSE");
  });
});
