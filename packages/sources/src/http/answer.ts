import { STATUS_CODES } from "node:http";
import type { Dispatcher } from "undici";
import { lookOf } from "../formats/detect.ts";
import { decodeText } from "../formats/xml-encoding.ts";
import { type BodyLimits, BodyRefused, inWords, type Judge, readBeginning, readBody } from "./body.ts";
import type { FetchOutcome, FetchRequest } from "./fetcher.ts";
import { headerOf } from "./hops.ts";
import { GuardRefused } from "./url-guard.ts";

type Answer = Dispatcher.ResponseData;

const MAX_WAIT_MS = 24 * 60 * 60 * 1000;
/** arXiv explains a 400 in its body. */
const EXPLANATION_BYTES = 65_536;

/**
 * Reads the answer at the end of a fetch. Whatever comes of it, its body is over afterwards: it was read, or it is
 * cut off, so that it holds the one connection of its origin no longer.
 * @throws {GuardRefused | BodyRefused}
 */
export async function readAnswer(
  answer: Answer,
  { url, accept }: Pick<FetchRequest, "url" | "accept">,
  limits: BodyLimits,
  now: Date,
): Promise<FetchOutcome> {
  try {
    return await outcomeOf(answer, { url, ...(accept && { accept }) }, limits, now);
  } finally {
    // Destroying reports itself as an error that nobody else listens for.
    answer.body.on("error", () => undefined).destroy();
  }
}

async function outcomeOf(
  answer: Answer,
  { url, accept }: Pick<FetchRequest, "url" | "accept">,
  limits: BodyLimits,
  now: Date,
): Promise<FetchOutcome> {
  const { statusCode: status, body } = answer;
  const encoding = headerOf(answer, "content-encoding");
  const reason = `${status} ${STATUS_CODES[status] ?? ""}`.trim();
  if (status === 304) {
    await body.dump();
    return { kind: "unchanged", status, url, ...describedBy(answer) };
  }
  if (status === 429 || status === 503) {
    await body.dump();
    return { kind: "busy", status, reason, retryAt: retryAfter(headerOf(answer, "retry-after"), now) };
  }
  // Nobody asked for a part of it (206).
  if (status < 200 || status > 299 || status === 206) {
    const beginning = { ...limits, beginning: EXPLANATION_BYTES };
    return { kind: "failed", status, reason, body: await readBeginning(body, encoding, beginning) };
  }
  const contentType = headerOf(answer, "content-type") ?? "";
  requireLength(headerOf(answer, "content-length"), limits);
  const content = await readBody(body, encoding, limits, judgeOf(contentType, accept));
  return { kind: "ok", status, url, body: content, contentType, ...describedBy(answer) };
}

/** So much of a body tells what it is, white space in front aside. */
const TELLING_BYTES = 64;
const MAX_BLANK = 1_000;

/**
 * Media types are compared without parameters; what has no type is left to whoever reads it. Servers that do not know feeds
 * send them as `text/html` or `application/octet-stream`, so that a body of the wrong type is taken when it begins like what
 * was asked for.
 */
function judgeOf(contentType: string, accept: readonly string[] | undefined): Judge {
  const type = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const isTaken = accept?.some((each) => each.toLowerCase() === type) ?? type !== "text/html";
  if (isTaken || type === "") return () => null;
  const expected = accept?.join(" or ") ?? "anything but a web page";
  return (beginning, isAll) => {
    const text = decodeText(beginning.subarray(0, MAX_BLANK))
      .text.replace(/^\ufeff/, "")
      .trimStart();
    const isEnough = isAll || text.length >= TELLING_BYTES || beginning.length >= MAX_BLANK;
    if (!isEnough && (text === "" || /^[<{[]/.test(text))) return undefined;
    return looksWanted(text, accept)
      ? null
      : new GuardRefused(`expected ${expected}, found ${type.slice(0, 100)}`);
  };
}

function looksWanted(text: string, accept: readonly string[] = []): boolean {
  const look = lookOf(text);
  if (look === "XML") return accept.some((type) => type.endsWith("xml"));
  return look.startsWith("a JSON") && accept.some((type) => type.endsWith("json"));
}

function requireLength(announced: string | null, { packedBytes }: BodyLimits): void {
  if (Number(announced) > packedBytes) throw new BodyRefused(`larger than ${inWords(packedBytes)}`);
}

const describedBy = (answer: Answer) => ({
  etag: headerOf(answer, "etag"),
  lastModified: headerOf(answer, "last-modified"),
  date: httpDate(headerOf(answer, "date")),
});

/** Seconds or a date (RFC 9110, section 10.2.3), at most a day ahead. */
function retryAfter(value: string | null, now: Date): Date | null {
  const isSeconds = value !== null && /^\s*\d+\s*$/.test(value);
  const at = isSeconds ? now.getTime() + Number(value) * 1000 : httpDate(value)?.getTime();
  if (at === undefined) return null;
  return new Date(Math.min(Math.max(at, now.getTime()), now.getTime() + MAX_WAIT_MS));
}

/** A date of HTTP starts with its weekday and is GMT, said or not; `Date` would read one into almost any text. */
function httpDate(value: string | null): Date | null {
  if (value === null || !/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(value)) return null;
  const at = Date.parse(value.endsWith("GMT") ? value : `${value} GMT`);
  return Number.isNaN(at) ? null : new Date(at);
}
