import type { Socket } from "node:net";
import type { SendOutcome } from "@paperboy/core";
import { describe, expect, it } from "vitest";
import { generateDkimKeys } from "../src/dkim.ts";
import { buildMessage } from "../src/index.ts";
import { openTransport, scriptedServer, smtpServer } from "./smtp-stub.ts";

const message = (deliveryId = "d1", words = 20_000) =>
  buildMessage({
    deliveryId,
    domain: "paperboy.example",
    from: { name: "Paperboy", address: "papers@paperboy.example" },
    to: "ada@example.org",
    date: new Date("2026-11-24T07:00:00Z"),
    mail: {
      subject: "Gates",
      preheader: "",
      text: ".\r\n..hidden dots\n".repeat(3),
      html: "<p>word</p>\n".repeat(words),
    },
    list: {
      id: "digest.paperboy.example",
      unsubscribeUrl: "https://paperboy.example/unsubscribe?token=t",
      unsubscribeMailto: "mailto:leave@paperboy.example?subject=t",
    },
  });

const now = () => Promise.resolve();
const brief = ({ kind, ...rest }: SendOutcome) => ({ kind, ...rest, error: undefined, response: undefined });

describe("the final dot", () => {
  it.each([
    ["unsigned", {}],
    ["signed", { dkim: generateDkimKeys("paperboy.example", new Date("2026-11-24")) }],
  ])("waits for beforeDot (%s)", async (_name, settings) => {
    const server = await smtpServer();
    const transport = openTransport(server.url, settings);
    const marker = deferred();
    const reached = deferred();
    const sending = transport.send(message(), {
      beforeDot: () => {
        reached.resolve();
        return marker.promise;
      },
    });
    await reached.promise;
    // A second message passes the first on another connection: the server is awake and has not seen the dot.
    expect((await transport.send(message("d2"), { beforeDot: now })).kind).toBe("submitted");
    expect(server.received.map(({ raw }) => /^Message-ID: <(d\d)/m.exec(raw)?.[1])).toEqual(["d2"]);
    marker.resolve();
    expect((await sending).kind).toBe("submitted");
    expect(server.received).toHaveLength(2);
  });

  it("never leaves when beforeDot rejects, and the connection is not used again", async () => {
    const server = await smtpServer();
    const transport = openTransport(server.url, { connections: 1 });
    const outcome = await transport.send(message(), {
      beforeDot: () => Promise.reject(new Error("fence lost")),
    });
    expect(outcome).toMatchObject({ kind: "aborted", error: { message: "fence lost" } });
    expect((await transport.send(message("d2"), { beforeDot: now })).kind).toBe("submitted");
    expect(server.received.map(({ raw }) => /^Message-ID: <(d\d)/m.exec(raw)?.[1])).toEqual(["d2"]);
    expect(server.partial).toHaveLength(1);
    expect(server.connections()).toBe(2);
  });

  it("never leaves when beforeDot throws at once, whatever it throws", async () => {
    const server = await smtpServer();
    const beforeDot = () => {
      throw "no error object";
    };
    const outcome = await openTransport(server.url).send(message(), { beforeDot });
    expect(outcome).toMatchObject({ kind: "aborted", error: { message: "no error object" } });
    expect(server.received).toHaveLength(0);
  });

  it.each([
    ["long", 20_000],
    ["short", 1],
  ])("is not asked for when a %s message gets no further than RCPT", async (_name, words) => {
    const server = await scriptedServer({ RCPT: "550 5.1.1 nobody here" });
    let asked = 0;
    const beforeDot = async () => {
      asked += 1;
    };
    await openTransport(server.url).send(message("d1", words), { beforeDot });
    expect(asked).toBe(0);
    expect(server.seen).not.toContain("body");
  });

  it("stays put when the connection dies while beforeDot works, and the outcome comes after beforeDot", async () => {
    const server = await scriptedServer({});
    const marker = deferred();
    const reached = deferred();
    let done = false;
    const sending = openTransport(server.url).send(message("d1", 1), {
      beforeDot: () => {
        reached.resolve();
        return marker.promise;
      },
    });
    const outcome = sending.finally(() => {
      done = true;
    });
    await reached.promise;
    await server.drop();
    // Another message comes and goes, so the dropped connection has long been noticed.
    expect((await openTransport(server.url).send(message("d2", 1), { beforeDot: now })).kind).toBe(
      "submitted",
    );
    expect(done).toBe(false);
    marker.resolve();
    expect(await outcome).toMatchObject({ kind: "lost", dotted: false });
    expect(server.seen.filter((command) => command === ".")).toHaveLength(1);
  });
});

