import { describe, expect, test } from "vitest";
import { readWebhook, WebhookError } from "../src/index.ts";

const at = new Date("2026-11-24T07:00:00Z");
const ses = (event: object, timestamp = at.toISOString()) =>
  readWebhook("ses", { ...event, mail: { timestamp, source: "digest@papers.example.org" } });
const bounce = (bounceType: string, diagnosticCode: string) =>
  ses({
    notificationType: "Bounce",
    bounce: {
      bounceType,
      bounceSubType: "General",
      bouncedRecipients: [{ emailAddress: "Reader@Example.net", diagnosticCode }],
    },
  });

describe("Amazon SES", () => {
  test.each([
    ["Permanent", "smtp; 550 5.1.1 user unknown", "hard"],
    ["Permanent", "", "hard"],
    ["Permanent", "smtp; 550 5.7.1 blocked by spamhaus", "soft"],
    ["Transient", "smtp; 452 4.2.2 mailbox full", "soft"],
    ["Undetermined", "", "soft"],
  ])("%s %s is %s", (type, diagnostic, kind) => {
    expect(bounce(type, diagnostic)).toMatchObject({
      reports: [{ kind, delayed: false, recipients: ["reader@example.net"], at }],
      notice: null,
    });
  });

  test("tells in the way of a bounce of a vacation note, which changes nothing", () => {
    const told = (bounceType: string, bounceSubType: string, person: object = {}) => {
      const bouncedRecipients = [{ emailAddress: "reader@example.net", ...person }];
      return ses({ notificationType: "Bounce", bounce: { bounceType, bounceSubType, bouncedRecipients } })
        .reports[0]?.kind;
    };
    expect(told("Transient", "General")).toBe("ignored");
    expect(
      told("Transient", "General", {
        diagnosticCode: "smtp; 250 2.1.5 OK",
        status: "2.1.5",
        action: "relayed",
      }),
    ).toBe("ignored");
    expect(told("Transient", "General", { diagnosticCode: "smtp; 451 4.3.0 try again" })).toBe("soft");
    expect(told("Transient", "General", { status: "5.0.0", action: "failed" })).toBe("soft");
    expect(told("Transient", "MailboxFull")).toBe("soft");
    expect(told("Permanent", "General")).toBe("hard");
  });

  test("tells of complaints, warnings and success, by notification or event", () => {
    const complaint = {
      complainedRecipients: [{ emailAddress: "reader@example.net" }],
      complaintFeedbackType: "abuse",
    };
    const delay = {
      delayType: "MailboxFull",
      delayedRecipients: [{ emailAddress: "reader@example.net", status: "4.2.2" }],
    };
    expect(ses({ eventType: "Complaint", complaint }).reports[0]).toMatchObject({ kind: "complaint" });
    expect(ses({ eventType: "DeliveryDelay", deliveryDelay: delay }).reports[0]).toMatchObject({
      kind: "soft",
      delayed: true,
    });
    expect(ses({ notificationType: "Delivery", delivery: {} }).reports[0]).toMatchObject({ kind: "ignored" });
  });

  test("comes in the envelope of SNS, or as text", () => {
    const event = {
      notificationType: "Bounce",
      bounce: { bounceType: "Permanent", bouncedRecipients: [{ emailAddress: "reader@example.net" }] },
    };
    const envelope = { Type: "Notification", MessageId: "1", Message: JSON.stringify(event) };
    for (const body of [envelope, JSON.stringify(envelope), event]) {
      expect(readWebhook("ses", body).reports).toMatchObject([
        { kind: "hard", recipients: ["reader@example.net"] },
      ]);
    }
  });

  test("has its subscription confirmed by a person, and at Amazon's only", () => {
    const ask = (SubscribeURL: string) =>
      readWebhook("ses", { Type: "SubscriptionConfirmation", SubscribeURL });
    const url = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=1";
    expect(ask(url)).toEqual({ reports: [], notice: expect.stringContaining(url) });
    for (const other of [
      "http://127.0.0.1:1/",
      "https://sns.eu-west-1.amazonaws.com.example.net/",
      "x",
      "",
    ]) {
      const { notice } = ask(other);
      expect(notice).toContain("not Amazon's");
      expect(notice).not.toContain("http");
    }
    expect(readWebhook("ses", { Type: "UnsubscribeConfirmation" })).toEqual({ reports: [], notice: null });
    expect(
      readWebhook("ses", { Type: "Notification", Message: "Successfully validated SNS topic" }).reports,
    ).toEqual([]);
  });
});

describe("Postmark", () => {
  const record = (Type: string, more: object = {}) =>
    readWebhook("postmark", {
      RecordType: "Bounce",
      Type,
      Email: "Reader@Example.net",
      BouncedAt: at.toISOString(),
      ...more,
    });

  test.each([
    ["HardBounce", "hard", false],
    ["BadEmailAddress", "hard", false],
    ["SoftBounce", "soft", false],
    ["SpamNotification", "soft", false],
    ["DMARCPolicy", "soft", false],
    ["Transient", "soft", true],
    ["SpamComplaint", "complaint", false],
    ["Unsubscribe", "complaint", false],
    ["AutoResponder", "ignored", false],
    ["ChallengeVerification", "ignored", false],
    ["SMTPApiError", "ignored", false],
  ])("%s is %s", (type, kind, delayed) => {
    expect(record(type, { Details: "smtp;550 5.1.1 user unknown" }).reports).toMatchObject([
      { kind, delayed, recipients: ["reader@example.net"], at },
    ]);
  });

  test("tells of complaints and of changes in a way of their own", () => {
    expect(
      readWebhook("postmark", { RecordType: "SpamComplaint", Email: "reader@example.net" }).reports,
    ).toMatchObject([{ kind: "complaint", recipients: ["reader@example.net"] }]);
    const change = (SuppressSending: boolean, SuppressionReason: string | null) =>
      readWebhook("postmark", {
        RecordType: "SubscriptionChange",
        Recipient: "reader@example.net",
        SuppressSending,
        SuppressionReason,
      }).reports[0];
    expect(change(true, "HardBounce")).toMatchObject({ kind: "hard" });
    expect(change(true, "ManualSuppression")).toMatchObject({ kind: "complaint" });
    expect(change(false, null)).toMatchObject({ kind: "ignored" });
  });
});

test.each([
  ["ses", {}],
  ["ses", { notificationType: "Bounce" }],
  ["ses", "not json"],
  ["ses", null],
  ["postmark", {}],
  ["postmark", { RecordType: "Bounce" }],
  ["postmark", []],
] as const)("a body that is no notification of %s is refused: %j", (provider, body) => {
  expect(() => readWebhook(provider, body)).toThrow(WebhookError);
});
