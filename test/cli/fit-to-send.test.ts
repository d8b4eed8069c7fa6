import { describe, expect, it } from "vitest";
import { readCliConfig, requireFitToSend } from "../../apps/cli/src/config.ts";

const FIT = {
  SMTP_URL: "smtps://user:pass@relay.example.net",
  PUBLIC_URL: "https://papers.example.org",
  MAIL_FROM: "Papers <papers@example.org>",
  DKIM_DOMAIN: "example.org",
  DKIM_SELECTOR: "s",
  DKIM_PRIVATE_KEY: "a key",
};
const UNSIGNED = { DKIM_DOMAIN: "", DKIM_SELECTOR: "", DKIM_PRIVATE_KEY: "" };
const HTTP = { PUBLIC_URL: "http://papers.example.org" };
const UNALIGNED = { DKIM_DOMAIN: "relay.example.net", BOUNCE_DOMAIN: "bounces.example.net" };
const ask = (change: Record<string, string>) => requireFitToSend(readCliConfig({ ...FIT, ...change }));

describe("mail for a relay on another machine", () => {
  it("leaves when all is well", async () => {
    await ask({});
    await ask({ DKIM_DOMAIN: "mail.example.org", MAIL_FROM: "papers@news.example.org" });
    await ask({ DKIM_DOMAIN: "relay.example.net", BOUNCE_DOMAIN: "bounces.example.org" });
  });
  it.each<[string, Record<string, string>, RegExp, string]>([
    ["plain http", HTTP, /^PUBLIC_URL is http:\/\/papers\.example\.org/, "PAPERBOY_ALLOW_HTTP"],
    ["no signature", UNSIGNED, /^DKIM_DOMAIN, .* not set/, "PAPERBOY_ALLOW_UNSIGNED"],
    [
      "a foreign signature and return path",
      UNALIGNED,
      /^MAIL_FROM is at example\.org/,
      "PAPERBOY_ALLOW_UNALIGNED",
    ],
  ])("does not leave with %s, unless allowed", async (_name, change, named, setting) => {
    await expect(ask(change)).rejects.toMatchObject({
      name: "SettingError",
      message: expect.stringMatching(named),
    });
    await expect(ask(change)).rejects.toThrow(`${setting}=1`);
    await ask({ ...change, [setting]: "1" });
    await expect(ask({ ...change, [setting]: "0" })).rejects.toThrow(named);
  });
  it("is allowed one thing at a time", async () => {
    const all = { ...HTTP, ...UNSIGNED, BOUNCE_DOMAIN: "bounces.example.net" };
    await expect(ask({ ...all, PAPERBOY_ALLOW_HTTP: "1" })).rejects.toThrow(/DKIM_DOMAIN, /);
    await expect(ask({ ...all, PAPERBOY_ALLOW_UNSIGNED: "1" })).rejects.toThrow(/PUBLIC_URL/);
    const two = { PAPERBOY_ALLOW_HTTP: "1", PAPERBOY_ALLOW_UNSIGNED: "1" };
    await expect(ask({ ...all, ...two })).rejects.toThrow(/MAIL_FROM/);
    await ask({ ...all, ...two, PAPERBOY_ALLOW_UNALIGNED: "1" });
  });
  it("is allowed with 1, and nothing else is understood", () => {
    expect(() => readCliConfig({ PAPERBOY_ALLOW_HTTP: "yes" })).toThrow(/PAPERBOY_ALLOW_HTTP must be 0 or 1/);
  });
  it.each([
    "smtp://relay",
    "smtp://localhost.example.org",
    "smtp://127.example.org",
    "smtp://10.0.0.5",
    "smtp://[fd00::1]",
  ])("is what goes to %s", async (SMTP_URL) => {
    await expect(ask({ ...HTTP, SMTP_URL })).rejects.toThrow(/PUBLIC_URL/);
  });
});

it.each([
  "",
  "smtp://127.0.0.1:1025",
  "smtp://127.8.9.1",
  "smtp://localhost",
  "smtp://LOCALHOST:25",
  "smtps://u:p@[::1]:465",
])("nothing is asked of a relay on this machine: %s", async (SMTP_URL) => {
  await requireFitToSend(readCliConfig({ SMTP_URL }));
  await requireFitToSend(readCliConfig({ SMTP_URL, ...HTTP, MAIL_FROM: "nobody" }));
});