describe("outcomes", () => {
  it("submitted: the answer to the dot, and the envelope is the one given", async () => {
    const server = await smtpServer();
    const outcome = await openTransport(server.url).send(message(), { beforeDot: now });
    expect(outcome).toMatchObject({ kind: "submitted", response: expect.stringMatching(/^250 /) });
    expect(server.received).toMatchObject([{ from: "papers@paperboy.example", to: ["ada@example.org"] }]);
  });

  it.each([
    [
      "5xx to RCPT",
      { RCPT: "550 5.1.1 no such user" },
      { class: "recipient", code: 550, enhanced: "5.1.1", phase: "rcpt" },
    ],
    [
      "4xx to RCPT",
      { RCPT: "451 4.7.1 greylisted" },
      { class: "soft", code: 451, enhanced: "4.7.1", phase: "rcpt" },
    ],
    ["5xx to DATA", { DATA: "554 no" }, { class: "message", code: 554, enhanced: null, phase: "data" }],
    [
      "5xx to the dot",
      { ".": "552 5.2.2 full" },
      { class: "soft", code: 552, enhanced: "5.2.2", phase: "message" },
    ],
    [
      "4xx to the dot",
      { ".": "452 4.3.1 later" },
      { class: "soft", code: 452, enhanced: "4.3.1", phase: "message" },
    ],
    [
      "421 to the dot",
      { ".": "421 4.3.2 closing" },
      { class: "busy", code: 421, enhanced: "4.3.2", phase: "message" },
    ],
    [
      "503 to RCPT",
      { RCPT: "503 bad sequence" },
      { class: "soft", code: 503, enhanced: null, phase: "rcpt" },
    ],
    [
      "no reply at all to the dot",
      { ".": "612 what" },
      { class: "unknown", code: 612, enhanced: null, phase: "message" },
    ],
    [
      "5xx to MAIL",
      { MAIL: "530 5.7.0 log in" },
      { class: "sender", code: 530, enhanced: "5.7.0", phase: "mail" },
    ],
    [
      "5xx greeting",
      { greeting: "554 go away" },
      { class: "sender", code: 554, enhanced: null, phase: "connect" },
    ],
    [
      "many lines",
      { RCPT: "550-5.1.1 no\r\n550 5.1.1 such" },
      { class: "recipient", code: 550, enhanced: "5.1.1", phase: "rcpt" },
    ],
  ] as const)("refused: %s", async (_name, script, expected) => {
    const server = await scriptedServer(script);
    const outcome = await openTransport(server.url).send(message(), { beforeDot: now });
    expect(brief(outcome)).toEqual({ kind: "refused", ...expected });
  });

  it("refused: a wrong password is our fault, not the reader's", async () => {
    const server = await scriptedServer({ EHLO: "250-stub\r\n250 AUTH PLAIN", AUTH: "535 5.7.8 wrong" });
    const url = server.url.replace("//", "//user:secret@");
    const outcome = await openTransport(url).send(message(), { beforeDot: now });
    expect(brief(outcome)).toEqual({
      kind: "refused",
      class: "sender",
      code: 535,
      enhanced: "5.7.8",
      phase: "auth",
    });
    expect(JSON.stringify(outcome)).not.toContain("secret");
  });

  it.each([
    ["before the dot", { RCPT: (socket: Socket) => socket.destroy() }, false],
    ["after the dot", { ".": (socket: Socket) => socket.destroy() }, true],
    ["after the dot, politely", { ".": (socket: Socket) => socket.end() }, true],
    ["within the answer to the dot", { ".": (socket: Socket) => socket.end("250 2.0.0 O") }, true],
  ])("lost: the connection drops %s", async (_name, script, dotted) => {
    const server = await scriptedServer(script);
    const outcome = await openTransport(server.url).send(message("d1", 100_000), { beforeDot: now });
    expect(outcome).toMatchObject({ kind: "lost", dotted, error: expect.any(Error) });
  });

  it("lost: the connection drops in the body, while the mark is made", async () => {
    const dropped = deferred();
    const body = (socket: Socket) => {
      socket.destroy();
      dropped.resolve();
    };
    const server = await scriptedServer({ body });
    const outcome = await openTransport(server.url).send(message("d1", 100_000), {
      beforeDot: () => dropped.promise,
    });
    expect(outcome).toMatchObject({ kind: "lost", dotted: false });
    expect(server.seen).not.toContain(".");
  });

  it("lost: the system refuses the dot, before anything here has heard that the connection is gone", async () => {
    let relay: Socket | undefined;
    const server = await scriptedServer({
      DATA: (socket) => {
        relay = socket;
        socket.write("354 go\r\n");
      },
    });
    const outcome = await openTransport(server.url).send(message("d1", 1), {
      beforeDot: async () => void relay?.resetAndDestroy(),
    });
    expect(outcome).toMatchObject({ kind: "lost", dotted: false });
  });

  it("lost: the connection is refused, or no answer comes in time", async () => {
    expect(await openTransport("smtp://127.0.0.1:1").send(message(), { beforeDot: now })).toMatchObject({
      kind: "lost",
      dotted: false,
    });
    const mute = await scriptedServer({ ".": () => {} });
    const shortTimeout = openTransport(mute.url, { timeouts: { socket: 50 } });
    expect(await shortTimeout.send(message(), { beforeDot: now })).toMatchObject({
      kind: "lost",
      dotted: true,
    });
  });

  it("lost after the dot is sent once and never again, by anyone", async () => {
    const server = await scriptedServer({ ".": (socket) => socket.destroy() });
    const transport = openTransport(server.url, { connections: 1 });
    const outcomes = [
      await transport.send(message("d1"), { beforeDot: now }),
      await transport.send(message("d2"), { beforeDot: now }),
    ];
    expect(outcomes).toMatchObject([
      { kind: "lost", dotted: true },
      { kind: "lost", dotted: true },
    ]);
    expect(server.seen.filter((command) => command === ".")).toHaveLength(2);
  });

  it.each([
    ["says 421", (socket: Socket) => socket.write("421 4.7.0 enough for one connection\r\n")],
    ["is gone", (socket: Socket) => socket.destroy()],
  ])(
    "a message of which nothing was read moves to a fresh connection when the old one %s",
    async (_name, end) => {
      let messages = 0;
      const server = await scriptedServer({
        MAIL: (socket) => {
          messages += 1;
          if (messages === 2) end(socket);
          else socket.write("250 ok\r\n");
        },
      });
      const transport = openTransport(server.url, { connections: 1 });
      for (const id of ["d1", "d2"]) {
        expect((await transport.send(message(id), { beforeDot: now })).kind).toBe("submitted");
      }
      expect(server.seen.filter((command) => command === ".")).toHaveLength(2);
    },
  );
});

