import { bounceAddress, DAY_MS, parseSigningKeys } from "@paperboy/core";
import { runUntilDone } from "@paperboy/worker";
import { addReaders, gatePapers, publish } from "./readers.ts";
import { SECRET_KEYS } from "./secret.ts";
import type { TestService } from "./service.ts";

export const keys = parseSigningKeys(SECRET_KEYS);
export const BOUNCE_DOMAIN = "bounces.example.org";

/** A mail that went out, and to whom. */
export interface SentMail {
  readonly id: string;
  readonly email: string;
  readonly subscriptionId: string;
  /** Where it comes back to. */
  readonly returnPath: string;
}

/** Subscribes readers and sends each of them one digest at `now`; in the order of their addresses. */
export async function sendDigests(
  { store, worker }: Pick<TestService, "store" | "worker">,
  readers: number,
  now: Date,
): Promise<SentMail[]> {
  const before = new Date(now.getTime() - DAY_MS);
  await publish(store, gatePapers(1), before);
  await addReaders(store, readers, before);
  await runUntilDone(worker, now);
  return sentMails({ store });
}

/** Digests that went out, by address, the newest of a reader last. */
export async function sentMails({ store }: Pick<TestService, "store">) {
  const list = await store.deliveries.list({ status: "submitted", limit: 1_000 });
  const mails = await Promise.all(
    list
      .filter(({ kind }) => kind === "digest")
      .map(async ({ id, email, plannedAt }) => ({
        id,
        email,
        plannedAt,
        subscriptionId: (await store.subscriptions.findByAddress(email)) ?? "",
        returnPath: bounceAddress(id, BOUNCE_DOMAIN, keys),
      })),
  );
  return mails.sort(
    (a, b) => a.email.localeCompare(b.email) || a.plannedAt.getTime() - b.plannedAt.getTime(),
  );
}

/** A delivery report (RFC 3464) that came to a return path. */
export function report(to: string, status: string, action = "failed"): Buffer {
  return multipart(to, "Undelivered Mail Returned to Sender", "delivery-status", [
    "Reporting-MTA: dns; mx.example.net",
    "",
    "Final-Recipient: rfc822; reader@example.org",
    `Action: ${action}`,
    `Status: ${status}`,
    `Diagnostic-Code: smtp; ${status.startsWith("4") ? 450 : 550} ${status} no`,
  ]);
}

/** A complaint (RFC 5965) that came to a return path. */
export function complaint(to: string): Buffer {
  return multipart(to, "complaint", "feedback-report", [
    "Feedback-Type: abuse",
    "User-Agent: X/1",
    "Version: 1",
  ]);
}

function multipart(to: string, subject: string, type: string, fields: readonly string[]): Buffer {
  return Buffer.from(
    [
      "From: MAILER-DAEMON@mx.example.net",
      `To: ${to}`,
      `Subject: ${subject}`,
      "MIME-Version: 1.0",
      `Content-Type: multipart/report; report-type=${type}; boundary=b`,
      "",
      "--b",
      "Content-Type: text/plain",
      "",
      "Sorry.",
      "--b",
      `Content-Type: message/${type}`,
      "",
      ...fields,
      "--b--",
      "",
    ].join("\r\n"),
  );
}
