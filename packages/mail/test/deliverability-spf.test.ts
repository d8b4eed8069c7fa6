import { checkDeliverability } from "@paperboy/mail";
import { describe, expect, it } from "vitest";
import { missing, type Records, zone } from "./zone.ts";

const OURS = "smtp://mail.example.org:25";
const THEIRS = "smtps://user:pass@smtp.relay.test";
const a = {
  "mail.example.org": ["192.0.2.7"],
  "smtp.relay.test": ["198.51.100.4"],
  "example.org": ["203.0.113.1"],
};

/** What is said of the SPF record of example.org, with the relay at `smtpUrl`. */
async function spf(
  record: string | readonly string[],
  smtpUrl: string | undefined = OURS,
  more: Records = {},
) {
  const resolver = zone({ a, ...more, txt: { "example.org": [record].flat(), ...more.txt } });
  const { level, says } = await ask(resolver, smtpUrl);
  return `${level}: ${says}`;
}

async function ask(resolver: ReturnType<typeof zone>, smtpUrl: string | undefined) {
  const input = {
    from: "digest@example.org",
    envelopeDomain: "example.org",
    publicUrl: "https://papers.example.org",
    dkim: [],
    ...(smtpUrl !== undefined && { smtpUrl }),
  };
  const found = (await checkDeliverability(input, resolver)).find(({ name }) => name === "spf");
  return found ?? { level: "none", says: "" };
}

describe("an SPF record", () => {
  it.each<[string, string, Records]>([
    ["ip4", "v=spf1 ip4:192.0.2.0/24 -all", {}],
    ["a", "v=spf1 a:mail.example.org ~all", {}],
    ["mx", "v=spf1 mx -all", { mx: { "example.org": ["mail.example.org"] } }],
    [
      "include",
      "v=spf1 include:_spf.example.net -all",
      { txt: { "_spf.example.net": ["v=spf1 ip4:192.0.2.7 -all"] } },
    ],
    [
      "redirect",
      "v=spf1 redirect=_spf.example.net",
      { txt: { "_spf.example.net": ["v=spf1 ip4:192.0.2.7 -all"] } },
    ],
    ["a macro", "v=spf1 exists:%{ir}.%{d} -all", { a: { ...a, "7.2.0.192.example.org": ["127.0.0.2"] } }],
  ])("covers the relay by %s", async (_name, record, more) => {
    expect(await spf(record, OURS, more)).toMatch(/^ok: .*covers mail\.example\.org$/);
  });
  it("covers an IPv6 address as well, or does not", async () => {
    const aaaa = { "mail.example.org": ["2001:db8::7"] };
    const both = "v=spf1 ip4:192.0.2.7 ip6:2001:db8::/32 -all";
    expect(await spf(both, OURS, { aaaa })).toMatch(/^ok/);
    expect(await spf("v=spf1 ip4:192.0.2.7 -all", OURS, { aaaa })).toMatch(
      /^error: .*does not cover mail\.example\.org \(2001:db8::7\): add a:mail\.example\.org/,
    );
  });
  it("leaves out a relay of ours: an error that says what to add", async () => {
    expect(await spf("v=spf1 a -all")).toMatch(/^error: .*\(192\.0\.2\.7\): add a:mail\.example\.org/);
  });
  it("leaves out somebody else's relay, which may send from elsewhere: a warning", async () => {
    expect(await spf("v=spf1 mx -all", THEIRS)).toMatch(/^warning: .*ask its operator which include:/);
    expect(await spf("v=spf1 ip4:198.51.100.0/24 -all", THEIRS)).toMatch(/^ok/);
  });
  it("cannot be judged by an address inside one's own network", async () => {
    const inside = { a: { "mail.example.org": ["10.0.0.5"] } };
    expect(await spf("v=spf1 ip4:192.0.2.7 -all", OURS, inside)).toMatch(/^warning: .*cannot be told/);
  });
  it("is told what it costs", async () => {
    const txt = { "x.test": ["v=spf1 a mx -all"] };
    expect(await spf("v=spf1 include:x.test ip4:192.0.2.7 -all", OURS, { txt })).toContain(
      "(3 of 10 look-ups)",
    );
  });
});

describe("an SPF record is useless", () => {
  it("when there is none, or two", async () => {
    expect(await spf([])).toMatch(/^error: publish TXT at example\.org: v=spf1 a:mail\.example\.org -all$/);
    expect(await spf([], THEIRS)).toContain("v=spf1 include:<what your relay names> -all");
    expect(await spf(["v=spf1 -all", "v=spf1 ~all"])).toMatch(/^error: .*only one/);
  });
  it("with more than ten look-ups, even if the relay comes first", async () => {
    const names = Array.from({ length: 11 }, (_, n) => `n${n}.test`);
    const txt = Object.fromEntries(names.map((name) => [name, ["v=spf1 ip4:203.0.113.9 -all"]]));
    const record = (count: number) =>
      `v=spf1 ip4:192.0.2.7 ${names
        .slice(0, count)
        .map((name) => `include:${name}`)
        .join(" ")} -all`;
    expect(await spf(record(10), OURS, { txt })).toMatch(/^ok: .*\(10 of 10 look-ups\)/);
    expect(await spf(record(11), OURS, { txt })).toMatch(/^error: .*more than 10 DNS look-ups.*4\.6\.4/);
  });
  it("when it goes in circles", async () => {
    expect(await spf("v=spf1 include:example.org -all")).toMatch(/^error: .*more than 10 DNS look-ups/);
  });
  it("when it lets anyone send, itself or by what it includes", async () => {
    expect(await spf("v=spf1 +all")).toMatch(/^error: .*anyone/);
    const txt = { "x.test": ["v=spf1 all"] };
    expect(await spf("v=spf1 include:x.test -all", OURS, { txt })).toMatch(/^error: .*anyone/);
  });
  it("when it says nothing of others", async () => {
    expect(await spf("v=spf1 a:mail.example.org")).toMatch(/^warning: .*-all/);
  });
  it.each([
    ["v=spf1 ipv4:192.0.2.7 -all", /^error: .*ipv4.*repair/],
    ["v=spf1 include:nowhere.test -all", /^error: .*nowhere\.test.*repair/],
  ])("when it cannot be read: %s", async (record, words) => {
    expect(await spf(record)).toMatch(words);
  });
});

it("one part of which has no answer could not be asked, and counts neither way", async () => {
  const txt = { "example.org": ["v=spf1 include:slow.test -all"] };
  const known = zone({ a, txt });
  const resolver = {
    ...known,
    resolveTxt: (name: string) => (name === "slow.test" ? missing("ESERVFAIL") : known.resolveTxt(name)),
  };
  expect(await ask(resolver, OURS)).toMatchObject({
    level: "warning",
    says: expect.stringMatching(/^could not be asked: .*SERVFAIL/),
  });
});
