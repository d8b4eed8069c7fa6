import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createSocketServer } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { createFetcher, type FetcherOptions, refuseAddress } from "@paperboy/sources";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(handler: RequestListener): Promise<string> {
  const server: Server = createServer(handler);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function fetcher(options: Partial<FetcherOptions> = {}) {
  const made = createFetcher({
    userAgent: "Paperboy/1 (+mailto:ops@example.org)",
    allowPrivate: true,
    ...options,
  });
  closers.push(() => made.close());
  return made;
}

describe("a fetch", () => {
  it("says who asks, and gives body and validators", async () => {
    const base = await serve((req, res) => {
      res.setHeader("etag", '"v1"').setHeader("content-type", "application/rss+xml; charset=utf-8");
      res.end(`<rss>${req.headers["user-agent"]}</rss>`);
    });
    const outcome = await fetcher().fetch({ url: `${base}/feed`, accept: ["application/rss+xml"] });
    expect(outcome).toMatchObject({ kind: "ok", etag: '"v1"' });
    expect(outcome.kind === "ok" && outcome.body.toString()).toContain("ops@example.org");
  });

  it("sends validators and learns that nothing changed", async () => {
    const base = await serve((req, res) => {
      res.statusCode = req.headers["if-none-match"] === '"v1"' ? 304 : 200;
      res.end();
    });
    expect(await fetcher().fetch({ url: base, etag: '"v1"' })).toEqual({ kind: "unchanged" });
  });

  it.each([
    ["gzip", gzipSync],
    ["br", brotliCompressSync],
  ] as const)("unpacks %s", async (encoding, pack) => {
    const base = await serve((_req, res) => {
      res.setHeader("content-encoding", encoding);
      res.end(pack("hello"));
    });
    const outcome = await fetcher().fetch({ url: base });
    expect(outcome.kind === "ok" && outcome.body.toString()).toBe("hello");
  });

  it("waits as long as it is told, in seconds or until a date", async () => {
    const now = new Date("2026-11-24T07:00:00Z");
    const answers = ["120", "Tue, 24 Nov 2026 07:05:00 GMT", "99999999", "soon"];
    const base = await serve((req, res) => {
      res.statusCode = 429;
      res.setHeader("retry-after", answers[Number(req.url?.slice(1))] ?? "");
      res.end();
    });
    const guarded = fetcher({ now: () => now });
    const waits = [];
    for (const n of [0, 1, 2, 3]) {
      const outcome = await guarded.fetch({ url: `${base}/${n}` });
      waits.push(
        outcome.kind === "busy" && outcome.retryAt && (outcome.retryAt.getTime() - now.getTime()) / 1000,
      );
    }
    expect(waits).toEqual([120, 300, 86_400, null]);
  });

  it("gives the beginning of an answer that is no success", async () => {
    const base = await serve((_req, res) => {
      res.statusCode = 400;
      res.end("malformed id");
    });
    const outcome = await fetcher().fetch({ url: base });
    expect(outcome).toMatchObject({ kind: "failed", status: 400 });
    expect(outcome.kind === "failed" && outcome.body.toString()).toBe("malformed id");
  });

  it("follows redirects, each of them judged", async () => {
    const base = await serve((req, res) => {
      const to: Record<string, string> = {
        "/a": "/b",
        "/meta": "http://169.254.169.254/latest",
        "/loop": "/loop",
        "/v6": "http://[::1]:1/",
      };
      const location = to[req.url ?? ""];
      if (location) res.writeHead(302, { location });
      res.end("here");
    });
    expect(await fetcher().fetch({ url: `${base}/a` })).toMatchObject({ kind: "ok", url: `${base}/b` });
    expect(await fetcher().fetch({ url: `${base}/loop` })).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("redirects"),
    });
  });

  it.each([
    ["http://169.254.169.254/latest/meta-data"],
    ["http://[::1]:8080/"],
    ["http://[::ffff:127.0.0.1]/"],
    ["http://0x7f000001/"],
    ["http://127.1/"],
    ["http://localhost:5432/"],
    ["http://printer.local./"],
    ["file:///etc/passwd"],
    ["ftp://example.org/"],
    ["http://user:secret@example.org/"],
    ["not an address"],
  ])("refuses %s, asking no name server", async (url) => {
    const asked: string[] = [];
    const resolve = async (name: string) => {
      asked.push(name);
      return [];
    };
    expect(await fetcher({ allowPrivate: false, resolve }).fetch({ url })).toMatchObject({ kind: "refused" });
    expect(asked).toEqual([]);
  });

  it("refuses a public name that leads inside, and one with an inside address among others", async () => {
    for (const addresses of [["10.0.0.1"], ["93.184.216.34", "192.168.1.1"], ["64:ff9b::7f00:1"]]) {
      const resolve = async () =>
        addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
      const outcome = await fetcher({ allowPrivate: false, resolve }).fetch({
        url: "http://feeds.example.org/",
      });
      expect(outcome).toMatchObject({
        kind: "refused",
        reason: expect.stringContaining("not a public address"),
      });
    }
  });

  it("resolves a name once for a connection, and connects to what it judged", async () => {
    const base = await serve((_req, res) => res.end("inside"));
    const answers = [[{ address: "192.0.2.1", family: 4 }], [{ address: "127.0.0.1", family: 4 }]];
    let asked = 0;
    const resolve = async () => answers[asked++] ?? [];
    const url = base.replace("127.0.0.1", "rebind.example.org");
    const outcome = await fetcher({ allowPrivate: false, resolve }).fetch({ url });
    expect(outcome.kind).toBe("refused");
    expect(asked).toBe(1);
  });
});

