import { checkDeliverability, dkimRecord, generateDkimKeys, type Resolver } from "@paperboy/mail";
import { describe, expect, it } from "vitest";

const keys = generateDkimKeys("example.org", new Date("2026-11-24"));
const missing = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));
const zone = (
  txt: Readonly<Record<string, readonly string[]>>,
  mx: readonly string[] = ["mx.example.org"],
): Resolver => ({
  // Long records come in pieces.
  resolveTxt: async (name) => txt[name]?.map((text) => text.match(/.{1,200}/g) ?? []) ?? missing("ENOTFOUND"),
  resolveMx: async () => (mx.length > 0 ? mx.map((exchange) => ({ exchange })) : missing("ENODATA")),
});
const good = {
  "example.org": ["v=spf1 include:relay.example -all", "unrelated"],
  "_dmarc.example.org": ["v=DMARC1; p=reject"],
  ...Object.fromEntries(keys.map(dkimRecord).map(({ name, value }) => [name, [value]])),
};
const input = {
  from: "digest@example.org",
  envelopeDomain: "example.org",
  publicUrl: "https://papers.example.org",
  dkim: keys,
};
const levels = async (resolver: Resolver, more = {}) => {
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
    const empty = zone({}, []);
    expect(await levels(empty)).toMatchObject({ spf: "error", dkim: "error", dmarc: "error", mx: "warning" });
    expect(await says("dkim", empty)).toContain(
      `${keys[0].selector}._domainkey.example.org: v=DKIM1; k=rsa; p=`,
    );
    expect(await says("spf", empty)).toContain("publish TXT at example.org");
    expect(await says("dmarc", empty)).toContain("_dmarc.example.org");
  });
  it.each([
    ["two SPF records", "spf", { "example.org": ["v=spf1 -all", "v=spf1 ~all"] }, "only one"],
    ["an SPF record for everybody", "spf", { "example.org": ["v=spf1 +all"] }, "everybody"],
    ["an open SPF record", "spf", { "example.org": ["v=spf1 mx"] }, "-all"],
    ["a revoked key", "dkim", { [dkimRecord(keys[0]).name]: ["v=DKIM1; p="] }, "revoked"],
    ["another key", "dkim", { [dkimRecord(keys[0]).name]: ["v=DKIM1; p=AAAA"] }, "another key"],
  ])("%s", async (_name, check, records, words) => {
    expect(await says(check, zone({ ...good, ...records }))).toContain(words);
  });
  it("takes the policy of the domain above", async () => {
    const checks = await levels(zone(good), { from: "digest@papers.example.org" });
    expect(checks).toMatchObject({ dmarc: "ok", alignment: "ok" });
  });
  it("is not aligned, not signed, not https", async () => {
    const more = { from: "a@elsewhere.test", dkim: [], publicUrl: "http://papers.example.org" };
    expect(await levels(zone(good), more)).toMatchObject({
      alignment: "error",
      dkim: "error",
      https: "error",
    });
  });
  it("cannot be asked: a warning, not an error", async () => {
    const away: Resolver = { resolveTxt: () => missing("ESERVFAIL"), resolveMx: () => missing("ETIMEOUT") };
    expect(await levels(away)).toMatchObject({
      spf: "warning",
      dkim: "warning",
      dmarc: "warning",
      mx: "warning",
    });
  });
});
