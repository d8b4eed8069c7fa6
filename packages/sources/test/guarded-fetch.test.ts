import type { Socket } from "node:net";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { closers, closing, fetcher, fetchOne, reason, serve } from "./local-servers.ts";

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

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
