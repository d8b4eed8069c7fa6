import type { RefusalClass } from "./classify.ts";

/** The step of an SMTP session that got an answer; `message` is what follows the final dot. */
export type SmtpPhase = "connect" | "auth" | "mail" | "rcpt" | "data" | "message";

/** A relay's refusal, as far as it is classified by. */
export interface SmtpReply {
  /** SMTP reply code, e.g. 550. */
  readonly code: number;
  /** RFC 3463 enhanced status code, e.g. `5.1.1`; null when there was none. */
  readonly enhanced: string | null;
  /** The step of the session that got it. */
  readonly phase: SmtpPhase;
}

/** How sending one mail ended; decided once, where it is sent. */
export type SendOutcome =
  /** The relay answered 2xx to the final dot. */
  | { readonly kind: "submitted"; readonly response: string }
  /** The relay said no; what follows from each class stands in `CONSEQUENCES`. */
  | ({ readonly kind: "refused"; readonly class: RefusalClass; readonly response: string } & SmtpReply)
  /** The connection failed. Before the dot nothing was submitted; after it nobody can know. */
  | { readonly kind: "lost"; readonly dotted: boolean; readonly error: Error }
  /** We gave up ourselves before the dot: the mark was refused, or the message could not be built. */
  | { readonly kind: "aborted"; readonly error: Error };
