import { dkimVerify } from "mailauth";
import { onTheWire, relaxBody, splitMessage } from "../src/dkim/canonicalise.ts";
import { createSigner, type DkimSettings, dkimRecord, generateDkimKeys } from "../src/dkim.ts";
import { buildMessage, type MessageInput } from "../src/index.ts";

export const NOW = new Date("2026-11-24T07:00:00Z");

export const keys = generateDkimKeys("paperboy.example", NOW);

export const [rsa, ed] = keys;

export const now = () => Promise.resolve();

export type Body = { readonly subject?: string; readonly text?: string; readonly html?: string };

export const message = ({ subject = "Gates", text = "Hello.\n", html = "<p>Hello.</p>\n" }: Body = {}) =>
  buildMessage(input({ mail: { subject, preheader: "", text, html } }));

export const input = (fields: Partial<MessageInput> = {}): MessageInput => ({
  deliveryId: "d1",
  domain: "paperboy.example",
  from: { name: "Paperboy", address: "papers@paperboy.example" },
  to: "ada@example.org",
  date: NOW,
  mail: { subject: "Gates", preheader: "", text: "Hello.\n", html: "<p>Hello.</p>\n" },
  list: {
    id: "digest.paperboy.example",
    unsubscribeUrl: `https://paperboy.example/unsubscribe?token=${"t".repeat(180)}`,
    unsubscribeMailto: "mailto:leave@paperboy.example?subject=t",
  },
  ...fields,
});

/** What an independent verifier says of each signature, with only the records of `settings` in its DNS. */
export async function verdicts(raw: string | Buffer, settings: readonly DkimSettings[] = keys) {
  const zone = new Map(settings.map(dkimRecord).map(({ name, value }) => [name, value]));
  const { results } = await dkimVerify(Buffer.from(raw as string, "latin1"), {
    resolver: async (name) => {
      const value = zone.get(name);
      if (value === undefined) throw Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
      return [value.match(/.{1,255}/g) ?? []];
    },
  });
  return results.map((each) => {
    const { selector, algo, status } = each as typeof each & { readonly algo: string };
    return [selector, algo, status.result];
  });
}

export const BOTH_PASS = [
  [rsa.selector, "rsa-sha256", "pass"],
  [ed.selector, "ed25519-sha256", "pass"],
];

/** The message of these octets as it goes over the wire, signed. */
export function signed(raw: string, settings: readonly DkimSettings[] = keys): string {
  const wire = onTheWire(Buffer.from(raw, "latin1"));
  const { fields, body } = splitMessage(wire);
  const signatures = createSigner(settings, () => NOW)(fields, [relaxBody(body)]);
  return [...signatures, wire.toString("latin1")].join("\r\n");
}

/** Header lines by lower-case name, unfolded. */
export const headersOf = (raw: string) =>
  (raw.split("\r\n\r\n")[0] ?? "").split(/\r\n(?![ \t])/).map((field) => field.replace(/\r\n/g, ""));
