import { createServer as createSocketServer, type Socket } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { closers, closing, fetcher, fetchOne, listen, reason, serve } from "./local-servers.ts";

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A server that speaks in bytes. */
async function serveRaw(handler: (socket: Socket) => void, protocol = "http"): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createSocketServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    handler(socket);
  });
  const port = await listen(server);
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((done) => server.close(done));
  });
  return `${protocol}://127.0.0.1:${port}/`;
}

const saying = (answer: string | Buffer) =>
  serveRaw((socket) => socket.once("data", () => socket.end(answer)));

describe("a hostile or broken server", () => {
  it("sends a bomb", async () => {
    const bomb = gzipSync(Buffer.alloc(60 * 2 ** 20));
    const twice = gzipSync(gzipSync(Buffer.alloc(40 * 2 ** 20)));
    const base = await serve((req, res) => {
      res.setHeader("content-encoding", req.url === "/twice" ? "gzip, gzip" : "gzip");
      res.end(req.url === "/twice" ? twice : bomb);
    });
    for (const path of ["/", "/twice"]) {
      expect(await fetchOne(base + path)).toEqual({
        kind: "refused",
        reason: "unpacks to more than 100 times its size",
      });
      expect(await fetchOne(base + path, { limits: { ratio: 1e9 } })).toEqual({
        kind: "refused",
        reason: "unpacks to more than 32 MB",
      });
    }
  });

  it("sends much that packs well, which is no bomb below a megabyte", async () => {
    const packed = gzipSync(Buffer.alloc(2 ** 20));
    const base = await serve((_req, res) => res.setHeader("content-encoding", "gzip").end(packed));
    expect(await fetchOne(base)).toMatchObject({ kind: "ok" });
  });

  it("sends without end", async () => {
    const gone: Promise<unknown>[] = [];
    const base = await serve((req, res) => {
      gone.push(closing(req.socket));
      const chunk = Buffer.alloc(65_536, 97);
      const more = () => {
        while (!res.destroyed && res.write(chunk));
      };
      res.on("drain", more);
      more();
    });
    const outcome = await fetchOne(base, { limits: { packedBytes: 2 ** 20 } });
    expect(outcome).toEqual({ kind: "refused", reason: "larger than 1 MB" });
    await Promise.all(gone);
  });

  it("sends so slowly that the whole takes too long", async () => {
    const base = await serve((_req, res) => {
      const drip = setInterval(() => res.write("a"), 5);
      res.on("close", () => clearInterval(drip));
    });
    const outcome = await fetchOne(base, { limits: { totalMs: 200 } });
    expect(outcome).toEqual({ kind: "lost", reason: "took longer than 0.2 s" });
  });

  it("drips into a redirect, and into a request to wait", async () => {
    for (const status of [302, 429]) {
      const base = await serve((_req, res) => {
        res.writeHead(status, { location: "/" });
        const drip = setInterval(() => res.write("a"), 5);
        res.on("close", () => clearInterval(drip));
      });
      const outcome = await fetchOne(base, { limits: { totalMs: 100 } });
      expect(outcome).toEqual({ kind: "lost", reason: "took longer than 0.1 s" });
    }
  });

  it("stops sending", async () => {
    const base = await serve((_req, res) => res.write("a"));
    expect(await fetchOne(base, { limits: { idleMs: 100 } })).toEqual({
      kind: "lost",
      reason: "the server stopped sending",
    });
  });

  it("never answers", async () => {
    const base = await serve(() => {});
    expect(await fetchOne(base, { limits: { headersMs: 100 } })).toEqual({
      kind: "lost",
      reason: "the server did not answer in time",
    });
  });

  it("takes the connection and says nothing, for itself and whoever waits behind", async () => {
    const url = await serveRaw(() => {}, "https");
    const one = fetcher({ limits: { connectMs: 5_000, totalMs: 100 } });
    const outcomes = await Promise.all([one.fetch({ url }), one.fetch({ url })]);
    for (const outcome of outcomes)
      expect(outcome).toEqual({ kind: "lost", reason: "took longer than 0.1 s" });
    expect(await fetchOne(url, { limits: { connectMs: 50 } })).toEqual({
      kind: "lost",
      reason: "the connection took too long",
    });
  });

  it("has a name that nobody answers for", async () => {
    const url = "http://feeds.example.org/";
    expect(await fetchOne(url, { resolve: () => new Promise(() => {}), limits: { totalMs: 50 } })).toEqual({
      kind: "lost",
      reason: "took longer than 0.05 s",
    });
    const unknown = Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" });
    expect(await fetchOne(url, { resolve: () => Promise.reject(unknown) })).toEqual({
      kind: "lost",
      reason: "the host name is not known",
    });
    expect(await fetchOne(url, { resolve: async () => [] })).toEqual({
      kind: "lost",
      reason: "feeds.example.org has no address",
    });
  });

  it("is not there", async () => {
    const server = createSocketServer();
    const port = await listen(server);
    await new Promise((done) => server.close(done));
    const outcome = await fetchOne(`http://127.0.0.1:${port}/`);
    expect(outcome).toEqual({ kind: "lost", reason: "the connection was refused" });
  });

  it.each(["", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort"])("resets after %j", async (answer) => {
    const url = await serveRaw((socket) =>
      socket.once("data", () => socket.write(answer, () => socket.resetAndDestroy())),
    );
    expect(await fetchOne(url)).toEqual({ kind: "lost", reason: "the connection was cut" });
  });

  const packed = gzipSync("a long text that does not end ".repeat(100));
  const headed = (header: string, body: Buffer) =>
    Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${header}\r\nconnection: close\r\n\r\n`), body]);
  it.each<[string, string | Buffer, string]>([
    ["short of its length", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort", "cut"],
    ["in a chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\nshort", "cut"],
    ["between chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n", "cut"],
    ["in its last chunk", headed("transfer-encoding: chunked", Buffer.from("10\r\nshort")), "cut short"],
    ["in gzip", headed("content-encoding: gzip", packed.subarray(0, 30)), "the answer was cut short"],
    [
      "in brotli",
      headed("content-encoding: br", brotliCompressSync("a b c d e f".repeat(9)).subarray(0, 9)),
      "cut short",
    ],
    ["before it began", "", "the connection was cut"],
    ["in its header", "HTTP/1.1 200 OK\r\ncontent-le", "cut"],
  ])("cuts its answer %s", async (_where, answer, text) => {
    expect(await fetchOne(await saying(answer))).toEqual({ kind: "lost", reason: reason(text) });
  });

  it.each<[string, string | Buffer, string, string]>([
    ["no HTTP", "nonsense\r\n\r\n", "lost", "not HTTP"],
    ["no gzip", headed("content-encoding: gzip", Buffer.from("plain text")), "lost", "damaged"],
    ["no brotli", headed("content-encoding: br", Buffer.alloc(50, 0xff)), "lost", "damaged"],
    ["a header without end", headed(`x: ${"a".repeat(20_000)}`, Buffer.alloc(0)), "refused", "header"],
  ])("sends %s", async (_what, answer, kind, text) => {
    expect(await fetchOne(await saying(answer))).toEqual({ kind, reason: reason(text) });
  });
});
