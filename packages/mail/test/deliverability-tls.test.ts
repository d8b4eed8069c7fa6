import { DAY_MS } from "@paperboy/core";
import { checkTls } from "@paperboy/mail";
import { describe, expect, it } from "vitest";
import { type Certificate, selfSigned } from "./certificate.ts";
import { scriptedServer, smtpServer } from "./smtp-stub.ts";

const now = new Date();
const inDays = (days: number) => new Date(now.getTime() + days * DAY_MS);
const made = (from: number, until: number, names = ["relay.example"]) =>
  selfSigned({ names, from: inDays(from), until: inDays(until) });

/** The URL of a relay with this certificate, which the client trusts when `trusted`. */
async function relay(
  certificate: Certificate,
  { secure = false, trusted = true, name = "relay.example", more = {}, user = "" } = {},
) {
  const { url } = await smtpServer({ ...certificate, secure, disabledCommands: ["AUTH"] });
  const settings = new URLSearchParams({
    "tls.servername": name,
    ...(trusted && { "tls.ca": certificate.cert }),
    ...more,
  });
  return `${url.replace("smtp://", `${secure ? "smtps" : "smtp"}://${user}`)}/?${settings}`;
}
const looked = async (url: string, at = now) => {
  const { level, says } = await checkTls(url, at);
  return `${level}: ${says}`;
};

describe("the way to the relay", () => {
  it("is protected by STARTTLS, or from the start", async () => {
    const certificate = made(-1, 90.5);
    expect(await looked(await relay(certificate))).toMatch(
      /^ok: TLSv1\.[23] by STARTTLS, certificate for relay\.example until \d{4}-\d\d-\d\d \(90 days\); \?requireTLS/,
    );
    expect(await looked(await relay(certificate, { secure: true }))).toMatch(
      /^ok: TLSv1\.[23] from the start.*\(90 days\)$/,
    );
    expect(await looked(await relay(certificate, { more: { requireTLS: "true" } }))).toMatch(
      /^ok: .*days\)$/,
    );
  });
  it("has a certificate that soon expires", async () => {
    expect(await looked(await relay(made(-80, 13.5)))).toMatch(/^warning: .*expires in 13 days, on .*renew/);
    expect(await looked(await relay(made(-80, 14.5)))).toMatch(/^ok/);
  });
  it("has a certificate that has expired", async () => {
    for (const secure of [false, true])
      expect(await looked(await relay(made(-90, -1), { secure }))).toMatch(/^error: .*expired on .*renew/);
  });
  it("has a certificate for somebody else", async () => {
    const url = await relay(made(-1, 90, ["other.example", "third.example"]));
    expect(await looked(url)).toMatch(
      /^error: .*for other\.example, third\.example and not for relay\.example/,
    );
  });
  it("has a certificate that nobody vouches for", async () => {
    const url = await relay(made(-1, 90), { trusted: false });
    expect(await looked(url)).toMatch(/^error: .*not believed \(.*SELF_SIGNED.*NODE_EXTRA_CA_CERTS/);
  });
  it("has a bad certificate that the operator told us to take", async () => {
    const more = { "tls.rejectUnauthorized": "false" };
    expect(await looked(await relay(made(-90, -1), { trusted: false, more }))).toMatch(/^warning: .*expired/);
  });
  it("is in the clear: an error with credentials, a warning without", async () => {
    const { url } = await smtpServer();
    expect(await looked(url)).toMatch(
      /^warning: .*offers no STARTTLS, so mails cross the network in the clear/,
    );
    const signedIn = url.replace("smtp://", "smtp://user:secret@");
    const told = await looked(signedIn);
    expect(told).toMatch(/^error: .*user and password cross the network in the clear/);
    expect(told).not.toContain("secret");
    const ignoring = await relay(made(-1, 90), { user: "user:pass@", more: { ignoreTLS: "true" } });
    expect(await looked(ignoring)).toMatch(/^error: SMTP_URL says ignoreTLS/);
  });
  it("is refused where TLS is required, or STARTTLS breaks", async () => {
    const { url } = await smtpServer();
    expect(await looked(`${url}/?requireTLS=true`)).toMatch(/^error: no TLS with 127\.0\.0\.1:\d+/);
    const broken = await scriptedServer({
      EHLO: (socket) => socket.write("250-stub\r\n250 STARTTLS\r\n"),
      STAR: "454 not now",
    });
    expect(await looked(broken.url)).toMatch(/^error: no TLS with .*454 not now/);
  });
  it("speaks another TLS than the URL says", async () => {
    const { url } = await smtpServer();
    expect(await looked(url.replace("smtp:", "smtps:"))).toMatch(/write smtp:\/\/ in SMTP_URL/);
  });
  it("cannot be looked at when nobody is there", async () => {
    expect(await looked("smtp://127.0.0.1:1")).toMatch(
      /^warning: could not be looked at: the connection to 127\.0\.0\.1:1 is refused/,
    );
    expect(await looked("smtp://relay.invalid")).toMatch(
      /^warning: could not be looked at: relay\.invalid is not found/,
    );
  });
});