describe("a transport", () => {
  it("reuses its connections", async () => {
    const server = await smtpServer();
    const transport = openTransport(server.url, { connections: 2 });
    await Promise.all(
      Array.from({ length: 20 }, (_, id) => transport.send(message(`d${id}`), { beforeDot: now })),
    );
    expect(server.received).toHaveLength(20);
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  it("lets a message in flight finish when it is closed", async () => {
    const server = await smtpServer();
    const transport = openTransport(server.url);
    const marker = deferred();
    const reached = deferred();
    const sending = transport.send(message(), {
      beforeDot: () => {
        reached.resolve();
        return marker.promise;
      },
    });
    await reached.promise;
    const closing = transport.close();
    marker.resolve();
    await closing;
    expect((await sending).kind).toBe("submitted");
    expect(await transport.send(message(), { beforeDot: now })).toMatchObject({
      kind: "lost",
      dotted: false,
    });
  });

  it("verifies that the relay can be reached", async () => {
    const server = await smtpServer();
    await openTransport(server.url).verify();
    await expect(openTransport("smtp://127.0.0.1:1").verify()).rejects.toThrow(/ECONNREFUSED/);
  });

  it.each(["", "localhost:25", "http://localhost", "smtp://"])(
    "refuses %j as address of a relay",
    (smtpUrl) => {
      expect(() => openTransport(smtpUrl)).toThrow(/smtp:\/\/host:port/);
    },
  );
});

function deferred() {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe("a relay's SIZE", () => {
  const sizeOf = (args: unknown) => Number((args as Record<string, string>).SIZE);

  it.each([
    ["unsigned", {}],
    ["signed", { dkim: generateDkimKeys("paperboy.example", new Date("2026-11-24")) }],
  ])("is told how large a mail is, to the octet (%s)", async (_name, settings) => {
    const told: number[] = [];
    const taken: number[] = [];
    const server = await smtpServer({
      size: 10_000_000,
      onMailFrom({ args }, _session, done) {
        told.push(sizeOf(args));
        done();
      },
      onData(stream, _session, done) {
        stream.resume().on("end", () => {
          taken.push(stream.byteLength);
          done();
        });
      },
    });
    const transport = openTransport(server.url, settings);
    for (const words of [1, 2_000])
      expect((await transport.send(message("d1", words), { beforeDot: now })).kind).toBe("submitted");
    expect(told).toEqual(taken);
    expect(told[1]).toBeGreaterThan(20_000);
  });

  it("keeps a mail that is larger back, says why, and keeps the connection", async () => {
    const server = await smtpServer({ size: 5_000 });
    const transport = openTransport(server.url, { connections: 1 });
    let asked = 0;
    const outcome = await transport.send(message("d1", 2_000), { beforeDot: async () => void asked++ });
    expect(outcome).toMatchObject({
      kind: "refused",
      class: "message",
      code: 552,
      enhanced: "5.3.4",
      response: expect.stringContaining("larger than the 5000 bytes that the relay takes"),
    });
    expect(asked).toBe(0);
    expect((await transport.send(message("d2", 1), { beforeDot: now })).kind).toBe("submitted");
    expect([server.received.length, server.connections()]).toEqual([1, 1]);
  });

  it.each(["250 SIZE", "250 SIZE 0", "250 stub"])(
    "that gives no number refuses nothing: %s",
    async (answer) => {
      const server = await scriptedServer({ EHLO: `250-stub\r\n${answer}` });
      const transport = openTransport(server.url);
      expect((await transport.send(message(), { beforeDot: now })).kind).toBe("submitted");
    },
  );

  it("that is only told at MAIL FROM is about the mail, not about us", async () => {
    const server = await scriptedServer({ EHLO: "250-stub\r\n250 SIZE", MAIL: "552 5.3.4 too large" });
    const outcome = await openTransport(server.url).send(message(), { beforeDot: now });
    expect(outcome).toMatchObject({ kind: "refused", class: "message", code: 552, phase: "mail" });
  });
});
