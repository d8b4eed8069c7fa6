import { BodyRefused } from "./body.ts";
import type { FetchOutcome } from "./outcome.ts";
import { GuardRefused } from "./url-guard.ts";

/** A fetch that was ended from here: out of time, or told to stop. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

const LOST: Readonly<Record<string, string>> = {
  ENOTFOUND: "the host name is not known",
  ENODATA: "the host name has no address",
  EAI_AGAIN: "the name server did not answer",
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was cut",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  ETIMEDOUT: "the connection took too long",
  UND_ERR_SOCKET: "the connection was cut",
  UND_ERR_CONNECT_TIMEOUT: "the connection took too long",
  UND_ERR_HEADERS_TIMEOUT: "the server did not answer in time",
  UND_ERR_BODY_TIMEOUT: "the server stopped sending",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "the answer was cut short",
  UND_ERR_CLOSED: "the fetcher is closed",
  UND_ERR_DESTROYED: "the fetcher is closed",
  Z_BUF_ERROR: "the answer was cut short",
};
const REFUSED: Readonly<Record<string, string>> = {
  UND_ERR_HEADERS_OVERFLOW: "the header of the answer is too large",
};

/** What an error of any layer means to whoever asked. */
export function outcomeOfError(thrown: unknown): FetchOutcome {
  const error = innermost(thrown);
  const { code = "", message } = error as NodeJS.ErrnoException;
  if (error instanceof GuardRefused || error instanceof BodyRefused)
    return { kind: "refused", reason: message };
  const refusal = REFUSED[code];
  if (refusal !== undefined) return { kind: "refused", reason: refusal };
  // A request that cannot be sent as it is fails tomorrow as well.
  if (code === "UND_ERR_INVALID_ARG") return { kind: "refused", reason: message };
  return {
    kind: "lost",
    reason: LOST[code] ?? byFamily(error) ?? (message || code || "the connection failed"),
  };
}

function byFamily({ name, message, code = "" }: NodeJS.ErrnoException): string | null {
  // undici's parser gives no code, only what it expected.
  if (name === "HTTPParserError")
    return message.includes("EOF") ? "the answer was cut short" : "the answer is not HTTP";
  // Brotli has its own names, such as ERR__ERROR_FORMAT_PADDING_1.
  if (code.startsWith("Z_") || code.startsWith("ERR__ERROR_")) return "the answer is packed in a damaged way";
  return null;
}

/** Connecting to several addresses fails with all their errors in one. */
function innermost(thrown: unknown): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  return inner instanceof Error ? innermost(inner) : error;
}
