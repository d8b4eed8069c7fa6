import { deferred } from "@paperboy/harness/deferred";
import { describe, expect, it } from "vitest";
import { generateDkimKeys } from "../src/dkim.ts";
import { message, now } from "./large-message.ts";
import { openTransport, scriptedServer, smtpServer } from "./smtp-stub.ts";

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
