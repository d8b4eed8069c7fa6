import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readBounce } from "../src/index.ts";
import {
  arf,
  exim,
  mail,
  multipart,
  OUR_ID,
  parts,
  postfix,
  qmail,
  RETURNED,
  reply,
} from "./bounce-makers.ts";

const kindOf = async (raw: Buffer) => {
  const { kind, delayed } = await readBounce(raw);
  return delayed ? `${kind}, a warning` : kind;
};

const AWAY = [
  ["Abwesenheitsnotiz: 3 papers on gates", "Ich bin bis Montag im Urlaub. Mein Postfach wird nicht gelesen."],
  [
    "Automatische Antwort: 3 papers on gates",
    "Frau Muster arbeitet nicht mehr bei uns, das Konto ist deaktiviert.",
  ],
  ["Réponse automatique : 3 papers on gates", "Je suis absente, ma boîte est pleine."],
  ["Respuesta automática: 3 papers on gates", "Ya no trabajo aquí; la cuenta no existe."],
  ["Risposta automatica: 3 papers on gates", "Sono fuori sede, l'indirizzo non esiste più."],
  ["Automatisch antwoord: 3 papers on gates", "Ik ben afwezig."],
  ["Resposta automática: 3 papers on gates", "Estou de férias até sexta."],
  ["自動応答: 3 papers on gates", "本日は休みをいただいております。"],
  ["Автоответ: 3 papers on gates", "Я в отпуске."],
  ["Autosvar: 3 papers on gates", "Jag är på semester."],
] as const;

describe("a vacation note changes nothing", () => {
  test.each(AWAY)("%s", async (subject, text) => {
    const encoded = `=?utf-8?B?${Buffer.from(subject).toString("base64")}?=`;
    for (const headers of [[], ["Return-Path: <>"], ["Auto-Submitted: auto-replied", "Return-Path: <>"]]) {
      const utf8 = ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8"];
      expect(await kindOf(reply(encoded, [...headers, ...utf8], text))).toBe("ignored");
    }
  });

  test.each([
    [
      "under the subject it answers",
      reply(
        "Re: 3 papers on gates",
        ["Auto-Submitted: auto-replied (vacation)", "Return-Path: <>"],
        "I have left the company, and this account is disabled.",
        "My mailbox is full; it was not delivered to anyone.",
      ),
    ],
    [
      "with the mark of an older program",
      reply(
        "Re: 3 papers on gates",
        ["X-Autoreply: yes", "Return-Path: <>"],
        "The user no longer works here. Delivery to the team failed.",
      ),
    ],
    [
      "passed on by a mail system",
      mail({
        from: "MAILER-DAEMON@relay.example.net",
        subject: "Out of Office: 3 papers on gates",
        headers: ["Return-Path: <>"],
        body: ["I am out of the office until Monday."],
      }),
    ],
  ])("%s", async (_name, raw) => {
    expect(await kindOf(raw)).toBe("ignored");
  });
});

const dns = (answer: string, status = "5.4.3") =>
  postfix(`Host or domain name not found. Name service error for name=example.net type=MX: ${answer}`, [
    `Status: ${status}`,
    `Diagnostic-Code: X-Postfix; Host or domain name not found. Name service error for name=example.net type=MX: ${answer}`,
  ]);

describe("the domain system", () => {
  test.each([
    ["a damaged answer", dns("Malformed or unexpected name server reply")],
    ["a damaged answer, with another status", dns("Malformed or unexpected name server reply", "5.4.4")],
    ["an answer for the time being", dns("Host not found, try again", "4.4.3")],
    ["SERVFAIL", exim("DNS Error: DNS type 'mx' lookup of example.net responded with code SERVFAIL")],
    ["REFUSED", exim("DNS Error: DNS type 'mx' lookup of example.net responded with code REFUSED")],
    ["FORMERR", exim("host lookup for example.net: FORMERR from name server")],
    [
      "name servers that do not answer",
      qmail("Sorry, name servers for example.net did not respond: domain not found."),
    ],
    ["a look-up that failed", exim("host name lookup failure: domain example.net not found")],
    ["a truncated reply", exim("DNS reply was truncated, domain name could not be found")],
    ["the resolver of Unix", exim("Temporary failure in name resolution: unknown host example.net")],
    ["a look-up without an end", exim("host lookup did not complete")],
    ["a broken signature", exim("DNSSEC validation failed: unable to resolve host")],
  ])("%s is soft", async (_name, raw) => {
    expect(await kindOf(raw)).toBe("soft");
  });

  test.each([
    [
      "NXDOMAIN",
      exim(
        "DNS Error: DNS type 'mx' lookup of example.net responded with code NXDOMAIN. Domain name not found",
      ),
    ],
    ["a host without records", dns("Host not found", "5.4.4")],
    ["no data", dns("Host found but no data record of requested type", "5.4.4")],
    ["qmail's words", qmail("Sorry, I couldn't find any host named example.net. (#5.1.2)")],
    ["Exim's word", exim("Unrouteable address")],
    ["a domain that takes no mail", exim("an MX or SRV record indicated no SMTP service: Null MX")],
    ["a failure that names its cause", exim("DNS failure: domain does not exist")],
  ])("%s is hard", async (_name, raw) => {
    expect(await kindOf(raw)).toBe("hard");
  });
});

