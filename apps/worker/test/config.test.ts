import { SettingError } from "@paperboy/core";
import { SECRET_KEYS } from "@paperboy/harness/secret";
import { generateDkimKeys } from "@paperboy/mail";
import { readWorkerConfig } from "@paperboy/worker";
import { describe, expect, it } from "vitest";

const ENV = {
  DATABASE_URL: "postgresql://paperboy@127.0.0.1/paperboy",
  SMTP_URL: "smtp://127.0.0.1:25",
  PUBLIC_URL: "https://papers.example.org",
  MAIL_FROM: "Paperboy <digest@example.org>",
  SECRET_KEYS,
};
const [rsa, ed] = generateDkimKeys("example.org", new Date("2026-11-24"));
const read = (more: Record<string, string>) => readWorkerConfig({ ...ENV, ...more });

describe("DKIM settings", () => {
  it("may hold an old key beside a new one, on one line each, and an Ed25519 key beside them", () => {
    const { dkim } = read({
      DKIM_DOMAIN: "example.org",
      DKIM_SELECTOR: "old, new",
      DKIM_PRIVATE_KEY: `${rsa.privateKey.replaceAll("\n", "\\n")}\n${ed.privateKey}`,
      DKIM_ED25519_SELECTOR: "ed",
      DKIM_ED25519_PRIVATE_KEY: ed.privateKey,
    });
    expect(dkim.map(({ selector, privateKey }) => [selector, privateKey.trim()])).toEqual([
      ["old", rsa.privateKey.trim()],
      ["new", ed.privateKey.trim()],
      ["ed", ed.privateKey.trim()],
    ]);
  });

  it.each([
    [{ DKIM_DOMAIN: "example.org" }, /DKIM_SELECTOR is not set/],
    [{ DKIM_ED25519_SELECTOR: "ed", DKIM_ED25519_PRIVATE_KEY: "x" }, /DKIM_DOMAIN is not set/],
    [
      { DKIM_DOMAIN: "example.org", DKIM_SELECTOR: "a,b", DKIM_PRIVATE_KEY: rsa.privateKey },
      /DKIM_PRIVATE_KEY holds 1 PEM private keys for 2 selectors/,
    ],
    [
      { DKIM_DOMAIN: "example.org", DKIM_SELECTOR: "a", DKIM_PRIVATE_KEY: "no key" },
      /DKIM_PRIVATE_KEY holds 0/,
    ],
  ])("that are half made are refused by name: %#", (more, named) => {
    expect(() => read(more as Record<string, string>)).toThrow(SettingError);
    expect(() => read(more as Record<string, string>)).toThrow(named);
  });
});

describe("other settings", () => {
  it.each([
    [{ SMTP_PACE: "fast" }, /SMTP_PACE: 'fast'/],
    [{ SMTP_WARM_UP_FROM: "yesterday" }, /SMTP_WARM_UP_FROM/],
    [{ MAX_LATENESS_HOURS: "0" }, /MAX_LATENESS_HOURS/],
    [{ RETAIN_DELIVERIES_DAYS: "7" }, /RETAIN_DELIVERIES_DAYS/],
    [{ UNKNOWN_POLICY: "guess" }, /UNKNOWN_POLICY must be hold or retry/],
    [{ MAIL_FROM: "nobody" }, /MAIL_FROM/],
  ])("are refused by name: %j", (more, named) => {
    expect(() => read(more as Record<string, string>)).toThrow(named);
  });

  it("have values of their own when nothing is said", () => {
    expect(read({})).toMatchObject({
      unknownPolicy: "hold",
      maxLatenessMs: 72 * 3_600_000,
      retention: { digests: 400, deliveries: 400, requests: 30, unsubscribed: 365, runs: 90 },
      dkim: [],
    });
    expect(read({}).paces.size).toBe(0);
  });
});
