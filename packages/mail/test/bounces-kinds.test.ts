import { describe, expect, test } from "vitest";
import { dns, kindOf } from "./bounce-kinds.ts";
import { arf, exim, mail, qmail, reply } from "./bounce-makers.ts";

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