const robot = (from: string, subject: string, ...body: string[]) =>
  mail({ from, subject, headers: [`Return-Path: <${from}>`], body });

describe("what no-reply@ tells in words", () => {
  test.each([
    [
      "a full mailbox",
      robot(
        "no-reply@mx.example.net",
        "Delivery failed",
        "Your mail to reader@example.net was not delivered:",
        "the mailbox is full.",
      ),
    ],
    [
      "a quota",
      robot(
        "noreply@mx.example.net",
        "Undeliverable: 3 papers on gates",
        "The recipient's inbox is over quota. <reader@example.net>",
      ),
    ],
    [
      "a full mailbox and no more",
      robot(
        "do-not-reply@mx.example.net",
        "Mailbox full",
        "The mailbox of reader@example.net has exceeded its quota. Your message could not be delivered.",
      ),
    ],
    [
      "in German",
      robot(
        "noreply@mx.example.net",
        "Unzustellbar: 3 papers on gates",
        "Das Postfach von reader@example.net ist voll.",
      ),
    ],
  ])("%s is soft", async (_name, raw) => {
    const report = await readBounce(raw);
    expect(report).toMatchObject({
      kind: "soft",
      delayed: false,
      recipients: ["reader@example.net"],
      status: "5.2.2",
    });
  });

  test("nobody there is hard, and everything else is no report", async () => {
    const hard = robot(
      "no-reply@mx.example.net",
      "Returned mail",
      "550 5.1.1 <reader@example.net>: no such user here",
    );
    expect(await kindOf(hard)).toBe("hard");
    for (const raw of [
      robot(
        "no-reply@shop.example.net",
        "Your order",
        "Your mailbox (the one of steel) is ready for pick-up.",
      ),
      robot("noreply@example.net", "Welcome", "Your account was created. This address does not accept mail."),
    ])
      expect(await kindOf(raw)).toBe("unrecognised");
  });
});

describe("whose fault", () => {
  test.each([
    ["a filter, though it says 5.1.1", "550 5.1.1 <reader@example.net> message classified as spam"],
    ["a filter with 5.2.1", "550 5.2.1 rejected because of spam content, user unknown to our whitelist"],
    ["a block list", "554 5.7.1 Service unavailable; client host [192.0.2.1] blocked using zen.spamhaus.org"],
    ["a policy", "550 5.7.1 Our policy does not permit this message"],
    [
      "a greylist",
      "450 4.2.0 <reader@example.net>: Recipient address rejected: Greylisted, see https://example.net/unknown-user",
    ],
    [
      "a greylist that never ended",
      "451 4.7.1 Greylisting in action, please come back later; retry timeout exceeded",
    ],
    ["an unknown sender", "550 5.1.0 sender address unknown"],
    [
      "DMARC",
      "550 5.7.26 Unauthenticated email from papers.example.org is not accepted due to its DMARC policy",
    ],
    ["a rate", "550 5.4.5 Daily user sending quota exceeded"],
  ])("%s is soft", async (_name, answer) => {
    expect(await kindOf(qmail(`Remote host said: ${answer}`))).toBe("soft");
  });
});

describe("complaints in other spellings", () => {
  test.each(["ABUSE", '"abuse"', "abuse (spam)", "fraud", "virus", "opt-out", "other", "miscategorized"])(
    "%s",
    async (type) => {
      expect(await kindOf(arf([`Feedback-Type: ${type}`, "User-Agent: X/1", "Version: 1"]))).toBe(
        "complaint",
      );
    },
  );

  test.each(["Not-Spam", '"not-spam"', "AUTH-FAILURE", "not-spam (moved back)"])(
    "%s is none",
    async (type) => {
      expect(await kindOf(arf([`Feedback-Type: ${type}`, "User-Agent: X/1", "Version: 1"]))).toBe("ignored");
    },
  );
});

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
