import { afterEach, describe, expect, it } from "vitest";
import { followHops } from "../src/http/hops.ts";
import { pinnedLookup } from "../src/http/pinned-lookup.ts";
import { nextHop } from "../src/http/url-guard.ts";
import { at, closers, fetchOne, reason, serve, withName } from "./local-servers.ts";

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
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
