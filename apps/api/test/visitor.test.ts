import express, { type Request } from "express";
import fc from "fast-check";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import type { ApiConfig } from "../src/config.ts";
import { configureVisitors, isLocalUrl, visitorOf, warnOfUnknownProxy } from "../src/http/visitor.ts";

const LOCAL = "http://localhost:3000";
const PUBLIC = "https://papers.example.org";

/** A request as Express shows it, from `peer`. */
function request(
  peer: string,
  {
    publicUrl = PUBLIC,
    trustProxy = false as ApiConfig["trustProxy"],
    headers = {} as Record<string, string>,
  },
): Request {
  const app = express();
  configureVisitors(app, { publicUrl, trustProxy } as ApiConfig);
  const raw = { app, headers, socket: { remoteAddress: peer }, connection: { remoteAddress: peer } };
  return Object.setPrototypeOf(raw, app.request);
}

describe("a visitor", () => {
  it.each([
    ["198.51.100.7", "198.51.100.7", "198.51.100.7"],
    ["::ffff:198.51.100.7", "198.51.100.7", "198.51.100.7"],
    ["::ffff:c633:6407", "198.51.100.7", "198.51.100.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["fe80::1%eth0", "fe80::1", "fe80::/64"],
  ])("at %s is %s, counted as %s", (peer, address, network) => {
    expect(visitorOf(request(peer, {}))).toMatchObject({ address, network });
  });

  it("with any IPv6 address of one /64 is counted as one, and one of another /64 is not", () => {
    const groups = fc.array(fc.nat(0xffff), { minLength: 4, maxLength: 4 });
    const text = (parts: readonly number[]) => parts.map((part) => part.toString(16)).join(":");
    fc.assert(
      fc.property(groups, groups, groups, (head, tail, other) => {
        const network = (...parts: readonly number[][]) => visitorOf(request(text(parts.flat()), {})).network;
        const first = [0x2001, ...head.slice(1)];
        expect(network(first, tail)).toBe(network(first, other));
        expect(network(first, tail) === network([0x2002, ...head.slice(1)], tail)).toBe(false);
      }),
    );
  });

  it.each([
    ["127.0.0.1", LOCAL, true],
    ["::ffff:127.0.0.1", LOCAL, true],
    ["::1", "http://127.0.0.1:3000", true],
    ["127.0.0.1", PUBLIC, false],
    ["::1", PUBLIC, false],
    ["198.51.100.7", LOCAL, false],
    ["172.18.0.1", LOCAL, false],
  ])("at %s of %s is this machine: %s", (peer, publicUrl, expected) => {
    expect(visitorOf(request(peer, { publicUrl })).isThisMachine).toBe(expected);
  });

  it.each([
    ["172.18.0.1", LOCAL, true],
    ["::ffff:192.168.1.4", LOCAL, true],
    ["fd00::4", LOCAL, true],
    ["172.18.0.1", PUBLIC, false],
    ["198.51.100.7", LOCAL, false],
    ["2001:db8::1", LOCAL, false],
  ])("at %s of %s is nearby: %s", (peer, publicUrl, expected) => {
    expect(visitorOf(request(peer, { publicUrl })).isNearby).toBe(expected);
  });

  it("behind a proxy that was not declared is not this machine; behind a declared one they are who it names", () => {
    const headers = { "x-forwarded-for": "203.0.113.9" };
    const unknown = visitorOf(request("127.0.0.1", { publicUrl: LOCAL, headers }));
    expect(unknown).toMatchObject({ address: "127.0.0.1", isThisMachine: false, isNearby: false });
    const known = visitorOf(request("127.0.0.1", { headers, trustProxy: 1 }));
    expect(known).toMatchObject({ address: "203.0.113.9", isThisMachine: false });
  });

  it("whose connection is gone is nobody in particular", () => {
    const gone = request("", {});
    expect(visitorOf(gone)).toEqual({
      address: null,
      network: "unknown",
      isThisMachine: false,
      isNearby: false,
    });
  });
});

it("tells local addresses of the service from others", () => {
  for (const url of [LOCAL, "http://paperboy.localhost/x", "http://[::1]:1/", "http://127.8.0.1"])
    expect([url, isLocalUrl(url)]).toEqual([url, true]);
  for (const url of [
    PUBLIC,
    "http://192.168.0.2",
    "http://127.0.0.1.example.org",
    "http://localhost.example.org",
  ])
    expect([url, isLocalUrl(url)]).toEqual([url, false]);
});

it("says once what to set when a proxy was not declared", () => {
  const lines: string[] = [];
  const logger = pino({ level: "warn" }, { write: (line: string) => void lines.push(line) });
  const warn = warnOfUnknownProxy(logger);
  const pass = (headers: Record<string, string>, trustProxy: ApiConfig["trustProxy"] = false) =>
    warn(request("127.0.0.1", { headers, trustProxy }), {} as never, () => {});
  pass({});
  pass({ "x-forwarded-for": "203.0.113.9" }, 1);
  expect(lines).toEqual([]);
  for (let n = 0; n < 3; n++) pass({ "x-forwarded-for": "203.0.113.9" });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("TRUST_PROXY");
});
