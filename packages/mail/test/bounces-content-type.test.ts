import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readBounce } from "../src/index.ts";
import { kindOf } from "./bounce-kinds.ts";
import { mail, multipart, OUR_ID, parts, RETURNED } from "./bounce-makers.ts";

describe("a Content-Type that is not written as it should be", () => {
  const WORDS = ["The following address had a delivery error:", "", "reader@example.net [User unknown]"];
  const from = "Mail Deliver System <MAILER-DAEMON>";
  const told = (root: readonly string[], part: readonly string[], words: readonly string[] = WORDS) =>
    mail({
      from,
      subject: "Returned Mail: User unknown",
      headers: ["Return-Path: <>", "MIME-Version: 1.0", ...root],
      body: [
        "--b",
        ...part,
        "",
        ...words,
        "",
        "--b",
        "Content-Type: message/rfc822",
        "",
        ...RETURNED,
        "",
        "--b--",
      ],
    });
  const MIXED = ["Content-Type: multipart/mixed; boundary=b"];
  const PLAIN = ["Content-Type: text/plain"];

  test.each([
    ["no semicolon before a folded charset", MIXED, ["Content-Type: text/plain", '   charset="iso-2022-jp"']],
    ["no semicolon on the line", MIXED, ["Content-type: text/plain charset=us-ascii"]],
    ["two of them, and one at the end", MIXED, ["Content-Type: text/plain;; charset=us-ascii;"]],
    ["a comma", MIXED, ["Content-Type: text/plain, charset=us-ascii"]],
    ["half a type", MIXED, ["Content-Type: text"]],
    ["no type", MIXED, ["Content-Type: ; charset=us-ascii"]],
    ["a quote that stays open", MIXED, ['Content-Type: text/plain; charset="us-ascii']],
    ["a charset nobody knows", MIXED, ["Content-Type: text/plain; charset=x-unknown-8bit"]],
    ["a boundary without a semicolon", ["Content-Type: multipart/mixed boundary=b"], PLAIN],
    ["a boundary on a line of its own", ["Content-Type: multipart/mixed", " boundary=b"], PLAIN],
    ["spaces around the sign", ["Content-Type: multipart/mixed; boundary = b"], PLAIN],
    ["no boundary", ["Content-Type: multipart/mixed"], PLAIN],
    ["an empty boundary", ['Content-Type: multipart/mixed; boundary=""'], PLAIN],
  ])("%s", async (_name, root, part) => {
    const report = await readBounce(told(root, part));
    expect(report).toMatchObject({ kind: "hard", recipients: ["reader@example.net"], status: "5.1.1" });
    expect(report.originalMessageId).toBe(OUR_ID);
  });

  test("a delivery status is found all the same", async () => {
    const raw = mail({
      from,
      subject: "Delivery failure",
      headers: ["MIME-Version: 1.0", "Content-Type: multipart/report report-type=delivery-status boundary=b"],
      body: parts([
        { type: "text/plain charset=utf-8", lines: ["It failed."] },
        {
          type: "message/delivery-status charset=utf-8",
          lines: [
            "Reporting-MTA: dns; x",
            "",
            "Final-Recipient: rfc822; reader@example.net",
            "Action: failed",
            "Status: 5.1.1",
          ],
        },
      ]),
    });
    expect(await readBounce(raw)).toMatchObject({
      kind: "hard",
      format: "dsn",
      recipients: ["reader@example.net"],
    });
  });

  test("one that is as it should be stays what it is", async () => {
    const raw = mail({
      from,
      subject: "Returned mail",
      headers: [...multipart('mixed; charset="utf-8"'), "Return-Path: <>"],
      body: parts([{ type: 'text/plain; name="a; b=c"; charset=utf-8', lines: WORDS }]),
    });
    expect(await kindOf(raw)).toBe("hard");
  });

  const CASE = fileURLToPath(
    new URL("../../../../shared/data/cases/20-bounce-broken-content-type/bounce-x1.eml", import.meta.url),
  );
  test.skipIf(!existsSync(CASE))("as it was reported", async () => {
    expect(await readBounce(readFileSync(CASE))).toMatchObject({
      kind: "hard",
      recipients: ["kijitora@example.org"],
    });
  });
});
