import { checkRelay, generateDkimKeys, sendTestMail } from "@paperboy/mail";
import { describe, expect, it } from "vitest";
import { selfSigned } from "./certificate.ts";
import { scriptedServer, smtpServer } from "./smtp-stub.ts";

const looked = async (
  url: string,
  dkim = generateDkimKeys("example.org", new Date("2026-11-24")).slice(0, 0),
) => {
  const { level, says } = await checkRelay(url, dkim);
  expect(says).not.toMatch(/\n|secret/);
  return `${level}: ${says}`;
};

describe("signing in at the relay", () => {
  it("works", async () => {
    const { url } = await smtpServer();
    expect(await looked(url)).toBe(`ok: ${new URL(url).host}`);
  });
  it("is refused", async () => {
    const { url } = await smtpServer({
      disabledCommands: ["STARTTLS"],
      onAuth: (_auth, _session, done) => done(new Error("Who are you?")),
    });
    expect(await looked(url.replace("smtp://", "smtp://user:secret@"))).toMatch(
      /^error: 127\.0\.0\.1:\d+ refuses the user or the password in SMTP_URL: 535 .*Who are you/,
    );
  });
  it("fails with what to do about it", async () => {
    const closed = await scriptedServer({ greeting: "554 go away" });
    expect(await looked(closed.url)).toMatch(/^error: .* answered 554 go away/);
    const dropped = await scriptedServer({ greeting: (socket) => socket.destroy() });
    expect(await looked(dropped.url)).toMatch(/^error: no session with .*check host and port in SMTP_URL/);
    expect(await looked("smtp://127.0.0.1:1")).toMatch(
      /^error: the connection to 127\.0\.0\.1:1 is refused: check/,
    );
    expect(await looked("smtp://relay.invalid")).toMatch(/^error: relay\.invalid is not found: check/);
  });
  it("meets a certificate that is not accepted", async () => {
    const names = ["relay.example"];
    const at = (days: number) => new Date(Date.now() + days * 86_400_000);
    const certificate = selfSigned({ names, from: at(-1), until: at(90) });
    const { url } = await smtpServer({ ...certificate, disabledCommands: ["AUTH"] });
    expect(await looked(url)).toMatch(/^error: the certificate of .* is not accepted \(.*self-signed/);
  });
  it("wants a key that can sign", async () => {
    const { url } = await smtpServer();
    const dkim = [{ domain: "example.org", selector: "s", privateKey: "none" }];
    expect(await looked(url, dkim)).toMatch(/^error: .*not a readable PEM/);
  });
});

describe("a test mail", () => {
  const mail = {
    id: "0b8ab0b4-1d1c-4c3b-9d0a-3f6f1a2f9d10",
    from: { name: "Papers", address: "papers@example.org" },
    to: "ada@example.net",
    date: new Date("2026-11-24T07:00:00Z"),
    publicUrl: "https://papers.example.org/?a=1&b=<2>",
  };
  it("goes out signed, with the headers of a digest but those of a list", async () => {
    const { url, received } = await smtpServer();
    const dkim = generateDkimKeys("example.org", mail.date);
    const returnPath = "bounces+1@bounces.example.org";
    const { level, says } = await sendTestMail({ smtpUrl: url, dkim }, { ...mail, returnPath });
    expect(level).toBe("ok");
    expect(says).toMatch(
      /^the relay took the mail to ada@example\.net \(250 .*\)\..*Authentication-Results.*dkim=pass/,
    );
    expect(received).toHaveLength(1);
    const [{ raw, from, to } = { raw: "", from: "", to: [] }] = received;
    expect({ from, to }).toEqual({ from: returnPath, to: [mail.to] });
    expect(raw.match(/^DKIM-Signature:/gm)).toHaveLength(2);
    for (const header of [
      `Message-ID: <${mail.id}@example.org>`,
      "Auto-Submitted: auto-generated",
      "Feedback-ID: test:paperboy",
    ])
      expect(raw).toContain(header);
    expect(raw).not.toMatch(/^List-/im);
    expect(raw).toContain("Authentication-Results");
    expect(raw.slice(raw.indexOf("text/html"))).toContain("&lt;2&gt;");
  });
  it.each([
    ["the sender", "MAIL", "550 5.7.1 not you", /at MAIL FROM: 550 5\.7\.1 not you/],
    ["the recipient", "RCPT", "550 5.1.1 nobody", /at RCPT TO: 550 5\.1\.1 nobody/],
    ["the content", ".", "554 5.7.1 spam", /at the end of the message: 554 5\.7\.1 spam/],
  ])("is refused for %s", async (_name, command, answer, words) => {
    const { url } = await scriptedServer({ [command]: answer });
    const { level, says } = await sendTestMail({ smtpUrl: url }, mail);
    expect(level).toBe("error");
    expect(says).toMatch(words);
  });
  it("is not sent when nobody is there, and may be out when the answer is lost", async () => {
    expect(await sendTestMail({ smtpUrl: "smtp://127.0.0.1:1" }, mail)).toMatchObject({
      level: "error",
      says: expect.stringMatching(/was not sent: the connection to .* is refused/),
    });
    const { url } = await scriptedServer({ ".": (socket) => socket.destroy() });
    expect(await sendTestMail({ smtpUrl: url }, mail)).toMatchObject({
      level: "error",
      says: expect.stringMatching(/see whether it arrived/),
    });
  });
});
