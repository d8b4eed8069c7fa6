import { readBounce } from "../src/index.ts";
import { postfix } from "./bounce-makers.ts";

export const kindOf = async (raw: Buffer) => {
  const { kind, delayed } = await readBounce(raw);
  return delayed ? `${kind}, a warning` : kind;
};

export const dns = (answer: string, status = "5.4.3") =>
  postfix(`Host or domain name not found. Name service error for name=example.net type=MX: ${answer}`, [
    `Status: ${status}`,
    `Diagnostic-Code: X-Postfix; Host or domain name not found. Name service error for name=example.net type=MX: ${answer}`,
  ]);
