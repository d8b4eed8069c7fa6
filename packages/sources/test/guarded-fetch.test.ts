import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createSocketServer, type Socket } from "node:net";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { createFetcher, type FetcherOptions, type FetchRequest, refuseAddress } from "@paperboy/sources";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { arxivHostPolicy } from "../src/arxiv/policy.ts";
import { followHops } from "../src/http/hops.ts";
import { pinnedLookup } from "../src/http/pinned-lookup.ts";
import { createHostQueue } from "../src/http/politeness.ts";
import { nextHop } from "../src/http/url-guard.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listen(server: Server | ReturnType<typeof createSocketServer>, host = "127.0.0.1", port = 0) {
  await new Promise<void>((done) => server.listen(port, host, done));
  return (server.address() as AddressInfo).port;
}

async function serve(handler: RequestListener, host = "127.0.0.1", port = 0): Promise<string> {
  const server = createServer(handler);
  const bound = await listen(server, host, port);
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  return `http://${host}:${bound}`;
}

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

function fetcher(options: Partial<FetcherOptions> = {}) {
  const made = createFetcher({
    userAgent: "Paperboy/1 (+mailto:ops@example.org)",
    allowPrivate: true,
    ...options,
  });
  closers.push(() => made.close());
  return made;
}

const fetchOne = (request: FetchRequest | string, options: Partial<FetcherOptions> = {}) =>
  fetcher(options).fetch(typeof request === "string" ? { url: request } : request);

const at = (...addresses: string[]) =>
  addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
const withName = (base: string, name: string) => base.replace("127.0.0.1", name);
/** Not `once`, to which a reset is an error. */
const closing = (socket: Socket) => new Promise((done) => socket.once("close", done));
const reason = (text: string) => expect.stringContaining(text);