describe("a hostile server", () => {
  it("sends a gzip bomb", async () => {
    const bomb = gzipSync(Buffer.alloc(60 * 2 ** 20));
    const base = await serve((_req, res) => {
      res.setHeader("content-encoding", "gzip");
      res.end(bomb);
    });
    expect(await fetcher().fetch({ url: base })).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("unpacks"),
    });
  });

  it("sends without end", async () => {
    const base = await serve((_req, res) => {
      const chunk = Buffer.alloc(65_536, 97);
      const more = () => {
        while (!res.destroyed && res.write(chunk));
      };
      res.on("drain", more);
      more();
    });
    const outcome = await fetcher({ limits: { packedBytes: 2 ** 20 } }).fetch({ url: base });
    expect(outcome).toEqual({ kind: "refused", reason: "larger than 1 MB" });
  });

  it("sends so slowly that the whole takes too long", async () => {
    const base = await serve((_req, res) => {
      const drip = setInterval(() => res.write("a"), 10);
      res.on("close", () => clearInterval(drip));
    });
    const outcome = await fetcher({ limits: { totalMs: 200 } }).fetch({ url: base });
    expect(outcome).toMatchObject({ kind: "lost", reason: expect.stringContaining("longer than") });
  });

  it("never answers", async () => {
    const base = await serve(() => {});
    const outcome = await fetcher({ limits: { totalMs: 150 } }).fetch({ url: base });
    expect(outcome.kind).toBe("lost");
  });

  it("sends a page instead of a feed", async () => {
    const base = await serve((_req, res) => res.setHeader("content-type", "text/html").end("<html>"));
    expect(await fetcher().fetch({ url: base })).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("text/html"),
    });
  });

  it("packs many times over", async () => {
    const base = await serve((_req, res) => res.setHeader("content-encoding", "gzip, gzip, gzip").end("x"));
    expect(await fetcher().fetch({ url: base })).toMatchObject({ kind: "refused" });
  });

  it.each([
    ["HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort"],
    ["HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n\u001f"],
    ["nonsense\r\n\r\n"],
    [""],
  ])("cuts the answer short: %j", async (answer) => {
    const server = createSocketServer((socket) => socket.once("data", () => socket.end(answer)));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    closers.push(() => new Promise((done) => server.close(done)));
    const { port } = server.address() as AddressInfo;
    expect((await fetcher().fetch({ url: `http://127.0.0.1:${port}/` })).kind).toBe("lost");
  });
});

describe("addresses", () => {
  it.each([
    "93.184.216.34",
    "2606:2800:220:1:248:1893:25c8:1946",
    "::ffff:93.184.216.34",
    "64:ff9b::5db8:d822",
  ])("%s is public", (address) => expect(refuseAddress(address)).toBeNull());
  it.each([
    "0.0.0.0",
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "::",
    "::1",
    "fc00::1",
    "fe80::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:0:1::",
    "2001:db8::1",
    "nonsense",
  ])("%s is not", (address) => expect(refuseAddress(address)).not.toBeNull());

  it("inside IPv6 are judged like themselves", () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(byte, byte, byte, byte, (...bytes) => {
        const plain = refuseAddress(bytes.join(".")) === null;
        expect(refuseAddress(`::ffff:${bytes.join(".")}`) === null).toBe(plain);
      }),
    );
  });
});
