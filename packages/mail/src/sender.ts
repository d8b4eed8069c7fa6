import { parseAddress } from "@paperboy/core";
import addressparser from "nodemailer/lib/addressparser";

/** Who a mail is from. */
export interface Sender {
  readonly name: string;
  readonly address: string;
}

/** Reads `Paperboy <paperboy@example.org>` or a bare address. Throws what is wrong with it. */
export function parseSender(text: string): Sender {
  const [first, ...rest] = addressparser(text);
  if (!first || rest.length > 0 || first.group) throw new Error(`"${text}" is not one sender`);
  const parsed = parseAddress(first.address);
  if (!parsed.ok) throw new Error(`"${text}" is not a sender: ${parsed.reason}`);
  return { name: first.name, address: parsed.address };
}
