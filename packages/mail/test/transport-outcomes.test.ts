import type { Socket } from "node:net";
import type { SendOutcome } from "@paperboy/core";
import { deferred } from "@paperboy/harness/deferred";
import { describe, expect, it } from "vitest";
import { message, now } from "./large-message.ts";
import { openTransport, scriptedServer, smtpServer } from "./smtp-stub.ts";

const brief = ({ kind, ...rest }: SendOutcome) => ({ kind, ...rest, error: undefined, response: undefined });

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