describe("a fetch", () => {
  it("says who asks, and gives body, validators and the server's clock", async () => {
    const base = await serve((req, res) => {
      res.setHeader("etag", '"v1"').setHeader("content-type", "application/rss+xml; charset=utf-8");
      res.setHeader("last-modified", "Mon, 23 Nov 2026 07:00:00 GMT");
      res.setHeader("date", "Tue, 24 Nov 2026 07:00:00 GMT");
      res.end(`<rss>${req.headers["user-agent"]}</rss>`);
    });
    expect(await fetchOne({ url: `${base}/feed`, accept: ["application/rss+xml"] })).toEqual({
      kind: "ok",
      status: 200,
      url: `${base}/feed`,
      body: Buffer.from("<rss>Paperboy/1 (+mailto:ops@example.org)</rss>"),
      contentType: "application/rss+xml; charset=utf-8",
      etag: '"v1"',
      lastModified: "Mon, 23 Nov 2026 07:00:00 GMT",
      date: new Date("2026-11-24T07:00:00Z"),
    });
  });

  it("sends validators and learns that nothing changed", async () => {
    const base = await serve((req, res) => {
      const { "if-none-match": etag, "if-modified-since": since } = req.headers;
      res.statusCode = etag === '"v1"' && since === "Mon, 23 Nov 2026 07:00:00 GMT" ? 304 : 200;
      res.end();
    });
    const known = { etag: '"v1"', lastModified: "Mon, 23 Nov 2026 07:00:00 GMT" };
    expect(await fetchOne({ url: base, ...known })).toMatchObject({ kind: "unchanged", status: 304 });
    expect(await fetchOne({ url: base })).toMatchObject({ kind: "ok" });
  });

  it("leaves out a validator that no header can carry", async () => {
    const base = await serve((req, res) => res.end(req.headers["if-none-match"] ?? "none"));
    expect(await fetchOne({ url: base, etag: '"a\r\nx: y"' })).toMatchObject({ body: Buffer.from("none") });
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
    ["gzip, br", (text: string) => brotliCompressSync(gzipSync(text))],
    ["identity", (text: string) => Buffer.from(text)],
  ] as const)("unpacks %s", async (encoding, pack) => {
    const base = await serve((_req, res) => res.setHeader("content-encoding", encoding).end(pack("hello")));
    expect(await fetchOne(base)).toMatchObject({ kind: "ok", body: Buffer.from("hello") });
  });

  const feed = `\n<?xml version="1.0"?><rss version="2.0"><channel><title>c</title></channel></rss>`;
  const plain = () => Buffer.from(feed);

  it.each<[string, () => Buffer]>([
    ["UTF-8", plain],
    ["none", plain],
    ["gzip", plain],
    ["deflate", plain],
    ["br", plain],
    ["zstd", () => Buffer.from(`{"version": 1}`)],
    ["x-custom, gzip", () => gzipSync(feed)],
    ["deflate", () => deflateRawSync(feed)],
    ["deflate", () => deflateRawSync(`{"a": ${"7".repeat(1_000)}}`)],
    ["deflate", () => deflateSync(feed, { windowBits: 9 })],
    ["utf-8", () => gzipSync(feed)],
    ["", () => gzipSync(feed)],
    ["utf-8", () => Buffer.from(`\ufeff${feed}`, "utf16le")],
  ])("takes what is sent for what it is, said to be packed as %j (%#)", async (encoding, body) => {
    const base = await serve((_req, res) => res.setHeader("content-encoding", encoding).end(body()));
    const outcome = await fetchOne(base);
    expect(outcome).toMatchObject({ kind: "ok" });
    const text = outcome.kind === "ok" ? outcome.body.toString() : "";
    expect(text).toMatch(/[<{\0]/);
    expect(text).not.toContain("\u001f");
  });

  const XML = ["application/xml", "text/xml"];
  it.each<[string, readonly string[], string, boolean]>([
    ["application/octet-stream", XML, feed, true],
    ["text/html; charset=utf-8", XML, feed, true],
    ["text/html", XML, `${" ".repeat(200)}<feed xmlns="http://www.w3.org/2005/Atom"/>`, true],
    ["application/unknown", ["application/json"], `[{"id": 1}]`, true],
    ["application/octet-stream", ["application/json"], feed, false],
    ["application/octet-stream", XML, `{"a": 1}`, false],
    ["text/html", XML, "<!DOCTYPE html><html><p>Sign in</p></html>", false],
    ["image/png", XML, "\u0089PNG", false],
    ["application/octet-stream", XML, "", false],
  ])("sent as %s, asked for as %j, is judged by how it begins: %j", async (type, accept, body, isTaken) => {
    const base = await serve((_req, res) => res.setHeader("content-type", type).end(body));
    expect(await fetchOne({ url: base, accept })).toMatchObject({ kind: isTaken ? "ok" : "refused" });
  });

  it("is judged by how it begins also when that comes in pieces", async () => {
    const base = await serve((_req, res) => {
      res.setHeader("content-type", "application/octet-stream").write("\n<");
      setImmediate(() => res.end(feed.trim().slice(1)));
    });
    expect(await fetchOne({ url: base, accept: XML })).toMatchObject({ kind: "ok" });
  });

  it.each([
    [429, "120", 120],
    [503, "Tue, 24 Nov 2026 07:05:00 GMT", 300],
    [429, "99999999", 86_400],
    [429, "Tue, 24 Nov 2026 06:00:00 GMT", 0],
    [503, "soon 1", null],
    [429, undefined, null],
  ])("is told by a %i to wait: %s", async (status, retryAfter, seconds) => {
    const now = new Date("2026-11-24T07:00:00Z");
    const base = await serve((_req, res) => {
      if (retryAfter !== undefined) res.setHeader("retry-after", retryAfter);
      res.writeHead(status).end();
    });
    const retryAt = seconds === null ? null : new Date(now.getTime() + seconds * 1000);
    expect(await fetchOne(base, { now: () => now })).toEqual({
      kind: "busy",
      status,
      reason: reason(String(status)),
      retryAt,
    });
  });

  it("gives the beginning of an answer that is no success", async () => {
    const body = gzipSync(`malformed id${" ".repeat(100_000)}`);
    const base = await serve((_req, res) =>
      res.writeHead(400, { "content-encoding": "gzip", "content-type": "text/html" }).end(body),
    );
    const outcome = await fetchOne(base);
    expect(outcome).toMatchObject({ kind: "failed", status: 400, reason: "400 Bad Request" });
    expect(outcome.kind === "failed" && outcome.body.length).toBe(65_536);
    expect(outcome.kind === "failed" && outcome.body.toString().trim()).toBe("malformed id");
  });

  it.each([
    [404, "404 Not Found"],
    [206, "206 Partial Content"],
    [302, "302 Found"],
    [500, "500 Internal Server Error"],
  ])("fails with %i", async (status, text) => {
    const base = await serve((_req, res) => res.writeHead(status).end("x"));
    expect(await fetchOne(base)).toEqual({ kind: "failed", status, reason: text, body: Buffer.from("x") });
  });

  it("takes only what is expected", async () => {
    const base = await serve((_req, res) =>
      res.setHeader("content-type", "Text/HTML; charset=utf-8").end("<html>"),
    );
    expect(await fetchOne(base)).toMatchObject({ kind: "refused", reason: reason("text/html") });
    expect(await fetchOne({ url: base, accept: ["application/json"] })).toEqual({
      kind: "refused",
      reason: "expected application/json, found text/html",
    });
    expect(await fetchOne({ url: base, accept: ["text/html"] })).toMatchObject({ kind: "ok" });
  });

  it("is not sent when it was given up before, and ends when it is given up", async () => {
    let asked = 0;
    const stop = new AbortController();
    const base = await serve(() => {
      asked += 1;
      stop.abort();
    });
    const given = { kind: "lost", reason: "it was told to stop" };
    expect(await fetchOne({ url: base, signal: stop.signal })).toEqual(given);
    expect(await fetchOne({ url: base, signal: stop.signal })).toEqual(given);
    expect(asked).toBe(1);
  });
});

describe("connections", () => {
  it("are one for each origin, closed at the end", async () => {
    const sockets = new Set<Socket>();
    const base = await serve((req, res) => {
      sockets.add(req.socket);
      res.end("x");
    });
    const one = fetcher();
    await one.fetch({ url: base });
    const together = await Promise.all([1, 2, 3].map(() => one.fetch({ url: base })));
    expect(together.map(({ kind }) => kind)).toEqual(["ok", "ok", "ok"]);
    expect(sockets.size).toBe(1);
    const closed = Promise.all([...sockets].map(closing));
    await one.close();
    await closed;
    expect(await one.fetch({ url: base })).toEqual({ kind: "lost", reason: "the fetcher is closed" });
  });

  it.each([
    [{ "content-type": "text/html" }, "expected"],
    [{ "content-encoding": "gzip, gzip, gzip" }, "packed 3 times"],
    [{ "content-encoding": "zstd" }, "zstd"],
    [{ "content-length": "99999999999" }, "larger than"],
  ])("are cut when the answer is refused: %j", async (headers, text) => {
    const gone: Promise<unknown>[] = [];
    const base = await serve((req, res) => {
      gone.push(closing(req.socket));
      res.writeHead(200, headers).write("x");
    });
    const one = fetcher();
    for (const _ of [1, 2])
      expect(await one.fetch({ url: base })).toEqual({ kind: "refused", reason: reason(text) });
    expect(gone).toHaveLength(2);
    await Promise.all(gone);
  });

  it("keep no cookies", async () => {
    const cookies: unknown[] = [];
    const base = await serve((req, res) => {
      cookies.push(req.headers.cookie);
      if (req.url === "/") res.writeHead(302, { location: "/b", "set-cookie": "a=1" });
      res.end();
    });
    const one = fetcher();
    for (const _ of [1, 2]) await one.fetch({ url: `${base}/` });
    expect(cookies).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describe("a redirect", () => {
  it("is followed, five times at most", async () => {
    const base = await serve((req, res) => {
      const left = Number(req.url?.slice(1));
      if (left > 0) res.writeHead(302, { location: `/${left - 1}` });
      res.end("here");
    });
    expect(await fetchOne(`${base}/5`)).toMatchObject({ kind: "ok", url: `${base}/0` });
    expect(await fetchOne(`${base}/6`)).toEqual({ kind: "refused", reason: "more than 5 redirects" });
  });

  it("in a circle ends", async () => {
    const base = await serve((_req, res) => res.writeHead(301, { location: "/" }).end());
    expect(await fetchOne(base)).toEqual({ kind: "refused", reason: "more than 5 redirects" });
  });

  it.each([
    ["file:///etc/passwd", "only https and http"],
    ["http://user:secret@127.0.0.1/", "user name"],
    ["http://127.0.0.1:25/", "port 25"],
    ["http://[", "no web address"],
  ])("to %s is refused even where private addresses are not", async (location, text) => {
    const base = await serve((_req, res) => res.writeHead(302, { location }).end());
    expect(await fetchOne(base)).toEqual({ kind: "refused", reason: reason(text) });
  });

  it.each([
    ["https://169.254.169.254/latest/meta-data", "169.254.169.254 is not a public address"],
    ["https://[::1]:8080/", "::1 is not a public address"],
    ["https://2130706433/", "127.0.0.1 is not a public address"],
    ["https://db.internal./", "db.internal. is a name of this machine"],
    ["http://arxiv.org/", "from https to http"],
  ])("from a public server to %s asks nobody", async (location, text) => {
    const asked: string[] = [];
    const ask = async (url: string) => {
      asked.push(url);
      return { statusCode: 302, headers: { location }, body: { dump: async () => null } };
    };
    const rules = { ask, userAgent: "Paperboy/1", allowPrivate: false, redirects: 5 };
    await expect(followHops({ url: "https://feeds.example.org/" }, rules)).rejects.toThrow(text);
    expect(asked).toEqual(["https://feeds.example.org/"]);
  });

  it("gives up no encryption", () => {
    expect(() => nextHop("https://a.example/x", "http://a.example/y")).toThrow("from https to http");
    expect(nextHop("https://a.example/x/", "//b.example/y")).toBe("https://b.example/y");
    expect(nextHop("http://a.example/x/", "https://a.example/y")).toBe("https://a.example/y");
  });

  it("takes what the caller sent to no other origin, nor back", async () => {
    const seen: unknown[] = [];
    const there = await serve((req, res) => {
      seen.push(req.headers.authorization);
      res.writeHead(302, { location: `${here}/back` }).end();
    });
    const here = await serve((req, res) => {
      seen.push(req.headers.authorization);
      const location = { "/": "/same", "/same": there }[req.url ?? ""];
      res.writeHead(location ? 302 : 200, location ? { location } : {}).end();
    });
    await fetchOne({ url: `${here}/`, headers: { Authorization: "Bearer s" } });
    expect(seen).toEqual(["Bearer s", "Bearer s", undefined, undefined]);
  });
});

describe("names and addresses", () => {
  it.each([
    ["http://169.254.169.254/latest/meta-data", "169.254.169.254 is not a public address"],
    ["http://[::1]:8080/", "::1 is not"],
    ["http://[::ffff:127.0.0.1]/", "leads to 127.0.0.1"],
    ["http://[::ffff:7f00:1]/", "leads to 127.0.0.1"],
    ["http://0x7f000001/", "127.0.0.1"],
    ["http://017700000001/", "127.0.0.1"],
    ["http://127.1/", "127.0.0.1"],
    ["http://127.0.0.1./", "127.0.0.1"],
    ["http://localhost:5432/", "localhost"],
    ["http://LOCALHOST./", "localhost."],
    ["http://%6cocalhost/", "localhost"],
    ["http://a.localhost/", "a.localhost"],
    ["http://printer.local./", "printer.local."],
    ["http://metadata.google.internal/", "metadata.google.internal"],
    ["file:///etc/passwd", "only https and http"],
    ["ftp://example.org/", "only https and http"],
    ["http://user:secret@example.org/", "user name or password"],
    ["http://example.org:25/", "port 25"],
    ["http://example.org:0/", "port 0"],
    ["not an address", "no web address"],
  ])("%s is refused, and no name server asked", async (url, text) => {
    const asked: string[] = [];
    const resolve = async (name: string) => {
      asked.push(name);
      return [];
    };
    const outcome = await fetchOne(url, { allowPrivate: false, resolve });
    expect(outcome).toEqual({ kind: "refused", reason: reason(text) });
    expect(asked).toEqual([]);
  });

  it.each([
    [["10.0.0.1"]],
    [["93.184.216.34", "192.168.1.1"]],
    [["2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::7f00:1"]],
    [["fe80::1%eth0"]],
    [["nonsense"]],
  ])("a public name that leads to %j is refused", async (addresses) => {
    const outcome = await fetchOne("http://feeds.example.org/", {
      allowPrivate: false,
      resolve: async () => at(...addresses),
    });
    expect(outcome).toEqual({ kind: "refused", reason: reason("feeds.example.org: ") });
  });

  it("a name is asked for once, and the connection goes to the answer under that name", async () => {
    const base = await serve((req, res) => res.end(`here ${req.headers.host}`), "127.0.0.2");
    const { port } = new URL(base);
    await serve((_req, res) => res.end("elsewhere"), "127.0.0.1", Number(port));
    const answers = [at("127.0.0.2"), at("127.0.0.1")];
    const asked: string[] = [];
    const resolve = async (name: string) => {
      asked.push(name);
      return answers.shift() ?? [];
    };
    const outcome = await fetchOne(`http://feeds.example.org:${port}/`, { resolve });
    expect(outcome).toMatchObject({ kind: "ok", body: Buffer.from(`here feeds.example.org:${port}`) });
    expect(asked).toEqual(["feeds.example.org"]);
  });

  it("an answer that turns private between check and connect does not get through", async () => {
    const answers = [at("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"), at("127.0.0.1")];
    const lookup = pinnedLookup(async () => answers.shift() ?? [], false);
    const connectTo = () =>
      new Promise((done, failed) =>
        lookup("rebind.example.org", { all: true }, (error, addresses) =>
          error ? failed(error) : done(addresses),
        ),
      );
    expect(await connectTo()).toEqual(at("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"));
    expect(answers).toHaveLength(1);
    await expect(connectTo()).rejects.toThrow("rebind.example.org: 127.0.0.1 is not a public address");
  });

  it("what changes while it is read is judged as it is connected to", async () => {
    const reads = ["93.184.216.34", "127.0.0.1"];
    const shifty = Object.defineProperty({ address: "", family: 4 }, "address", { get: () => reads.shift() });
    const lookup = pinnedLookup(async () => [shifty], false);
    const given = await new Promise((done) =>
      lookup("rebind.example.org", { all: true }, (_, list) => done(list)),
    );
    expect(given).toEqual(at("93.184.216.34"));
  });

  it("a public name that leads here reaches no server here", async () => {
    let hits = 0;
    const base = await serve((_req, res) => {
      hits += 1;
      res.end("inside");
    });
    let asked = 0;
    const resolve = async () => {
      asked += 1;
      return at("127.0.0.1");
    };
    const outcome = await fetchOne(withName(base, "feeds.example.org"), { allowPrivate: false, resolve });
    expect({ outcome: outcome.kind, hits, asked }).toEqual({ outcome: "refused", hits: 0, asked: 1 });
  });
});

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

describe("addresses", () => {
  it.each([
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.0",
    "172.32.0.1",
    "198.20.0.1",
    "2606:2800:220:1:248:1893:25c8:1946",
    "::ffff:93.184.216.34",
    "64:ff9b::5db8:d822",
  ])("%s is public", (address) => expect(refuseAddress(address)).toBeNull());

  const kept: [string, number][] = [
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
    ["172.16.0.0", 12],
    ["192.0.0.0", 24],
    ["192.0.2.0", 24],
    ["192.168.0.0", 16],
    ["198.18.0.0", 15],
    ["198.51.100.0", 24],
    ["203.0.113.0", 24],
    ["224.0.0.0", 4],
    ["240.0.0.0", 4],
  ];
  const numberOf = (address: string) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const bytesOf = (number: number) => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255);
  const hexOf = (number: number) => `${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}`;

  it.each(kept)("in %s/%i are not, however they are written into IPv6", (network, length) => {
    const size = 2 ** (32 - length);
    const edge = fc.constantFrom(0, size - 1);
    fc.assert(
      fc.property(fc.oneof(edge, fc.integer({ min: 0, max: size - 1 })), (offset) => {
        const number = numberOf(network) + offset;
        const [hex, dotted] = [hexOf(number), bytesOf(number).join(".")];
        const forms = [
          dotted,
          `::ffff:${dotted}`,
          `::ffff:${hex}`,
          `::${hex}`,
          `::ffff:0:${hex}`,
          `64:ff9b::${hex}`,
          `64:ff9b:1::${hex}`,
          `2002:${hex}::1`,
          `2001:0:${hex}::1`,
        ];
        expect(forms.filter((form) => refuseAddress(form) === null)).toEqual([]);
      }),
    );
  });

  it.each([
    "::",
    "::1",
    "100::1",
    "64:ff9b:1::808:808",
    "2001:2::1",
    "2001:db8::1",
    "2002:808:808::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fdff::1",
    "fe80::1",
    "fe80::1%eth0",
    "2606:2800::1%eth0",
    "fec0::1",
    "ff02::1",
    "0x7f.1",
    "127.1",
    "nonsense",
    "",
  ])("%s is not", (address) => expect(refuseAddress(address)).not.toBeNull());

  it("inside IPv6 are judged like themselves", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (number) => {
        const plain = refuseAddress(bytesOf(number).join(".")) === null;
        expect(refuseAddress(`::ffff:${hexOf(number)}`) === null).toBe(plain);
        expect(refuseAddress(`64:ff9b::${hexOf(number)}`) === null).toBe(plain);
      }),
    );
  });
});

describe("a host queue", () => {
  function clock() {
    let time = 0;
    const waits: number[] = [];
    const wait = async (milliseconds: number) => {
      waits.push(milliseconds);
      time += milliseconds;
    };
    return { now: () => new Date(time), wait, waits, pass: (milliseconds: number) => (time += milliseconds) };
  }

  it("runs one call at a time, and keeps the gap from the end of one to the start of the next", async () => {
    const { now, wait, pass } = clock();
    const paced = createHostQueue({ minGapMs: 3_000 }, now, wait);
    const log: string[] = [];
    const call = (name: string, takes: number) => async () => {
      log.push(`${name} starts at ${now().getTime()}`);
      await Promise.resolve();
      pass(takes);
      log.push(`${name} ends at ${now().getTime()}`);
      return name;
    };
    const results = await Promise.all([paced(call("a", 500)), paced(call("b", 0)), paced(call("c", 0))]);
    expect(results).toEqual(["a", "b", "c"]);
    expect(log).toEqual([
      "a starts at 0",
      "a ends at 500",
      "b starts at 3500",
      "b ends at 3500",
      "c starts at 6500",
      "c ends at 6500",
    ]);
  });

  it("waits for what is left of the gap only, also after a failure and when the clock is set back", async () => {
    const { now, wait, waits, pass } = clock();
    const paced = createHostQueue({ minGapMs: 3_000 }, now, wait);
    await expect(paced(() => Promise.reject(new Error("lost")))).rejects.toThrow("lost");
    pass(2_000);
    await paced(async () => {});
    pass(5_000);
    await paced(async () => {});
    pass(-60_000);
    await paced(async () => {});
    expect(waits).toEqual([1_000, 3_000]);
  });
});

describe("a host with a policy", () => {
  /** A server under any name, a clock that only waiting moves, and what happened when. */
  async function paced(handler: RequestListener) {
    let time = 0;
    const log: string[] = [];
    const base = await serve((req, res) => {
      log.push(`${req.headers.host?.split(":")[0]}${req.url} at ${time}`);
      handler(req, res);
    });
    const one = fetcher({
      resolve: async () => at("127.0.0.1"),
      hostPolicies: [{ hosts: /(?:^|\.)slow\.test$/, minGapMs: 3_000 }],
      now: () => new Date(time),
      wait: async (milliseconds) => {
        time += milliseconds;
      },
    });
    return { one, log, named: (name: string, path: string) => `${withName(base, name)}${path}` };
  }

  it("gets one request at a time, three seconds apart, under all of its names together", async () => {
    let open = 0;
    let most = 0;
    const { one, log, named } = await paced((_req, res) => {
      most = Math.max(most, ++open);
      setImmediate(() => {
        open--;
        res.end();
      });
    });
    const urls = [
      named("api.slow.test", "/1"),
      named("rss.slow.test", "/2"),
      named("slow.test", "/3"),
      named("quick.test", "/4"),
    ];
    const outcomes = await Promise.all(urls.map((url) => one.fetch({ url })));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["ok", "ok", "ok", "ok"]);
    expect(log.filter((line) => !line.startsWith("quick"))).toEqual([
      "api.slow.test/1 at 0",
      "rss.slow.test/2 at 3000",
      "slow.test/3 at 6000",
    ]);
    expect(log).toHaveLength(4);
    expect(most).toBeLessThanOrEqual(2);
  });

  it("is given its pause before each redirect, too, wherever that comes from", async () => {
    const { one, log, named } = await paced((req, res) => {
      const next = { "/a": "/b", "/self": "/self", "/out": named("api.slow.test", "/c") }[req.url ?? ""];
      res.writeHead(next ? 302 : 200, next ? { location: next } : {}).end();
    });
    await one.fetch({ url: named("api.slow.test", "/a") });
    await one.fetch({ url: named("quick.test", "/out") });
    expect(log).toEqual([
      "api.slow.test/a at 0",
      "api.slow.test/b at 3000",
      "quick.test/out at 3000",
      "api.slow.test/c at 6000",
    ]);
    expect(await one.fetch({ url: named("slow.test", "/self") })).toMatchObject({ kind: "refused" });
    expect(log.slice(4).map((line) => Number(line.split(" at ")[1]) % 3_000)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(new Set(log.slice(3)).size).toBe(7);
  });

  it("keeps nobody waiting who is told to stop", async () => {
    let asked = 0;
    const base = await serve((_req, res) => {
      asked++;
      res.end();
    });
    const one = fetcher({
      hostPolicies: [{ hosts: /^127\.0\.0\.1$/, minGapMs: 3_000 }],
      wait: () => new Promise(() => undefined),
    });
    await one.fetch({ url: base });
    const controller = new AbortController();
    const waiting = one.fetch({ url: base, signal: controller.signal });
    controller.abort();
    expect(await waiting).toEqual({ kind: "lost", reason: "it was told to stop" });
    expect(asked).toBe(1);
  });

  it.each(["export.arxiv.org", "rss.arxiv.org", "oaipmh.arxiv.org", "arxiv.org"])("%s is arXiv", (host) =>
    expect(arxivHostPolicy().hosts.test(host)).toBe(true),
  );
  it.each(["arxiv.org.example.net", "notarxiv.org", "huggingface.co"])("%s is not", (host) =>
    expect(arxivHostPolicy().hosts.test(host)).toBe(false),
  );
});
