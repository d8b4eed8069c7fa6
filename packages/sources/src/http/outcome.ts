export interface FetchRequest {
  readonly url: string;
  /** Validators of the last answer (RFC 9110, section 13.1). */
  readonly etag?: string | null;
  readonly lastModified?: string | null;
  /** Media types that are taken, without parameters; anything but HTML when absent. */
  readonly accept?: readonly string[];
  /** Sent to the origin of `url`, and to no other that it redirects to. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** What an answer says of itself; `url` is where it was found after all redirects, `date` the clock of the server. */
export interface Described {
  readonly url: string;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly date: Date | null;
}

/** How a fetch ended. Everything that can happen is one of these; nothing is thrown. */
export type FetchOutcome =
  | (Described & {
      readonly kind: "ok";
      readonly status: number;
      readonly body: Buffer;
      readonly contentType: string;
    })
  | (Described & { readonly kind: "unchanged"; readonly status: 304 })
  /** `retryAt` is when to come again, at most a day ahead, if the server says. */
  | {
      readonly kind: "busy";
      readonly status: 429 | 503;
      readonly reason: string;
      readonly retryAt: Date | null;
    }
  /** Any other answer that is no success; `body` is its beginning. */
  | { readonly kind: "failed"; readonly status: number; readonly reason: string; readonly body: Buffer }
  /** The connection, the name or the time failed. */
  | { readonly kind: "lost"; readonly reason: string }
  /** The guard said no. */
  | { readonly kind: "refused"; readonly reason: string };
