import { checkDeliverability, dkimRecord, generateDkimKeys, type Resolver } from "@paperboy/mail";
import { describe, expect, it } from "vitest";
import { type Records, silent, zone } from "./zone.ts";

const keys = generateDkimKeys("example.org", new Date("2026-11-24"));
const txt = {
  "example.org": ["v=spf1 ip4:192.0.2.0/24 -all", "unrelated"],
  "_dmarc.example.org": ["v=DMARC1; p=reject"],
  ...Object.fromEntries(keys.map(dkimRecord).map(({ name, value }) => [name, [value]])),
};
const mx = { "example.org": ["mx.example.org"] };
const good: Records = { txt, mx };
const withTxt = (records: Record<string, string[]>): Resolver => zone({ mx, txt: { ...txt, ...records } });
const input = {
  from: "digest@example.org",
  envelopeDomain: "example.org",
  publicUrl: "https://papers.example.org",
  dkim: keys,
};
const levels = async (resolver: Resolver | null, more = {}) => {
  const checks = await checkDeliverability({ ...input, ...more }, resolver);
  return Object.fromEntries(checks.map(({ name, level }) => [name, level]));
};
const says = async (name: string, resolver: Resolver, more = {}) =>
  (await checkDeliverability({ ...input, ...more }, resolver)).find((check) => check.name === name)?.says;

describe("what a sender publishes", () => {
  it("is fine", async () => {
    expect(await levels(zone(good))).toEqual({
      https: "ok",
      alignment: "ok",
      spf: "ok",
      dkim: "ok",
      dmarc: "ok",
      mx: "ok",
    });
  });
  it("is missing, and the words say what to publish", async () => {
    const empty = zone({});
    expect(await levels(empty)).toMatchObject({ spf: "error", dkim: "error", dmarc: "error", mx: "warning" });
    expect(await says("dkim", empty)).toContain(
      `${keys[0].selector}._domainkey.example.org: v=DKIM1; k=rsa; p=`,
    );
    expect(await says("spf", empty)).toContain("publish TXT at example.org");
    expect(await says("dmarc", empty)).toContain("_dmarc.example.org");
  });
  it.each([
    ["a revoked key", "dkim", { [dkimRecord(keys[0]).name]: ["v=DKIM1; p="] }, "revoked"],
    ["another key", "dkim", { [dkimRecord(keys[0]).name]: ["v=DKIM1; p=AAAA"] }, "another key"],
    [
      "two policies",
      "dmarc",
      { "_dmarc.example.org": ["v=DMARC1; p=none", "v=DMARC1; p=reject"] },
      "keep one",
    ],
  ])("%s", async (_name, check, records, words) => {
    expect(await says(check, withTxt(records))).toContain(words);
  });
  it("takes the policy of the domain above", async () => {
    const checks = await levels(zone(good), { from: "digest@papers.example.org" });
    expect(checks).toMatchObject({ dmarc: "ok", alignment: "ok" });
  });
  it("is a key that cannot sign: not a question nobody answered", async () => {
    const dkim = [{ domain: "example.org", selector: "s", privateKey: "no key" }];
    expect(await levels(zone(good), { dkim })).toMatchObject({ dkim: "error" });
  });
  it("cannot be asked: a warning, not an error", async () => {
    for (const code of ["ESERVFAIL", "ETIMEOUT", "ECONNREFUSED"]) {
      const checks = await checkDeliverability({ ...input, smtpUrl: "smtp://mx.example.org" }, silent(code));
      const asked = checks.filter(({ name }) => name !== "https" && name !== "alignment");
      expect(asked.map(({ name }) => name)).toEqual(["ptr", "spf", "dkim", "dkim", "dmarc", "mx"]);
      for (const { level, says } of asked) {
        expect(level).toBe("warning");
        expect(says).toMatch(/^could not be asked: .*name server/);
      }
    }
  });
  it("is not asked without a resolver, but settings are looked at", async () => {
    expect(await levels(null, { publicUrl: "http://papers.example.org", dkim: [] })).toEqual({
      https: "error",
      alignment: "warning",
      dkim: "error",
    });
  });
});

