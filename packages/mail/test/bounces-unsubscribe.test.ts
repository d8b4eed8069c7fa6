import { signLink } from "@paperboy/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readBounce } from "../src/index.ts";
import { dsn, mail, reply } from "./bounce-makers.ts";

const keys = [{ id: "k1", secret: "0123456789abcdef0123456789abcdef" }];
const token = signLink("unsubscribe", "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", keys);
const asks = (subject: string, ...headers: string[]) => readBounce(reply(subject, headers, "Thank you."));

describe("a mail that asks to unsubscribe", () => {
  test.each([
    ["as the header gives it", `unsubscribe ${token}`],
    ["answered", `Re: unsubscribe ${token}`],
    ["in capitals, folded", `UNSUBSCRIBE\r\n ${token}`],
    ["with the escape left in", `unsubscribe%20${token}`],
    ["encoded", `=?utf-8?B?${Buffer.from(`unsubscribe ${token}`).toString("base64")}?=`],
  ])("is known by its subject, %s", async (_how, subject) => {
    expect(await asks(subject)).toMatchObject({
      kind: "unsubscribe",
      unsubscribeToken: token,
      format: "none",
    });
  });

  test("may be written by a mail program of itself, and have no text", async () => {
    expect(await asks(`unsubscribe ${token}`, "Auto-Submitted: auto-generated")).toMatchObject({
      kind: "unsubscribe",
    });
    const bare = mail({ from: "reader@example.net", subject: `unsubscribe ${token}`, body: [] });
    expect(await readBounce(bare)).toMatchObject({ kind: "unsubscribe", unsubscribeToken: token });
  });

  test("says when our side took it, not what its sender's clock says", async () => {
    const received =
      "Received: from a (a [192.0.2.1]) by b with SMTP (x; y); Tue, 24 Nov 2026 10:00:00 +0100 (CET)";
    const older = "Received: from c by a; Mon, 23 Nov 2026 10:00:00 +0100";
    expect((await asks(`unsubscribe ${token}`, received, older)).at).toEqual(
      new Date("2026-11-24T09:00:00Z"),
    );
    expect((await asks(`unsubscribe ${token}`)).at).toBeNull();
  });
});

describe("no mail that asks to unsubscribe", () => {
  test.each([
    ["an answer's answer", `Re: Re: unsubscribe ${token}`],
    ["forwarded", `Fwd: unsubscribe ${token}`],
    ["quoted", `I got "unsubscribe ${token}"`],
    ["with something behind it", `unsubscribe ${token} please`],
    ["in words", "unsubscribe me"],
    ["cut short", `unsubscribe ${token.slice(0, -1)}`],
    ["an automatic reply", `Automatic reply: unsubscribe ${token}`],
  ])("is one whose subject is not just that: %s", async (_what, subject) => {
    expect(await asks(subject)).not.toMatchObject({ kind: "unsubscribe" });
    expect((await asks(subject)).unsubscribeToken).toBeNull();
  });

  test.each(["Auto-Submitted: auto-replied (vacation)", "X-Autoreply: yes", "Precedence: auto_reply"])(
    "is one that a machine answers: %s",
    async (header) => {
      expect((await asks(`Re: unsubscribe ${token}`, header)).kind).not.toBe("unsubscribe");
    },
  );

  test("is a report that has the subject of what it returns", async () => {
    const fields = ["Final-Recipient: rfc822; reader@example.net", "Action: failed", "Status: 5.1.1"];
    const report = await readBounce(dsn({ from: "<>", subject: `unsubscribe ${token}`, fields }));
    expect(report).toMatchObject({ kind: "hard", unsubscribeToken: null });
  });
});

test("nothing a stranger sends is more than not understood", async () => {
  const bytes = fc.uint8Array({ maxLength: 400 });
  const text = fc.array(
    fc.constantFrom(
      "From: ",
      "Subject: ",
      "Content-Type: multipart/mixed; boundary=b",
      "\r\n",
      "--b",
      "--b--",
      "=?utf-8?Q?",
      "550 5.1.1",
      "<",
      "@",
      "\0",
      "é",
    ),
    { maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        bytes,
        text.map((words) => Buffer.from(words.join(""))),
      ),
      async (raw) => {
        const { kind, deliveredTo, recipients } = await readBounce(raw);
        expect(["hard", "soft", "complaint", "unsubscribe", "ignored", "unrecognised"]).toContain(kind);
        expect([deliveredTo, recipients].every(Array.isArray)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

test("a mail nested beyond reason is not understood", async () => {
  const depth = 200;
  const open = Array.from(
    { length: depth },
    (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`,
  );
  expect(await readBounce(Buffer.from(`From: a@b.example\r\n${open.join("")}`))).toMatchObject({
    kind: "unrecognised",
  });
});

test("of a mail with lines without end the beginning is read", async () => {
  const said = "<reader@example.net>: 550 5.1.1 user unknown";
  const blank = "\r\n".repeat(30_000);
  const bounce = (...body: string[]) =>
    readBounce(mail({ from: "MAILER-DAEMON@example.net", subject: "failure notice", body }));
  expect(await bounce(said, blank)).toMatchObject({ kind: "hard", recipients: ["reader@example.net"] });
  expect(await bounce(blank, said)).toMatchObject({ kind: "soft", recipients: [] });
});
