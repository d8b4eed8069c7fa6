import type { SendOutcome } from "@paperboy/core";
import { domainOf } from "@paperboy/core";
import { buildMessage, type OutgoingMail } from "../message.ts";
import type { Sender } from "../sender.ts";
import { createTransport, type TransportSettings } from "../transport.ts";
import { whyNoRelay } from "./relay.ts";
import { ok, type Verdict, wrong } from "./verdict.ts";

/** One real mail to somebody who wants to know whether mails arrive. */
export interface TestMail {
  /** Names the mail as a delivery's id does; a UUID. */
  readonly id: string;
  readonly from: Sender;
  /** An address that `parseAddress` accepted. */
  readonly to: string;
  readonly date: Date;
  readonly publicUrl: string;
  readonly returnPath?: string;
}

/** Milliseconds; a relay may look at a mail for a while before it answers. */
const TIMEOUTS = { connect: 10_000, greeting: 10_000, socket: 60_000 };

/** What a receiver writes on top of a mail that passed (RFC 8601). */
const WANTED = "spf=pass, dkim=pass and dmarc=pass";

/** Sends one mail the way digests go, signed and with their headers but those of a list; tells what the relay said. */
export async function sendTestMail(settings: TransportSettings, mail: TestMail): Promise<Verdict> {
  const transport = createTransport({ ...settings, connections: 1, timeouts: TIMEOUTS });
  const outcome = await transport
    .send(testMessage(mail), { beforeDot: async () => {} })
    .finally(() => transport.close());
  return told(outcome, mail.to, settings.smtpUrl);
}

function testMessage({ id, from, to, date, publicUrl, returnPath }: TestMail): OutgoingMail {
  const lines = [
    `This is a test mail of Paperboy at ${publicUrl}. Its operator asked for it; it subscribes no one.`,
    `To see how it was received, show its source and look at Authentication-Results: ${WANTED} should stand there.`,
  ];
  const message = buildMessage({
    deliveryId: id,
    domain: domainOf(from.address),
    ...{ from, to, date },
    mail: {
      subject: "A test mail of Paperboy",
      preheader: "",
      text: `${lines.join("\n\n")}\n`,
      html: `<!doctype html><html lang="en"><body>${lines.map((line) => `<p>${escapeHtml(line)}</p>`).join("")}</body></html>\n`,
    },
    ...(returnPath !== undefined && { returnPath }),
  });
  // Nobody should count it among the digests, or the confirmations.
  return { ...message, headers: { ...message.headers, "Feedback-ID": "test:paperboy" } };
}

const escapeHtml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function told(outcome: SendOutcome, to: string, smtpUrl: string): Verdict {
  switch (outcome.kind) {
    case "submitted":
      return ok(
        `the relay took the mail to ${to} (${outcome.response}). Open it there, show its source and look at Authentication-Results: ${WANTED} should stand there`,
      );
    case "refused":
      return wrong(
        `the relay refused the mail to ${to} at ${STEPS[outcome.phase]}: ${outcome.response}: its words say what it wants; MAIL_FROM must be a sender it accepts`,
      );
    case "lost":
      return outcome.dotted
        ? wrong(
            `the connection broke when the mail to ${to} was out (${outcome.error.message}): see whether it arrived before you send another`,
          )
        : wrong(`the mail to ${to} was not sent: ${whyNoRelay(outcome.error, smtpUrl)}`);
    case "aborted":
      return wrong(`the mail to ${to} was not sent: ${outcome.error.message}`);
    default:
      return outcome satisfies never;
  }
}

const STEPS = {
  connect: "the greeting",
  auth: "signing in",
  mail: "MAIL FROM",
  rcpt: "RCPT TO",
  data: "DATA",
  message: "the end of the message",
} as const;