describe("who the mail is from", () => {
  const alignment = async (from: string, signer: string | null, envelopeDomain: string) => {
    const dkim = signer === null ? [] : [{ ...keys[0], domain: signer }];
    return (await levels(null, { from, dkim, envelopeDomain })).alignment;
  };
  it.each([
    ["the domain itself", "a@example.org", "example.org", "elsewhere.test", "ok"],
    ["a domain above", "a@mail.example.org", "example.org", "elsewhere.test", "ok"],
    ["a sibling", "a@mail.example.org", "bounces.example.org", "elsewhere.test", "ok"],
    ["a sibling, by return path only", "a@mail.example.org", null, "bounces.example.org", "warning"],
    ["upper case", "a@Example.ORG", "EXAMPLE.org", "elsewhere.test", "ok"],
    ["somebody else", "a@example.org", "elsewhere.test", "elsewhere.test", "error"],
    ["neighbours under one suffix", "a@one.co.uk", "two.co.uk", "co.uk", "error"],
    ["neighbours at one host", "a@one.github.io", "two.github.io", "three.github.io", "error"],
    ["a name that only ends alike", "a@example.org", "notexample.org", "notexample.org", "error"],
  ])("is %s", async (_name, from, signer, envelopeDomain, level) => {
    expect(await alignment(from, signer, envelopeDomain)).toBe(level);
  });
  it("may be allowed, and is then only told", async () => {
    const more = { from: "a@elsewhere.test", dkim: [], publicUrl: "http://papers.example.org" };
    expect(await levels(null, more)).toEqual({ https: "error", alignment: "error", dkim: "error" });
    const allow = { https: true, alignment: true, dkim: true };
    expect(await levels(null, { ...more, allow })).toEqual({
      https: "warning",
      alignment: "warning",
      dkim: "warning",
    });
    expect(await levels(null, { ...more, allow: { dkim: true } })).toMatchObject({ https: "error" });
  });
});

describe("the names of the relay's addresses", () => {
  const a = { "mail.example.org": ["192.0.2.7"] };
  const aaaa = { "mail.example.org": ["2001:db8::7"] };
  const ptr = { "192.0.2.7": ["mail.example.org"], "2001:db8::7": ["mail.example.org"] };
  const ptrOf = async (records: Records, smtpUrl = "smtp://mail.example.org:25") => {
    const found = await checkDeliverability({ ...input, smtpUrl }, zone({ ...good, ...records }));
    const { level, says } = found.find(({ name }) => name === "ptr") ?? {};
    return { level, says };
  };
  it("lead back to them, over IPv4 and IPv6", async () => {
    expect(await ptrOf({ a, aaaa, ptr })).toMatchObject({ level: "ok" });
  });
  it("lead back in another spelling", async () => {
    const names = { "mail.example.org": ["2001:0db8:0:0::0007"], "host.example.net": ["2001:db8::7"] };
    const found = await ptrOf({ aaaa: names, ptr: { "2001:0db8:0:0::0007": ["host.example.net"] } });
    expect(found).toEqual({ level: "ok", says: "2001:0db8:0:0::0007 is host.example.net" });
  });
  it("are missing for one of them", async () => {
    const found = await ptrOf({ a, aaaa, ptr: { "192.0.2.7": ["mail.example.org"] } });
    expect(found.level).toBe("error");
    expect(found.says).toMatch(/^2001:db8::7 has no PTR record: .*mail\.example\.org$/);
  });
  it("lead elsewhere", async () => {
    const elsewhere = { ...a, "host.example.net": ["192.0.2.99"] };
    const found = await ptrOf({ a: elsewhere, ptr: { "192.0.2.7": ["host.example.net"] } });
    expect(found.level).toBe("error");
    expect(found.says).toContain("does not lead back");
    expect(found.says).toContain("A record of host.example.net");
  });
  it("are the operator's affair with a relay of others", async () => {
    const other = { "smtp.relay.test": ["192.0.2.7"] };
    const found = await ptrOf({ a: other }, "smtps://user:pass@smtp.relay.test");
    expect(found.level).toBe("warning");
    expect(found.says).toContain("its operator's affair");
    expect(await ptrOf({}, "smtp://[2001:db8::9]:25")).toMatchObject({ level: "warning" });
  });
  it("say nothing of an address inside one's own network", async () => {
    for (const address of ["10.0.0.5", "192.168.1.1", "172.31.0.1"])
      expect(await ptrOf({ a: { "mail.example.org": [address] } })).toMatchObject({
        level: "warning",
        says: expect.stringContaining("own network"),
      });
    expect(await ptrOf({ aaaa: { "mail.example.org": ["fd00::1"] } })).toMatchObject({ level: "warning" });
  });
  it("cannot be looked for when the relay has no address", async () => {
    expect(await ptrOf({})).toMatchObject({
      level: "warning",
      says: expect.stringContaining("check the host in SMTP_URL"),
    });
  });
  it("are asked over the family that answers", async () => {
    const resolver = {
      ...zone({ ...good, a, ptr }),
      resolve6: () => Promise.reject(Object.assign(new Error(), { code: "ESERVFAIL" })),
    };
    const found = await checkDeliverability({ ...input, smtpUrl: "smtp://mail.example.org" }, resolver);
    expect(found).toContainEqual({ name: "ptr", level: "ok", says: "192.0.2.7 is mail.example.org" });
  });
});
